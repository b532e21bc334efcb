/** Where the references of a document start and end: `$ref`s with the address that they are relative to, `$id`s and `$anchor`s. */
import { isObject, type Obj } from "../value.ts";

export interface Reference {
  /** What holds the reference, and under which key. */
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly target: string;
  /** The nearest `$id` around it, as it stands in the document. */
  readonly within: string | undefined;
  /** True where it stands for a schema. */
  readonly isSchema: boolean;
}

export interface Marks {
  readonly references: readonly Reference[];
  /** By `$id`: the steps to it. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
  /** By `$id` (or nothing), `#` and name. */
  readonly anchors: ReadonlyMap<string, readonly string[]>;
}

/** A key of these may be called anything; what is under it is looked into. */
const MAPS: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "$defs",
  "definitions",
  "schemas",
]);

/** What is under these are values, however they look. */
const VALUES: ReadonlySet<string> = new Set(["example", "dataValue"]);
const OF_A_SCHEMA: ReadonlySet<string> = new Set(["examples", "default", "const", "enum"]);

const OF_SCHEMAS =
  /^(?:schema|itemSchema|contentSchema|items|additionalProperties|not|if|then|else|contains|unevaluatedProperties|propertyNames|allOf|oneOf|anyOf|prefixItems)$/;

export function marksOf(root: unknown): Marks {
  const references: Reference[] = [];
  const ids = new Map<string, readonly string[]>();
  const anchors = new Map<string, readonly string[]>();
  const steps: string[] = [];

  const walk = (
    value: unknown,
    id: string | undefined,
    isMap: boolean,
    isSchema: boolean,
  ): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        steps.push(String(index));
        walk(item, id, false, isSchema);
        steps.pop();
      }
      return;
    }
    if (!isObject(value)) return;
    let own = id;
    if (!isMap) {
      if (typeof value["$id"] === "string") {
        own = value["$id"];
        ids.set(own, [...steps]);
      }
      for (const key of ["$anchor", "$dynamicAnchor"]) {
        const name = value[key];
        if (typeof name === "string") anchors.set(`${own ?? ""}#${name}`, [...steps]);
      }
      const target = value["$ref"];
      if (typeof target === "string") {
        references.push({ holder: value, key: "$ref", target, within: own, isSchema });
      }
    }
    for (const [key, child] of Object.entries(value)) {
      if (typeof child !== "object" || child === null) continue;
      if (!isMap && (VALUES.has(key) || (isSchema && OF_A_SCHEMA.has(key)))) continue;
      if (!isMap && key === "discriminator") mappings(child, own, references);
      steps.push(key);
      const inMap = !isMap && MAPS.has(key);
      walk(child, own, inMap, isMap ? isSchema : inMap || OF_SCHEMAS.test(key));
      steps.pop();
    }
  };
  walk(root, undefined, false, false);
  return { references, ids, anchors };
}

/** Values of a mapping may be addresses, too; others are names. */
function mappings(discriminator: object, within: string | undefined, found: Reference[]): void {
  const { mapping } = discriminator as Obj;
  if (!isObject(mapping)) return;
  for (const [key, target] of Object.entries(mapping)) {
    if (typeof target !== "string" || !/[#/]|\.(?:ya?ml|json)$/i.test(target)) continue;
    found.push({ holder: mapping, key, target, within, isSchema: true });
  }
}
