/** The closed model of types: what JSON Schema as used by OpenAPI 3.0 and 3.1 becomes. Recursion only through `ref`. */
import type { Position } from "./position.ts";
import type { Json, JsonScalar } from "./selector.ts";

export interface SchemaBase {
  readonly at?: Position;
  /** `null` is also allowed. */
  readonly nullable?: boolean;
  readonly doc?: string;
  readonly default?: Json;
  readonly examples?: readonly Json[];
  /** True, or the reason and what to use instead. */
  readonly deprecated?: boolean | string;
  /** Only in responses. */
  readonly readOnly?: boolean;
  /** Only in requests. */
  readonly writeOnly?: boolean;
}

/** What programs see of a whole number that a JavaScript number may not hold: `as` in a spec. */
export type DigitsAs = "text" | "bigint";

export interface StringSchema extends SchemaBase {
  readonly kind: "string";
  /** Digits of a whole number, which it is on the wire. `bigint`: JSON has text, and programs have a `bigint`. */
  readonly digits?: DigitsAs;
  /** `date-time`, `uri`, `email` …; a hint, never a change of the type. */
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** `{ type: string, format: binary }`: bytes or a file, outside JSON. */
export interface BytesSchema extends SchemaBase {
  readonly kind: "bytes";
}

export interface NumberSchema extends SchemaBase {
  readonly kind: "number" | "integer";
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

export interface BooleanSchema extends SchemaBase {
  readonly kind: "boolean";
}

export interface NullSchema extends SchemaBase {
  readonly kind: "null";
}

export interface ConstSchema extends SchemaBase {
  readonly kind: "const";
  readonly value: Json;
}

export interface EnumSchema extends SchemaBase {
  readonly kind: "enum";
  /** In source order, without duplicates. Never empty. `null` is moved to `nullable`. */
  readonly values: readonly JsonScalar[];
  /** Same length and order as `values`; an empty string if there is none. */
  readonly valueDocs?: readonly string[];
  /** `open: false` in the spec: closed even in responses. Default (absent): open in responses when all are strings. */
  readonly closed?: boolean;
}

export interface ArraySchema extends SchemaBase {
  readonly kind: "array";
  readonly items: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
}

export interface TupleSchema extends SchemaBase {
  readonly kind: "tuple";
  readonly items: readonly Schema[];
  /** How many of `items` are required. */
  readonly required: number;
  /** Type of further items; absent: none allowed. */
  readonly rest?: Schema;
}

export interface PropertyModel {
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
}

export interface ObjectSchema extends SchemaBase {
  readonly kind: "object";
  readonly properties: readonly PropertyModel[];
  /** `true`: unknown ones are allowed and untyped (JSON Schema's default); `false`: none; else their type. */
  readonly additional: boolean | Schema;
  /** `additional` is true only because the spec does not say: no index signature, but validation accepts them. */
  readonly additionalImplicit?: boolean;
  readonly patterns?: readonly { readonly pattern: string; readonly schema: Schema }[];
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

/** An object without named properties: `additionalProperties: T` alone. */
export interface RecordSchema extends SchemaBase {
  readonly kind: "record";
  readonly values: Schema;
  /** `propertyNames`, if given. */
  readonly keys?: Schema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

export interface DiscriminatorModel {
  readonly property: string;
  /** Wire value → name of the member type. Complete: one or more values for each member that is a ref. */
  readonly mapping: readonly { readonly value: string; readonly type: string }[];
}

export interface UnionSchema extends SchemaBase {
  readonly kind: "union";
  /** `one`: exactly one matches (oneOf); `any`: at least one (anyOf). The TypeScript type is the same. */
  readonly mode: "one" | "any";
  readonly members: readonly Schema[];
  readonly discriminator?: DiscriminatorModel;
  /** `open: false` in the spec: no unknown members in responses. */
  readonly closed?: boolean;
}

export interface IntersectionSchema extends SchemaBase {
  readonly kind: "intersection";
  readonly members: readonly Schema[];
}

export interface RefSchema extends SchemaBase {
  readonly kind: "ref";
  /** Name of a {@link TypeModel} of the same connector. */
  readonly name: string;
}

export interface UnknownSchema extends SchemaBase {
  readonly kind: "unknown";
}

/** The schema `false`: no value is valid. */
export interface NeverSchema extends SchemaBase {
  readonly kind: "never";
}

export type Schema =
  | StringSchema
  | BytesSchema
  | NumberSchema
  | BooleanSchema
  | NullSchema
  | ConstSchema
  | EnumSchema
  | ArraySchema
  | TupleSchema
  | ObjectSchema
  | RecordSchema
  | UnionSchema
  | IntersectionSchema
  | RefSchema
  | UnknownSchema
  | NeverSchema;

export type SchemaKind = Schema["kind"];

export interface TypeModel {
  /** A TypeScript identifier, unique in the connector, neither reserved nor used by generated code. */
  readonly name: string;
  readonly schema: Schema;
  /** Reachable from what callers send. */
  readonly inRequest: boolean;
  /** Reachable from what the API sends (results, stream items, error bodies, webhook events). */
  readonly inResponse: boolean;
  /** True if it refers to itself, directly or indirectly. */
  readonly recursive: boolean;
  readonly at: Position;
}
