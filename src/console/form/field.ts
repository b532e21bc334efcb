/** What a form shows for a schema: one field, whose inner ones are made when they are shown, since types may hold themselves. */
import {
  choicesOf,
  isNode,
  numberOf,
  refName,
  resolve,
  type SchemaNode,
  textOf,
  type Types,
  typesOf,
} from "./schema.ts";

export type Scalar = string | number | boolean;

interface Described {
  readonly doc?: string | undefined;
  readonly deprecated?: boolean;
  readonly fallback?: unknown;
}

export interface TextField extends Described {
  readonly kind: "text";
  readonly format: string | undefined;
  readonly maxLength: number | undefined;
  /** Values that are known, of which none has to be taken. */
  readonly suggestions: readonly string[];
}

export interface NumberField extends Described {
  readonly kind: "number";
  readonly whole: boolean;
  readonly least: number | undefined;
  readonly most: number | undefined;
}

export interface ChoiceField extends Described {
  readonly kind: "choice";
  readonly values: readonly Scalar[];
}

export interface PlainField extends Described {
  /** `json`: any value, as text. */
  readonly kind: "boolean" | "file" | "json";
}

export interface ConstantField extends Described {
  readonly kind: "constant";
  readonly value: unknown;
}

export interface ListField extends Described {
  readonly kind: "list";
  readonly item: unknown;
}

export interface Property {
  readonly name: string;
  readonly required: boolean;
  readonly schema: unknown;
}

export interface ObjectField extends Described {
  readonly kind: "object";
  readonly properties: readonly Property[];
  /** The schema of properties with other names. Undefined: there are none. */
  readonly extra: unknown;
}

export interface Variant {
  readonly label: string;
  readonly schema: unknown;
}

export interface VariantField extends Described {
  readonly kind: "variant";
  readonly variants: readonly Variant[];
}

export type Field =
  | TextField
  | NumberField
  | ChoiceField
  | PlainField
  | ConstantField
  | ListField
  | ObjectField
  | VariantField;

export function fieldOf(schema: unknown, types: Types): Field {
  const node = resolve(schema, types);
  return { ...kindOf(node, types), ...described(node) };
}

function described(node: SchemaNode): Described {
  return {
    doc: textOf(node, "description"),
    ...(node["deprecated"] === true && { deprecated: true }),
    ...("default" in node && { fallback: node["default"] }),
  };
}

function kindOf(node: SchemaNode, types: Types): Field {
  if ("const" in node) return { kind: "constant", value: node["const"] };
  if (Array.isArray(node["enum"])) return choice(node["enum"]);
  const choices = isNode(node["properties"]) ? undefined : choicesOf(node, types);
  if (choices !== undefined) return oneOf(node, choices, types);
  const [type, ...others] = typesOf(node);
  if (others.length > 0) return alternatives(node);
  switch (type) {
    case "string":
      return isBytes(node) ? { kind: "file" } : text(node, []);
    case "integer":
    case "number":
      return {
        kind: "number",
        whole: type === "integer",
        least: numberOf(node, "minimum"),
        most: numberOf(node, "maximum"),
      };
    case "boolean":
      return { kind: "boolean" };
    case "array":
      return Array.isArray(node["prefixItems"])
        ? { kind: "json" }
        : { kind: "list", item: node["items"] ?? {} };
    default:
      return type === "object" || isNode(node["properties"]) ? object(node) : { kind: "json" };
  }
}

function choice(values: readonly unknown[]): Field {
  const scalars = values.filter((one): one is Scalar =>
    typeof one === "string" || typeof one === "number" || typeof one === "boolean"
  );
  return { kind: "choice", values: scalars };
}

function text(node: SchemaNode, suggestions: readonly string[]): TextField {
  return {
    kind: "text",
    format: textOf(node, "format"),
    maxLength: numberOf(node, "maxLength"),
    suggestions,
  };
}

function object(node: SchemaNode): Field {
  const properties = isNode(node["properties"]) ? node["properties"] : {};
  const required: readonly unknown[] = Array.isArray(node["required"]) ? node["required"] : [];
  const list = Object.entries(properties)
    .filter(([, schema]) => !isNode(schema) || schema["readOnly"] !== true)
    .map(([name, schema]) => ({ name, required: required.includes(name), schema }));
  // Required ones first: they are what has to be filled in.
  list.sort((a, b) => Number(b.required) - Number(a.required));
  const { additionalProperties: extra } = node;
  if (list.length === 0 && extra === undefined) return { kind: "json" };
  return { kind: "object", properties: list, extra: isNode(extra) ? extra : undefined };
}

/** Values that are known and any text, only known values, or schemas of different kinds. */
function oneOf(node: SchemaNode, choices: readonly SchemaNode[], types: Types): Field {
  const [only, ...others] = choices;
  if (only === undefined) return { kind: "json" };
  const { oneOf: _one, anyOf: _any, ...own } = node;
  if (others.length === 0) return fieldOf({ ...own, allOf: [only] }, types);
  const fields = choices.map((one) => fieldOf(one, types));
  const known = fields.flatMap(knownValues);
  if (fields.every((one) => one.kind === "choice" || isScalar(one))) {
    return { kind: "choice", values: known };
  }
  const texts = fields.find((one) => one.kind === "text");
  if (texts && fields.every((one) => one === texts || one.kind === "choice" || isScalar(one))) {
    const suggestions = [...texts.suggestions, ...known];
    return { ...texts, suggestions: suggestions.filter((one) => typeof one === "string") };
  }
  return {
    kind: "variant",
    variants: choices.map((one, at) => ({ label: labelOf(one, types, at), schema: one })),
  };
}

function isScalar(field: Field): boolean {
  return field.kind === "constant" && typeof field.value !== "object";
}

function knownValues(field: Field): readonly Scalar[] {
  if (field.kind === "choice") return field.values;
  return isScalar(field) ? [(field as ConstantField).value as Scalar] : [];
}

/** `string` or `array`, each as if it were the only one. */
function alternatives(node: SchemaNode): Field {
  const variants = typesOf(node).map((type) => ({ label: type, schema: { ...node, type } }));
  return { kind: "variant", variants };
}

/** What tells it from the others: the constant that it is recognised by, its name, its type. */
function labelOf(schema: SchemaNode, types: Types, at: number): string {
  const node = resolve(schema, types);
  const title = textOf(node, "title");
  if (title !== undefined) return title;
  for (const property of Object.values(isNode(node["properties"]) ? node["properties"] : {})) {
    const value = resolve(property, types)["const"];
    if (typeof value === "string") return value;
  }
  const ref = textOf(schema, "$ref");
  if (ref !== undefined) return refName(ref);
  const [type] = typesOf(node);
  return type === "array" ? "list" : type ?? (Array.isArray(node["enum"]) ? "choice" : `${at + 1}`);
}

function isBytes(node: SchemaNode): boolean {
  return "contentMediaType" in node || node["format"] === "binary";
}
