/** Compares a value with its schema, and says what a validator does not: new fields, and what the spec would have to say. */
import { DIGITS_PATTERN, type Json } from "../../core/json.ts";
import type { Schema } from "./connector.ts";
import type { Edit, Report } from "./difference.ts";
import { type Flat, flatten, type Place, type Property } from "./flatten.ts";
import { inferSchema } from "./infer.ts";

type Types = Readonly<Record<string, Schema>>;

const DEEPEST = 128;

export function compare(
  schema: Schema,
  value: Json,
  place: Place,
  types: Types,
  report: Report,
  depth = 0,
): void {
  const flat = flatten(schema, place, types);
  if (flat === undefined || depth > DEEPEST) return;
  if (flat.alternatives.length > 0) {
    compareAlternatives(flat, value, place, types, report, depth);
    if (flat.properties.size === 0) return;
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
        ...edit(place, "type", kind),
      });
    }
    return;
  }
  if (flat.values !== undefined && !flat.values.list.some((one) => same(one, value))) {
    const { list, place: at } = flat.values;
    report({
      kind: "enum-new",
      place: place.text,
      declared: list.map((one) => JSON.stringify(one)).join(", "),
      found: JSON.stringify(value),
      ...edit(at, "enum", [...list, value]),
    });
  }
  checkLimits(flat, value, place, report);
  if (Array.isArray(value)) {
    value.forEach((one, index) => {
      const inner = flat.prefixItems[index] ?? flat.items;
      if (inner !== undefined) compare(inner.schema, one, inner.place, types, report, depth + 1);
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
      compare(known.schema, one, place, types, report, depth + 1);
    } else if (flat.closed) {
      report({
        kind: "field-new",
        place: `${flat.place.text}.${name}`,
        declared: "nothing",
        found: JSON.stringify(one).slice(0, 60),
        ...edit(flat.place, ["properties", name], inferSchema(one)),
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
  const tried = flat.alternatives.map(({ schema, place: at }) => {
    const differences: Parameters<Report>[0][] = [];
    compare(schema, value, at, types, (one) => differences.push(one), depth + 1);
    // Another type or tag: this alternative was not meant.
    const meant = !differences.some(({ kind, place: where }) =>
      (kind === "type-changed" || kind === "null-new") && where === at.text ||
      kind === "enum-new" && isTag(schema, where, types)
    );
    return { differences, meant };
  });
  const close = tried.filter(({ meant }) => meant)
    .toSorted((a, b) => a.differences.length - b.differences.length)[0];
  if (close !== undefined) {
    for (const one of close.differences) report(one);
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
function isTag(schema: Schema, where: string, types: Types): boolean {
  const name = where.slice(where.lastIndexOf(".") + 1);
  const property = flatten(schema, { text: "", path: undefined }, types)?.properties.get(name);
  return typeof property?.schema === "object" && property.schema["const"] !== undefined;
}

function checkLimits({ limits }: Flat, value: Json, place: Place, report: Report): void {
  const broken = (keyword: string): boolean => {
    const limit = limits[keyword];
    if (typeof value === "string") {
      if (keyword === "minLength") return [...value].length < Number(limit);
      if (keyword === "maxLength") return [...value].length > Number(limit);
      if (keyword === "pattern") return !new RegExp(String(limit), "u").test(value);
    }
    if (typeof value === "number") {
      if (keyword === "minimum") return value < Number(limit);
      if (keyword === "maximum") return value > Number(limit);
      if (keyword === "exclusiveMinimum") return value <= Number(limit);
      if (keyword === "exclusiveMaximum") return value >= Number(limit);
      if (keyword === "multipleOf") {
        const times = value / Number(limit);
        return Math.abs(times - Math.round(times)) > 1e-9;
      }
    }
    if (Array.isArray(value)) {
      if (keyword === "minItems") return value.length < Number(limit);
      if (keyword === "maxItems") return value.length > Number(limit);
    }
    return false;
  };
  for (const keyword of Object.keys(limits)) {
    if (!broken(keyword)) continue;
    report({
      kind: "limit-exceeded",
      place: place.text,
      declared: `${keyword} ${JSON.stringify(limits[keyword])}`,
      found: JSON.stringify(value).slice(0, 60),
      ...edit(place, keyword, null),
    });
  }
}

function edit(
  { path }: Place,
  key: string | readonly string[],
  value: Json,
): { edit?: Edit } {
  return path === undefined ? {} : { edit: { path: [...path, ...[key].flat()], value } };
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function isOf(types: ReadonlySet<string>, kind: string): boolean {
  return types.has(kind) || (kind === "integer" && types.has("number"));
}

function same(a: Json, b: Json): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
