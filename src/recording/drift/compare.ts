/** Compares a value with its schema, and says what a validator does not: new fields, and what the spec would have to say. */
import { DIGITS_PATTERN, type Json } from "../../core/json.ts";
import { MASKED } from "../mask.ts";
import type { Schema } from "./connector.ts";
import type { Edit, Report } from "./difference.ts";
import { type Flat, flatten, kindOf, type Place, type Property } from "./flatten.ts";
import { infer } from "./infer.ts";
import { broken } from "./limits.ts";

type Types = Readonly<Record<string, Schema>>;

const DEEPEST = 128;
const MASKED_NUMBER = /^-?9{6,}$/;

export function compare(
  schema: Schema,
  value: Json,
  place: Place,
  types: Types,
  report: Report,
): void {
  compareAll([{ schema, place }], value, place, types, report, 0);
}

/** With schemas that hold at once. */
function compareAll(
  schemas: readonly Property[],
  value: Json,
  place: Place,
  types: Types,
  report: Report,
  depth: number,
): void {
  const flat = flatten(schemas, types);
  if (flat === undefined || depth > DEEPEST) return;
  if (flat.alternatives.length > 0) {
    return compareAlternatives(flat, value, place, types, report, depth);
  }
  const kind = kindOf(value);
  // Read `as: text`: in a recording it is still what the API sent.
  if (kind === "integer" && flat.limits["pattern"] === DIGITS_PATTERN) return;
  if (flat.types.size > 0 && !isOf(flat.types, kind)) {
    if (value === null) {
      report({
        kind: "null-new",
        place: place.text,
        declared: [...flat.types].join(" or "),
        found: "null",
        ...edit(place, "nullable", true),
      });
    } else {
      report({
        kind: "type-changed",
        place: place.text,
        declared: [...flat.types].join(" or "),
        found: kind,
        // Values that are listed would have to be others, too.
        ...(flat.values === undefined && edit(place, "type", kind)),
      });
    }
    return;
  }
  const masked = isMasked(value);
  if (!masked && flat.values !== undefined && !flat.values.list.some((one) => same(one, value))) {
    const { list, place: at } = flat.values;
    report({
      kind: "enum-new",
      place: place.text,
      declared: list.map((one) => JSON.stringify(one)).join(", "),
      found: JSON.stringify(value),
      ...edit(at, "enum", [...list, value]),
    });
  }
  if (!masked) checkLimits(flat, value, place, report);
  if (Array.isArray(value)) {
    value.forEach((one, index) => {
      const inner = flat.prefixItems[index] ?? flat.items;
      if (inner === undefined) return;
      compareAll([inner], one, inner.place, types, report, depth + 1);
    });
  } else if (kind === "object") {
    compareObject(flat, value as { [key: string]: Json }, types, report, depth);
  }
}

function compareObject(
  flat: Flat,
  value: { readonly [key: string]: Json },
  types: Types,
  report: Report,
  depth: number,
): void {
  for (const [name, one] of Object.entries(value)) {
    const known: Property | undefined = flat.properties.get(name) ?? flat.others;
    if (known !== undefined) {
      const place = flat.properties.has(name)
        ? known.place
        : { text: `${flat.place.text}.${name}`, path: known.place.path };
      compareAll([{ ...known, place }], one, place, types, report, depth + 1);
    } else if (flat.closed) {
      report({
        kind: "field-new",
        place: `${flat.place.text}.${name}`,
        declared: "nothing",
        found: JSON.stringify(one).slice(0, 60),
        ...edit(flat.place, ["properties", name], infer(one)),
      });
    }
  }
  for (const [name, { place, all }] of flat.required) {
    if (Object.hasOwn(value, name)) continue;
    report({
      kind: "field-missing",
      place: `${flat.place.text}.${name}`,
      declared: "required",
      found: "nothing",
      ...edit(place, "required", all.filter((one) => one !== name)),
    });
  }
}

/** The alternative with the fewest differences is what was meant; none that is close: a new one. */
function compareAlternatives(
  flat: Flat,
  value: Json,
  place: Place,
  types: Types,
  report: Report,
  depth: number,
): void {
  const tried = flat.alternatives.map((schemas) => {
    const differences: Parameters<Report>[0][] = [];
    compareAll(schemas, value, place, types, (one) => differences.push(one), depth + 1);
    const own = schemas.slice(-1);
    // Another type or tag: this alternative was not meant.
    const meant = !differences.some(({ kind, place: where }) =>
      (kind === "type-changed" || kind === "null-new") && where === place.text ||
      kind === "enum-new" && isTag(own, where, types)
    );
    return { differences, meant, knows: flatten(own, types)?.properties };
  }).filter(({ meant }) => meant);
  const [close, ...others] = tried
    .toSorted((a, b) => a.differences.length - b.differences.length);
  if (close !== undefined) {
    for (const one of close.differences) {
      const name = one.place.slice(one.place.lastIndexOf(".") + 1);
      const mixed = flat.mayMix && one.kind === "field-new" &&
        others.some(({ knows }) => knows?.has(name));
      if (!mixed) report(one);
    }
    return;
  }
  if (value === null) {
    const edited = edit(place, "nullable", true);
    report({ kind: "null-new", place: place.text, declared: "no null", found: "null", ...edited });
    return;
  }
  report({
    kind: "variant-new",
    place: place.text,
    declared: `one of ${flat.alternatives.length} types`,
    found: JSON.stringify(value).slice(0, 80),
  });
}

/** Whether a constant tells this type apart from others: `type`, `object`, `kind` and the like. */
function isTag(schemas: readonly Property[], where: string, types: Types): boolean {
  const name = where.slice(where.lastIndexOf(".") + 1);
  const property = flatten(schemas, types)?.properties.get(name);
  return typeof property?.schema === "object" && property.schema["const"] !== undefined;
}

function checkLimits({ limits }: Flat, value: Json, place: Place, report: Report): void {
  for (const [keyword, limit] of Object.entries(limits)) {
    if (!broken(keyword, limit, value)) continue;
    report({
      kind: "limit-exceeded",
      place: place.text,
      declared: `${keyword} ${JSON.stringify(limit)}`,
      found: JSON.stringify(value).slice(0, 60),
      ...edit(place, keyword, null),
    });
  }
}

/** What a recording holds in the place of a secret has its type and nothing else. */
function isMasked(value: Json): boolean {
  if (typeof value === "string") return MASKED.test(value);
  return typeof value === "number" && MASKED_NUMBER.test(String(value));
}

function edit(
  { path }: Place,
  key: string | readonly string[],
  value: Json,
): { edit?: Edit } {
  return path === undefined ? {} : { edit: { path: [...path, ...[key].flat()], value } };
}

function isOf(types: ReadonlySet<string>, kind: string): boolean {
  return types.has(kind) || (kind === "integer" && types.has("number"));
}

function same(a: Json, b: Json): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
