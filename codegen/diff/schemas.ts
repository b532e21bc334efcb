/** Compares types by the direction of values: what callers send may only widen, what they receive may only narrow. */
import { isOpenEnum, isOpenUnion } from "../emit/types/flavours.ts";
import { literal, shortType } from "../docs/type_text.ts";
import type { ConnectorModel, JsonScalar, ObjectSchema, Schema, TypeModel } from "../model/mod.ts";
import { type Changes, type Places, same, shape, TEXTS } from "./changes.ts";
import { compareLimits } from "./limits.ts";
import {
  asObject,
  became,
  docsOf,
  kindOf,
  membersOf,
  nameOf,
  plural,
  valueList,
  valuesOf,
  width,
} from "./read_schema.ts";

export type Direction = "request" | "response";

interface Types {
  readonly old: ReadonlyMap<string, TypeModel>;
  readonly new: ReadonlyMap<string, TypeModel>;
}

/** A schema with what a reference to it adds. */
interface Seen {
  readonly schema: Exclude<Schema, { kind: "ref" }>;
  readonly nullable: boolean;
}

export class SchemaDiff {
  readonly #changes: Changes;
  readonly #types: Types;
  readonly #compared = new Set<string>();

  constructor(old: ConnectorModel, now: ConnectorModel, changes: Changes) {
    this.#changes = changes;
    this.#types = { old: byName(old.types), new: byName(now.types) };
  }

  /** Named types are compared once, under their own name. */
  compare(old: Schema, now: Schema, direction: Direction, subject: string, outer: Places): void {
    const places = { old: old.at ?? outer.old, new: now.at ?? outer.new };
    if (old.kind === "ref" && now.kind === "ref") {
      const key = `${direction} ${old.name} ${now.name}`;
      if (old.name === now.name) {
        this.#nullable(old.nullable === true, now.nullable === true, direction, subject, places);
        if (this.#compared.has(key)) return;
        this.#compared.add(key);
        const before = this.#types.old.get(old.name);
        const after = this.#types.new.get(now.name);
        if (before === undefined || after === undefined) return;
        this.#bodies(
          {
            schema: this.#resolve(before.schema, "old").schema,
            nullable: before.schema.nullable === true,
          },
          {
            schema: this.#resolve(after.schema, "new").schema,
            nullable: after.schema.nullable === true,
          },
          direction,
          now.name,
          { old: before.at, new: after.at },
        );
        return;
      }
      if (this.#compared.has(key)) return;
      this.#compared.add(key);
    }
    this.#bodies(this.#resolve(old, "old"), this.#resolve(now, "new"), direction, subject, places);
  }

  #resolve(schema: Schema, side: "old" | "new"): Seen {
    let at = schema;
    let nullable = schema.nullable === true;
    const passed = new Set<string>();
    while (at.kind === "ref" && !passed.has(at.name)) {
      passed.add(at.name);
      const target = this.#types[side].get(at.name)?.schema;
      if (target === undefined) break;
      at = target;
      nullable ||= at.nullable === true;
    }
    if (at.kind === "ref") return { schema: { kind: "unknown" }, nullable };
    return { schema: this.#merged(at, side), nullable };
  }

  /** `allOf` over objects is one object with the properties of all. */
  #merged(schema: Exclude<Schema, { kind: "ref" }>, side: "old" | "new"): Seen["schema"] {
    if (schema.kind !== "intersection") return schema;
    const members = schema.members.map((member) => this.#resolve(member, side).schema);
    if (!members.every((member): member is ObjectSchema => member.kind === "object")) return schema;
    const properties = new Map<string, ObjectSchema["properties"][number]>();
    for (const member of members) {
      for (const property of member.properties) {
        const required = property.required || properties.get(property.name)?.required === true;
        properties.set(property.name, { ...property, required });
      }
    }
    return {
      ...schema,
      kind: "object",
      properties: [...properties.values()],
      additional: members.every((member) => member.additional !== false),
    };
  }

  #bodies(old: Seen, now: Seen, direction: Direction, subject: string, places: Places): void {
    this.#nullable(old.nullable, now.nullable, direction, subject, places);
    this.#texts(old.schema, now.schema, subject, places);
    if (same(old.schema, now.schema, TEXTS)) {
      this.#inside(old.schema, now.schema, direction, subject, places);
      return;
    }
    if (old.schema.kind === "unknown" || now.schema.kind === "unknown") {
      const code = now.schema.kind === "unknown" ? "widened" : "narrowed";
      this.#changes.add(`${direction}.${code}`, subject, became(old.schema, now.schema), places);
      return;
    }
    if (old.schema.kind === "union" || now.schema.kind === "union") {
      this.#unions(old.schema, now.schema, direction, subject, places);
      return;
    }
    const values = [valuesOf(old.schema), valuesOf(now.schema)] as const;
    if (values[0] !== undefined && values[1] !== undefined) {
      const open = isOpenEnum(now.schema) || isOpenEnum(old.schema);
      this.#values(values[0], values[1], open, direction, subject, places);
      return;
    }
    if (direction === "response" && isOpenEnum(old.schema) && now.schema.kind === "string") {
      const message = "is no longer told apart by value";
      this.#changes.add("response.value.added", subject, message, places);
      return;
    }
    const order = width(old.schema, now.schema);
    if (order !== undefined) {
      this.#changes.add(`${direction}.${order}`, subject, became(old.schema, now.schema), places);
      return;
    }
    // A record is an object without named properties; two records are compared below.
    const objects = old.schema.kind === now.schema.kind
      ? [undefined, undefined] as const
      : [asObject(old.schema), asObject(now.schema)] as const;
    if (objects[0] !== undefined && objects[1] !== undefined) {
      this.#objects(objects[0], objects[1], direction, subject, places);
      return;
    }
    if (old.schema.kind !== now.schema.kind || isBigint(old.schema) !== isBigint(now.schema)) {
      this.#changes.add("type.changed", subject, became(old.schema, now.schema), places);
      return;
    }
    this.#inside(old.schema, now.schema, direction, subject, places);
  }

