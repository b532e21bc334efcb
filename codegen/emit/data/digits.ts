/** Where the runtime finds whole numbers that programs see as text: a table of the types that hold some, shared by a file's operations. */
import type { Schema } from "../../model/mod.ts";
import { partsOf } from "../../model/schema_parts.ts";
import { matches } from "../../model/types/pattern.ts";
import type { NamedTypes } from "../../model/types/resolve.ts";
import { Code, type Literal, PureExpression } from "../literal.ts";
import type { Imports } from "../scope.ts";

type Builder =
  | "digitsBody"
  | "digitsForm"
  | "digitsJson"
  | "digitsQuery"
  | "digitsResult"
  | "digitsText";

/** What may stand at one place, names, unions and intersections taken apart. */
type Alternatives = readonly Schema[];

export class Digits {
  readonly #types: NamedTypes;
  readonly #name: () => string;
  readonly #nodes: Literal[] = [];
  readonly #known = new Map<string, number>();
  readonly #ids = new Map<Schema, number>();
  /** Names of types, by whether a value holds such a number. */
  readonly #held = new Map<string, boolean>();

  /** `name`: of the constant that becomes the table; asked for once there is one. */
  constructor(types: NamedTypes, name: () => string) {
    this.#types = types;
    let claimed: string | undefined;
    this.#name = () => claimed ??= name();
  }

  /** The table's constant, once all types have been seen. Undefined if no type holds such a number. */
  get table(): { readonly name: string; readonly nodes: Literal } | undefined {
    return this.#nodes.length === 0 ? undefined : { name: this.#name(), nodes: this.#nodes };
  }

  /** A call of `builder` for values of this type; undefined if JSON as usual will do. */
  with(builder: Builder, schema: Schema | undefined, imports: Imports): Literal {
    if (schema === undefined || !this.#holds(schema)) return undefined;
    const root = this.#node(this.#alternatives(schema));
    return new PureExpression(imports.value(builder), [new Code(this.#name()), root]);
  }

  #node(alternatives: Alternatives): number {
    const key = alternatives.map((one) => this.#id(one)).sort((a, b) => a - b).join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const index = this.#nodes.length;
    this.#known.set(key, index);
    // Filled below: a type may lead back to itself.
    this.#nodes.push(undefined);
    const rest = this.#below(alternatives, undefined);
    const all = rest.length === 0 ? undefined : this.#node(rest);
    const at = [...new Set(alternatives.flatMap(namesIn))].flatMap((name) => {
      const own = this.#below(alternatives, name);
      const target = own.length === 0 ? null : this.#node(own);
      return target === (all ?? null) ? [] : [[name, target] as const];
    });
    this.#nodes[index] = {
      self: selfOf(alternatives),
      at: at.length === 0 ? undefined : Object.fromEntries(at),
      all,
    };
    return index;
  }

  /** What may stand below a name, or a place of a list; undefined: one that no type gives. Empty if none holds a number. */
  #below(alternatives: Alternatives, name: string | undefined): Alternatives {
    const found = alternatives.flatMap((one) => partsAt(one, name)).flatMap((one) =>
      this.#alternatives(one)
    );
    const parts = [...new Set(found)];
    return parts.some((one) => this.#holds(one)) ? parts : [];
  }

  #alternatives(schema: Schema): Alternatives {
    const found = new Set<Schema>();
    const open = [schema];
    const seen = new Set<Schema>(open);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const target = at.kind === "ref" ? this.#types.schemaOf(at.name) : undefined;
      const parts = at.kind === "ref"
        ? target === undefined ? [] : [target]
        : at.kind === "union" || at.kind === "intersection"
        ? at.members
        : undefined;
      if (parts === undefined) found.add(at);
      for (const part of parts ?? []) {
        if (seen.has(part)) continue;
        seen.add(part);
        open.push(part);
      }
    }
    return [...found];
  }

  #holds(schema: Schema): boolean {
    const seen = new Set<string>();
    const open: Schema[] = [schema];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (isDigits(at)) {
        if (schema.kind === "ref") this.#held.set(schema.name, true);
        return true;
      }
      if (at.kind !== "ref") open.push(...partsOf(at));
      else if (this.#held.get(at.name) === true) return true;
      else if (!seen.has(at.name) && !this.#held.has(at.name)) {
        seen.add(at.name);
        const target = this.#types.schemaOf(at.name);
        if (target !== undefined) open.push(target);
      }
    }
    for (const name of seen) this.#held.set(name, false);
    return false;
  }

  #id(schema: Schema): number {
    const id = this.#ids.get(schema) ?? this.#ids.size;
    this.#ids.set(schema, id);
    return id;
  }
}

function isDigits(schema: Schema): boolean {
  return schema.kind === "string" && schema.digits !== undefined;
}

function selfOf(alternatives: Alternatives): Literal {
  const found = alternatives.filter(isDigits);
  if (found.length === 0) return undefined;
  return found.some((one) => one.kind === "string" && one.digits === "bigint") ? "bigint" : true;
}

/** Names that mean something of their own: properties, and places of a tuple. */
function namesIn(schema: Schema): string[] {
  if (schema.kind === "object") return schema.properties.map(({ name }) => name);
  return schema.kind === "tuple" ? schema.items.map((_, index) => String(index)) : [];
}

function partsAt(schema: Schema, name: string | undefined): readonly Schema[] {
  switch (schema.kind) {
    case "array":
      return [schema.items];
    case "tuple": {
      const own = name === undefined ? undefined : schema.items[Number(name)];
      return own === undefined ? schema.rest === undefined ? [] : [schema.rest] : [own];
    }
    case "record":
      return [schema.values];
    case "object": {
      const own = schema.properties.find((one) => one.name === name);
      if (own !== undefined) return [own.schema];
      // For a name that is not known beforehand any pattern may be the one.
      const patterns = (schema.patterns ?? []).filter(({ pattern }) =>
        name === undefined || matches(pattern, name)
      );
      return [
        ...patterns.map((one) => one.schema),
        ...(typeof schema.additional === "object" ? [schema.additional] : []),
      ];
    }
    default:
      return [];
  }
}
