/** One operation of a connector, fully resolved. */
import type { Auth } from "./auth.ts";
import type { QueryModel } from "./database.ts";
import type { ErrorRule } from "./error_rule.ts";
import type { Pagination } from "./pagination.ts";
import type { PolicyModel } from "./policy.ts";
import type { Position } from "./position.ts";
import type { Schema } from "./schema.ts";
import type { Condition, Json, Selector } from "./selector.ts";
import type { StreamModel } from "./stream.ts";
import type { Template } from "./template.ts";

/** In capitals. */
export type HttpMethod = string;

export type PathPart =
  | { readonly kind: "literal"; readonly text: string }
  /** `name` is that of the parameter in the input (not on the wire). */
  | { readonly kind: "param"; readonly name: string };

export type ParameterStyle =
  | "simple"
  | "form"
  | "spaceDelimited"
  | "pipeDelimited"
  | "deepObject"
  | "label"
  | "matrix"
  /** One JSON text. */
  | "json"
  /** JSON that is the whole query, without a name. */
  | "whole";

export interface ParameterModel {
  /** Property of the input object. */
  readonly name: string;
  /** Name on the wire. */
  readonly wire: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly schema: Schema;
  readonly required: boolean;
  /** Sent if the caller gives none. Absent: nothing is sent (the API's own default is in `schema.default`). */
  readonly send?: Json;
  readonly style: ParameterStyle;
  readonly explode: boolean;
  /** Query only: reserved characters go unencoded. */
  readonly allowReserved: boolean;
  readonly doc?: string;
  readonly deprecated?: boolean | string;
  readonly at: Position;
}

export interface PartEncoding {
  readonly property: string;
  /** Content type of this part of a multipart body; `application/json` in another form means JSON text. */
  readonly contentType?: string;
  /** Overrides the body's. */
  readonly arrays?: ArrayStyle;
  /** Multipart: sent with each part of the property. */
  readonly headers?: { readonly [name: string]: string };
}

/** How the items of a list are named in a form; items with names of their own always have `indices`. */
export type ArrayStyle = "repeat" | "brackets" | "indices" | "comma" | "space" | "pipe";

/** What a body is made from, and how it is encoded. */
export interface BodyForm {
  readonly kind: "json" | "form" | "multipart" | "binary" | "text";
  /** `bytes` for binary, `string` for text. */
  readonly schema: Schema;
  readonly contentType: string;
  /** Form and multipart: how nested objects and arrays are written. */
  readonly nested: "brackets" | "dots" | "json";
  readonly arrays: ArrayStyle;
  readonly parts: readonly PartEncoding[];
}

export interface BodyModel extends BodyForm {
  readonly required: boolean;
  /**
   * `spread`: the body's properties are mixed with the parameters in the input (what is not a parameter is body).
   * `key`: the body is the property `key` of the input.
   */
  readonly mode: "spread" | "key";
  readonly key: string;
  /** What the caller may send instead, by media type; in the same place of the input. */
  readonly alternatives: readonly BodyForm[];
  readonly at: Position;
}

export interface ResultModel {
  readonly kind: "json" | "text" | "binary" | "none";
  /** `unknown` for none. */
  readonly schema: Schema;
  /** Sent as Accept. */
  readonly accept: string;
  /** The API may also answer without a body (204): the value is then undefined. */
  readonly mayBeEmpty: boolean;
  /** Response body → value returned to the caller, such as `$.data`. Absent: all of it. */
  readonly select?: Selector;
  readonly at: Position;
}

export interface UsageModel {
  readonly input?: Selector;
  readonly output?: Selector;
  readonly total?: Selector;
  readonly cached?: Selector;
}

export interface IdempotencyModel {
  readonly header: string;
  /** A key is generated for each call without one. */
  readonly generate: boolean;
}

/** A long-running operation: `waitFor()` polls another operation until it is finished. The caller gives the deadline. */
export interface WaitForModel {
  /** Id of the operation that is polled. */
  readonly operation: string;
  /** Its input: property ← selector over the first result, or a fixed value. */
  readonly input: readonly {
    readonly name: string;
    readonly from?: Selector;
    readonly value?: Json;
  }[];
  /** Finished if all of them hold for the polled result. */
  readonly until: readonly Condition[];
  /** Finished and failed if all of them hold; checked first. Empty: never. */
  readonly failed: readonly Condition[];
  readonly intervalMs: number;
  /** The interval doubles up to this. */
  readonly maxIntervalMs: number;
  /** The part of the polled result to return; absent: all of it. */
  readonly result?: Selector;
  readonly at: Position;
}

export interface ExampleModel {
  readonly name: string;
  readonly doc?: string;
  readonly input: { readonly [key: string]: Json };
  /** Response body (mock, docs). */
  readonly output?: Json;
  /** Stream items, without the end marker. */
  readonly events?: readonly Json[];
  /** Default: 200. */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly at: Position;
}

export interface OperationModel {
  readonly id: string;
  /** Members of the client class: `chat.completions.create` → `["chat", "completions", "create"]`. */
  readonly members: readonly string[];
  /** Name of the tree-shakable function: `chatCompletionsCreate`. Unique. */
  readonly functionName: string;
  /** Base of the names of types made for it: `ChatCompletionsCreate`. Unique, clashes with no type. */
  readonly typeName: string;
  readonly method: HttpMethod;
  readonly path: readonly PathPart[];
  /** As written: `/repos/{owner}/{repo}`. */
  readonly pathText: string;
  /** Name of the server. */
  readonly server: string;
  /** Of a database. Method and path are then those of a stand-in that is asked over HTTP. */
  readonly query?: QueryModel;
  readonly parameters: readonly ParameterModel[];
  readonly body?: BodyModel;
  readonly result: ResultModel;
  readonly stream?: StreamModel;
  readonly usage?: UsageModel;
  readonly pagination?: Pagination;
  readonly idempotency?: IdempotencyModel;
  readonly waitFor?: WaitForModel;
  /** Already merged with the connector's. */
  readonly policy: PolicyModel;
  /** Absent: the connector's. Empty: none. All of a list apply. */
  readonly auth?: readonly Auth[];
  readonly headers: readonly { readonly name: string; readonly value: Template }[];
  /** Before the connector's. */
  readonly errors: readonly ErrorRule[];
  /** Names of hooks. */
  readonly hooks: { readonly request?: string; readonly response?: string };
  readonly summary?: string;
  readonly doc?: string;
  /** True, or the reason and what to use instead. */
  readonly deprecated?: boolean | string;
  readonly tags: readonly string[];
  /** Web page about it. */
  readonly link?: string;
  readonly examples: readonly ExampleModel[];
  readonly at: Position;
}
