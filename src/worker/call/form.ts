/** Form data and raw bodies as an operation's input: files as they are, text converted to the declared types. */
import { bodyForms } from "../../connector/definition/body_forms.ts";
import type {
  BodyAlternative,
  ConnectorDefinition,
  JsonSchema,
  OperationDefinition,
} from "../../connector/definition/definition.ts";
import { refName, type SchemaNode } from "../../schema/check.ts";

/** True if the operation takes bytes, which JSON cannot carry, or its body can be such a form. */
export function takesForms(operation: OperationDefinition): boolean {
  return bodyForms(operation).some(({ kind }) => kind === "multipart" || kind === "binary");
}

const FORMS: ReadonlySet<string> = new Set(["json", "form", "multipart"]);

/** Types of the API's own body that the worker takes as they are; bytes and text may be of any. */
export function declaredForms(operation: OperationDefinition): readonly BodyAlternative[] {
  return bodyForms(operation).filter(({ kind }) => FORMS.has(kind));
}

/** True if the whole body of the API's request is bytes, so that the worker's may be, too. */
export function takesBytes(operation: OperationDefinition): boolean {
  return operation.body?.kind === "binary" && operation.body.key !== undefined;
}

/** A raw body: the other properties are in the query of the URL. */
export function bytesInput(
  bytes: Blob,
  query: URLSearchParams,
  connector: ConnectorDefinition,
  operation: OperationDefinition,
): Record<string, unknown> {
  const key = operation.body?.key;
  const named = key === undefined ? {} : { [key]: bytes };
  return { ...formInput(query, connector, operation.input), ...named };
}

/**
 * One property per field; fields with the same name, or with `[]` after it, form a list. Numbers, booleans, lists and objects
 * are parsed from text if the schema expects them; text that does not fit stays text and is refused by the check.
 */
export function formInput(
  form: FormData | URLSearchParams,
  { types }: ConnectorDefinition,
  input: JsonSchema,
): Record<string, unknown> {
  const properties = propertiesOf(input, types);
  const values = new Map<string, unknown>();
  for (const [field, value] of form) {
    const name = field.replace(/\[\]$/, "");
    const schema = follow(properties[name], types);
    if (schema?.["type"] === "array") {
      const items = follow(schema["items"], types);
      const list = values.get(name);
      values.set(name, [...Array.isArray(list) ? list : [], read(value, items)]);
    } else {
      values.set(name, read(value, schema));
    }
  }
  return Object.fromEntries(values);
}

/** Replaces files while the input is checked: the schema says `string` for bytes. */
export function withoutFiles(value: unknown): unknown {
  if (value instanceof Blob) return "";
  if (Array.isArray(value)) return value.map(withoutFiles);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withoutFiles(inner)]),
  );
}

function read(value: File | string, schema: SchemaNode | undefined): unknown {
  if (typeof value !== "string") return value;
  const type = schema?.["type"];
  const types = Array.isArray(type) ? type : [type];
  const isText = schema === undefined || types.includes("string") ||
    (type === undefined && !("properties" in schema));
  if (isText) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** What an input may have, by name. */
export function propertiesOf(schema: JsonSchema, types: ConnectorDefinition["types"]): SchemaNode {
  const properties = follow(schema, types)?.["properties"];
  return isNode(properties) ? properties : {};
}

function follow(schema: unknown, types: ConnectorDefinition["types"]): SchemaNode | undefined {
  let node = schema;
  // A chain of references is short; a circular one must not hang.
  for (let step = 0; step < 16 && isNode(node) && typeof node["$ref"] === "string"; step++) {
    node = types[refName(node["$ref"])];
  }
  return isNode(node) ? node : undefined;
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