  /** Two of the same kind: their parts and limits. */
  #inside(
    old: Seen["schema"],
    now: Seen["schema"],
    direction: Direction,
    subject: string,
    places: Places,
  ): void {
    compareLimits(old, now, direction, subject, places, this.#changes);
    if (old.kind === "array" && now.kind === "array") {
      this.compare(old.items, now.items, direction, `${subject}[]`, places);
    } else if (old.kind === "record" && now.kind === "record") {
      this.compare(old.values, now.values, direction, `${subject}.*`, places);
    } else if (old.kind === "object" && now.kind === "object") {
      this.#objects(old, now, direction, subject, places);
    } else if (old.kind === "union" && now.kind === "union") {
      this.#unions(old, now, direction, subject, places);
    } else if (old.kind === "tuple" && now.kind === "tuple") {
      if (old.items.length !== now.items.length || old.required !== now.required) {
        this.#changes.add("type.changed", subject, became(old, now), places);
        return;
      }
      for (const [index, item] of now.items.entries()) {
        this.compare(old.items[index] ?? item, item, direction, `${subject}[${index}]`, places);
      }
      if (old.rest !== undefined && now.rest !== undefined) {
        this.compare(old.rest, now.rest, direction, `${subject}[]`, places);
      }
    } else if (old.kind === "intersection" && now.kind === "intersection") {
      if (old.members.length !== now.members.length) {
        const code = old.members.length < now.members.length ? "narrowed" : "widened";
        this.#changes.add(`${direction}.${code}`, subject, became(old, now), places);
        return;
      }
      for (const [index, member] of now.members.entries()) {
        this.compare(old.members[index] ?? member, member, direction, subject, places);
      }
    }
  }

  #nullable(
    old: boolean,
    now: boolean,
    direction: Direction,
    subject: string,
    places: Places,
  ): void {
    if (old === now) return;
    const what = direction === "request" ? "accept" : "hold";
    const message = now ? `may ${what} null now` : `can no longer ${what} null`;
    this.#changes.add(`${direction}.${now ? "widened" : "narrowed"}`, subject, message, places);
  }

  #objects(
    old: ObjectSchema,
    now: ObjectSchema,
    direction: Direction,
    subject: string,
    places: Places,
  ): void {
    const before = visible(old, direction);
    const after = visible(now, direction);
    for (const [name, property] of before) {
      if (after.has(name)) continue;
      const at = { old: property.schema.at ?? places.old, new: undefined };
      this.#changes.add(`${direction}.property.removed`, `${subject}.${name}`, "was removed", at);
    }
    for (const [name, property] of after) {
      const inner = `${subject}.${name}`;
      const earlier = before.get(name);
      const at = {
        old: earlier?.schema.at ?? places.old,
        new: property.schema.at ?? places.new,
      };
      if (earlier === undefined) {
        const code = direction === "response"
          ? "response.property.added"
          : property.required
          ? "request.property.added.required"
          : "request.property.added.optional";
        const need = direction === "request" && property.required ? " and is required" : "";
        this.#changes.add(code, inner, `was added${need}: ${shortType(property.schema)}`, at);
        continue;
      }
      if (earlier.required !== property.required) {
        const message = direction === "request"
          ? (property.required ? "is required now" : "is optional now")
          : (property.required ? "is always there now" : "may be missing now");
        const code = property.required ? "required" : "optional";
        this.#changes.add(`${direction}.property.${code}`, inner, message, at);
      }
      this.compare(earlier.schema, property.schema, direction, inner, at);
    }
    this.#additional(old, now, direction, subject, places);
  }

  #additional(
    old: ObjectSchema,
    now: ObjectSchema,
    direction: Direction,
    subject: string,
    places: Places,
  ): void {
    if (typeof old.additional === "object" && typeof now.additional === "object") {
      this.compare(old.additional, now.additional, direction, `${subject}.*`, places);
      return;
    }
    if (same(old.additional, now.additional)) return;
    const rank = (additional: boolean | Schema): number =>
      additional === true ? 2 : additional === false ? 0 : 1;
    const wider = rank(now.additional) > rank(old.additional);
    // Answers could always have properties without a name in the type.
    const code = direction === "request"
      ? (wider ? "request.widened" : "request.narrowed")
      : "response.limit";
    const message = wider
      ? "allows more properties without a name in the spec"
      : "allows fewer properties without a name in the spec";
    this.#changes.add(code, subject, message, places);
  }

  #values(
    old: readonly JsonScalar[],
    now: readonly JsonScalar[],
    open: boolean,
    direction: Direction,
    subject: string,
    places: Places,
  ): void {
    const added = now.filter((value) => !old.includes(value));
    const removed = old.filter((value) => !now.includes(value));
    if (added.length > 0) {
      const code = direction === "request"
        ? "request.value.added"
        : open
        ? "response.value.added"
        : "response.value.added.closed";
      this.#changes.add(code, subject, `${valueList(added)} ${plural(added)} added`, places);
    }
    if (removed.length > 0) {
      const message = `${valueList(removed)} ${plural(removed)} removed`;
      this.#changes.add(`${direction}.value.removed`, subject, message, places);
    }
  }

  /** Members correspond if they have the same name, else the same shape; if one is left over on each side, these are compared. */
  #unions(
    old: Seen["schema"],
    now: Seen["schema"],
    direction: Direction,
    subject: string,
    places: Places,
  ): void {
    const before = [...membersOf(old)];
    const after = [...membersOf(now)];
    for (const identify of [nameOf, (schema: Schema) => shape(schema, TEXTS), kindOf]) {
      for (const member of [...after]) {
        const key = identify(member);
        const found = key === undefined ? undefined : before.find((one) => identify(one) === key);
        if (found === undefined) continue;
        before.splice(before.indexOf(found), 1);
        after.splice(after.indexOf(member), 1);
        this.compare(found, member, direction, subject, places);
      }
    }
    const open = now.kind === "union" && isOpenUnion(now) &&
      (old.kind !== "union" || isOpenUnion(old));
    for (const member of after) {
      const message = `may be ${shortType(member)} now`;
      const code = direction === "request"
        ? "request.widened"
        : open
        ? "response.value.added"
        : "response.widened";
      this.#changes.add(code, subject, message, places);
    }
    for (const member of before) {
      const message = `can no longer be ${shortType(member)}`;
      this.#changes.add(`${direction}.narrowed`, subject, message, places);
    }
  }

  #texts(old: Schema, now: Schema, subject: string, places: Places): void {
    if (old.doc !== now.doc || !same(docsOf(old), docsOf(now))) {
      this.#changes.add("schema.text", subject, "has another description", places);
    }
    if (!same(old.default, now.default)) {
      const message = now.default === undefined
        ? "no longer has a documented default"
        : `has the default ${literal(now.default)} now`;
      this.#changes.add("schema.default", subject, message, places);
    }
    if (!old.deprecated !== !now.deprecated) {
      const message = now.deprecated ? "is deprecated" : "is no longer deprecated";
      this.#changes.add("schema.deprecated", subject, message, places);
    }
  }
}

/** A program has to be changed, though JSON stays the same. */
function isBigint(schema: Schema): boolean {
  return schema.kind === "string" && schema.digits === "bigint";
}

function byName(types: readonly TypeModel[]): ReadonlyMap<string, TypeModel> {
  return new Map(types.map((type) => [type.name, type]));
}

/** Properties as they occur in this direction. */
function visible(
  schema: ObjectSchema,
  direction: Direction,
): ReadonlyMap<string, ObjectSchema["properties"][number]> {
  return new Map(
    schema.properties.filter(({ schema: type }) =>
      direction === "request" ? type.readOnly !== true : type.writeOnly !== true
    ).map((property) => [property.name, property]),
  );
}
