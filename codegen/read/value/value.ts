/** Checks defaults and examples against their types: reports which nested value does not fit, and why. */
import { type Cursor, kindOf } from "../../load/cursor.ts";
import type { Key } from "../../load/source.ts";
import type { Schema } from "../../model/schema.ts";
import type { Code } from "../report/codes.ts";
import type { Context } from "../context.ts";
import { isForeign } from "../schema/types.ts";
import { show } from "../report/show.ts";
import { checkBounds } from "./bounds.ts";
import { checkObject } from "./object.ts";
import type { TypeTable } from "../types/table.ts";
import type { Misfit, ValueOptions, ValueTest } from "./misfit.ts";

const ENOUGH = 20;

type Known = Map<Schema, Map<unknown, readonly Misfit[]>>;

export class ValueCheck implements ValueTest {
  readonly types: TypeTable;
  readonly options: ValueOptions;
  readonly misfits: Misfit[] = [];
  /** What did not fit where a type met a value before: alternatives that nest would double the work at each level. */
  readonly #known: Known;

  constructor(types: TypeTable, options: ValueOptions, known: Known = new Map()) {
    this.types = types;
    this.options = options;
    this.#known = known;
  }

  add(path: readonly Key[], message: string, help: string, key = false): void {
    if (this.misfits.length < ENOUGH) this.misfits.push({ path: [...path], message, help, key });
  }

  /** What does not fit, for members of unions, of which each is tried, and for named types, which may be met again. */
  #misfits(schema: Schema, value: unknown, depth: number): readonly Misfit[] {
    const results = this.#known.get(schema) ?? new Map<unknown, readonly Misfit[]>();
    this.#known.set(schema, results);
    const before = results.get(value);
    if (before !== undefined) return before;
    const attempt = new ValueCheck(this.types, this.options, this.#known);
    attempt.check(schema, value, [], depth);
    results.set(value, attempt.misfits);
    return attempt.misfits;
  }

  #addAll(misfits: readonly Misfit[], path: readonly Key[]): void {
    for (const one of misfits) this.add([...path, ...one.path], one.message, one.help, one.key);
  }

  check(schema: Schema, value: unknown, path: Key[], depth = 0): void {
    if (depth > 150) return;
    if (value === null && schema.nullable === true) return;
    switch (schema.kind) {
      case "unknown":
        return;
      case "never":
        return this.add(path, "No value is allowed here.", "Leave it out.");
      case "ref": {
        const target = this.types.entries.get(schema.name)?.schema;
        if (target !== undefined) this.#addAll(this.#misfits(target, value, depth + 1), path);
        return;
      }
      case "const":
        if (!same(schema.value, value)) {
          this.add(
            path,
            `${show(value)} is not the fixed value.`,
            `It can only be ${show(schema.value)}.`,
          );
        }
        return;
      case "enum":
        return this.#enum(schema, value, path);
      case "union":
        return this.#union(schema, value, path, depth);
      case "intersection":
        for (const member of schema.members) this.check(member, value, path, depth + 1);
        return;
      case "array":
      case "tuple":
        return this.#list(schema, value, path, depth);
      case "object":
      case "record":
        return checkObject(this, schema, value, path, depth);
      case "bytes":
        if (typeof value !== "string") {
          this.add(
            path,
            `Bytes are written as text in a spec, but ${show(value)} was found.`,
            "Write the content as text.",
          );
        }
        return;
      default:
        return checkBounds(this, schema, value, path);
    }
  }

  #enum(schema: Extract<Schema, { kind: "enum" }>, value: unknown, path: Key[]): void {
    if (schema.values.some((one) => one === value)) return;
    const open = this.options.direction === "response" && schema.closed !== true;
    if (open && schema.values.every((one) => typeof one === typeof value)) return;
    const list = schema.values.slice(0, 12).map(show).join(", ");
    this.add(
      path,
      `${show(value)} is not one of the values.`,
      `Known: ${list}${schema.values.length > 12 ? ", …" : ""}.`,
    );
  }

  #union(
    schema: Extract<Schema, { kind: "union" }>,
    value: unknown,
    path: Key[],
    depth: number,
  ): void {
    const { discriminator } = schema;
    if (discriminator !== undefined && kindOf(value) === "mapping") {
      const tag = (value as Record<string, unknown>)[discriminator.property];
      const hit = discriminator.mapping.find((one) => one.value === String(tag));
      if (hit !== undefined) {
        return this.check({ kind: "ref", name: hit.type }, value, path, depth + 1);
      }
    }
    let best: readonly Misfit[] | undefined;
    for (const member of schema.members) {
      const misfits = this.#misfits(member, value, depth + 1);
      if (misfits.length === 0) return;
      const deeper = (misfits[0]?.path.length ?? 0) > (best?.[0]?.path.length ?? -1);
      if (best === undefined || deeper) best = misfits;
    }
    // The member that matched furthest is most likely the one meant.
    this.#addAll(best ?? [], path);
  }

  #list(
    schema: Extract<Schema, { kind: "array" | "tuple" }>,
    value: unknown,
    path: Key[],
    depth: number,
  ): void {
    if (!Array.isArray(value)) {
      return this.add(path, `A list belongs here, but ${show(value)} was found.`, "Write a list.");
    }
    const { length } = value;
    if (schema.kind === "array") {
      if (length < (schema.minItems ?? 0) || length > (schema.maxItems ?? Infinity)) {
        const { minItems = 0, maxItems = "any number" } = schema;
        this.add(path, `The list has ${length} items.`, `It takes ${minItems} to ${maxItems}.`);
      }
    } else if (
      length < schema.required || (schema.rest === undefined && length > schema.items.length)
    ) {
      this.add(
        path,
        `The list has ${length} items.`,
        `It takes ${schema.required} to ${schema.items.length}.`,
      );
    }
    for (let index = 0; index < length && this.misfits.length < ENOUGH; index++) {
      const item = schema.kind === "array" ? schema.items : schema.items[index] ?? schema.rest;
      if (item !== undefined) this.check(item, value[index], [...path, index], depth + 1);
    }
  }
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Reports each misfit at its position below `cursor`. */
export function tellMisfits(
  ctx: Context,
  cursor: Cursor,
  code: Code,
  misfits: readonly Misfit[],
  lead = "",
): void {
  for (const { path, message, help, key } of misfits) {
    let at = cursor;
    for (const step of path) {
      const next = typeof step === "number" ? at.items()[step] : at.at(step);
      if (next === undefined) break;
      at = next;
    }
    const where = path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("");
    const place = where === "" ? "" : ` (at \`${where.replace(/^\./, "")}\`)`;
    ctx.report.add(code, at, `${lead}${message}${place}`, help, key === true ? "key" : "value");
  }
}

/** Runs once all types are known. Skips imported files, which are not the author's to correct. */
export function checkDefault(ctx: Context, cursor: Cursor, schema: Schema): void {
  const at = cursor.at("default");
  if (at === undefined || isForeign(ctx, cursor)) return;
  ctx.later.push(() => {
    const check = new ValueCheck(ctx.types, { direction: "request" });
    check.check(schema, at.json(), []);
    tellMisfits(ctx, at, "VC1206", check.misfits, "The default does not fit: ");
  });
}
