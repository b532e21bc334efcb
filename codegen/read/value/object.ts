/** Mappings. */
import { kindOf } from "../../load/cursor.ts";
import type { Key } from "../../load/source.ts";
import type { ObjectSchema, RecordSchema } from "../../model/schema.ts";
import { closest } from "../../../src/core/suggest.ts";
import { matches } from "../../model/types/pattern.ts";
import { show } from "../report/show.ts";
import type { ValueTest } from "./misfit.ts";

export function checkObject(
  check: ValueTest,
  schema: ObjectSchema | RecordSchema,
  value: unknown,
  path: Key[],
  depth: number,
): void {
  if (kindOf(value) !== "mapping") {
    return check.add(
      path,
      `A mapping belongs here, but ${show(value)} was found.`,
      "Write a mapping.",
    );
  }
  const entries = Object.entries(value as Record<string, unknown>);
  const { minProperties = 0, maxProperties = Infinity } = schema;
  if (entries.length < minProperties || entries.length > maxProperties) {
    const range = maxProperties === Infinity
      ? `at least ${minProperties}`
      : `${minProperties} to ${maxProperties}`;
    check.add(path, `The mapping has ${entries.length} keys.`, `It takes ${range}.`);
  }
  if (schema.kind === "record") {
    for (const [key, item] of entries) check.check(schema.values, item, [...path, key], depth + 1);
    return;
  }
  checkRequired(check, schema, value as Record<string, unknown>, path);
  const known = new Map(schema.properties.map((property) => [property.name, property.schema]));
  for (const [key, item] of entries) {
    const pattern = schema.patterns?.find((one) => matches(one.pattern, key));
    const own = known.get(key) ?? pattern?.schema;
    if (own !== undefined) check.check(own, item, [...path, key], depth + 1);
    else if (typeof schema.additional === "object") {
      check.check(schema.additional, item, [...path, key], depth + 1);
    } else checkStray(check, schema, [...known.keys()], key, path);
  }
}

function checkRequired(
  check: ValueTest,
  schema: ObjectSchema,
  value: Record<string, unknown>,
  path: Key[],
): void {
  for (const property of schema.properties) {
    const { readOnly, writeOnly } = property.schema;
    const spared = check.options.direction === "request" ? readOnly : writeOnly;
    if (!property.required || spared === true || Object.hasOwn(value, property.name)) continue;
    check.add(
      path,
      `The required property \`${property.name}\` is missing.`,
      `Add \`${property.name}:\`.`,
      true,
    );
  }
}

/** A key close to a known one is a typo, even if other keys are allowed; any other key is only reported if none are. */
function checkStray(
  check: ValueTest,
  schema: ObjectSchema,
  known: string[],
  key: string,
  path: Key[],
): void {
  if (schema.additional === true && schema.additionalImplicit !== true) return;
  const near = closest(key, known);
  if (schema.additional === true && near === undefined) return;
  const help = near === undefined
    ? `Known: ${known.slice(0, 12).join(", ")}.`
    : `Did you mean \`${near}\`?`;
  check.add([...path, key], `There is no property \`${key}\`.`, help, true);
}
