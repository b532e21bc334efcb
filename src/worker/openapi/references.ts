/** References of connectors as references of one document. */
import type { ConnectorDefinition } from "../../connector/definition/definition.ts";
import { refName, type SchemaNode } from "../../schema/check.ts";

type Connector = Pick<ConnectorDefinition, "id" | "types">;

/** Component names may hold letters, digits, dots, dashes and underscores only. */
export function componentName(connectorId: string, typeName: string): string {
  return `${connectorId}.${typeName}`.replace(/[^\w.-]/g, "_");
}

/** Keywords whose values are data, in which `$ref` is only a name. */
const DATA = new Set(["const", "default", "enum", "example", "examples"]);
/** Keywords whose values are schemas by names of any kind. */
const MAPS = new Set(["$defs", "dependentSchemas", "patternProperties", "properties"]);

/** References to the connector's types become references to components. */
export function rebase(schema: unknown, connector: Connector): unknown {
  if (Array.isArray(schema)) return schema.map((item) => rebase(item, connector));
  if (!isNode(schema)) return schema;
  const entries: [string, unknown][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "$ref") entries.push([keyword, moved(value, connector)]);
    else if (keyword === "discriminator" && isNode(value)) {
      if (isAlwaysThere(schema, value["propertyName"], connector)) {
        entries.push([keyword, rebaseDiscriminator(value, connector)]);
      }
    } else if (MAPS.has(keyword) && isNode(value)) {
      const inner = Object.entries(value).map(([name, one]) => [name, rebase(one, connector)]);
      entries.push([keyword, Object.fromEntries(inner)]);
    } else entries.push([keyword, DATA.has(keyword) ? value : rebase(value, connector)]);
  }
  return Object.fromEntries(entries);
}

function rebaseDiscriminator(value: SchemaNode, connector: Connector): SchemaNode {
  const { mapping } = value;
  if (!isNode(mapping)) return value;
  const targets = Object.entries(mapping).map(([tag, target]) => [tag, moved(target, connector)]);
  return { ...value, mapping: Object.fromEntries(targets) };
}

/** OpenAPI 3.2 wants more of a discriminator that a value may lack. Since it is a hint and no more, it is left out there. */
function isAlwaysThere(schema: SchemaNode, name: unknown, { types }: Connector): boolean {
  const branches = schema["oneOf"] ?? schema["anyOf"];
  return Array.isArray(branches) && branches.every((branch: unknown) => {
    const reference = isNode(branch) ? branch["$ref"] : undefined;
    const node = typeof reference === "string" ? types[refName(reference)] : branch;
    const required = isNode(node) ? node["required"] : undefined;
    return Array.isArray(required) && required.includes(name);
  });
}

function moved(reference: unknown, { id }: Connector): unknown {
  return typeof reference === "string"
    ? `#/components/schemas/${componentName(id, refName(reference))}`
    : reference;
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
