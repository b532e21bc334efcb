/**
 * A connector as data: what the worker, the simulator, the command line and the documentation read. Every generated
 * connector exports one as `definition`, and every one of them is served without knowing what it was generated from.
 */
import type { Json } from "../../core/json.ts";
import type { Call } from "../call/call.ts";
import type { ClientDefaults, ConnectorClient } from "../call/client.ts";
import type { BodyOptions, ClientOptions } from "../data/options.ts";
import type { PageCall } from "../answer/pages.ts";
import type { StreamCall } from "../stream/stream_call.ts";

/** JSON Schema 2020-12. References are `#/$defs/Name`, to be found in {@link ConnectorDefinition.types}. */
export type JsonSchema = boolean | { readonly [keyword: string]: Json };

export interface ConnectorDefinition {
  /** `openai`. */
  readonly id: string;
  /** Semantic version of the spec. */
  readonly version: string;
  readonly title: string;
  /** Class of the generated client, where there is one: `OpenAI`. */
  readonly className?: string;
  readonly doc?: string;
  /** Web page of the API's documentation. */
  readonly link?: string;
  /** Name → base URL; `default` is used unless an operation names another. */
  readonly servers: Readonly<Record<string, string>>;
  /** The constructor options that the connector adds to the common ones. */
  readonly config: readonly ConfigFieldDefinition[];
  /** In the order of the spec. */
  readonly operations: readonly OperationDefinition[];
  /** The named types, for the `$defs` of the operations' schemas. */
  readonly types: Readonly<Record<string, JsonSchema>>;
  /** The operation that checks whether the API can be used, with its input. */
  readonly check?: {
    readonly operation: string;
    readonly input: { readonly [name: string]: Json };
  };
  /**
   * A client for {@link invoke}. Takes `config` fields and the common options in one object. `runtime` must be an object and no
   * environment is read unless `env` is given, or `defaults` say otherwise: `runtimeDefaults` are those of the generated class.
   * Throws an InvalidRequest: `config.missing` names what is missing, `config.runtime` asks for a runtime.
   */
  create(
    options?: ClientOptions & { readonly [field: string]: unknown },
    defaults?: ClientDefaults,
  ): ConnectorClient;
  /**
   * Calls an operation by its id; the result's `kind` says what it is. Nothing is sent before it is used. The input is
   * not checked against its schema. Throws an InvalidRequest `operation.unknown`.
   */
  invoke(
    client: ConnectorClient,
    operationId: string,
    input: unknown,
    options?: BodyOptions<string>,
  ): Invocation;
}

export type Invocation =
  /** `await` it, or `.withResponse()`. */
  | Call<unknown>
  /** `await` it for the stream, or iterate over it; `kind` is `stream`. */
  | StreamCall<unknown, unknown>
  /** `await` it for the first page, or iterate over all items; `kind` is `pages`. */
  | PageCall<unknown, unknown>;

export interface ConfigFieldDefinition {
  readonly name: string;
  readonly schema: JsonSchema;
  /** Never shown. */
  readonly secret: boolean;
  /** Environment variable with the value, used if the option is absent. */
  readonly env?: string;
  readonly optional: boolean;
  readonly default?: Json;
  readonly doc?: string;
}

export interface OperationDefinition {
  /** `chat.completions.create`. */
  readonly id: string;
  readonly method: string;
  /** As in the spec: `/repos/{owner}/{repo}`. */
  readonly path: string;
  readonly summary?: string;
  readonly doc?: string;
  readonly link?: string;
  readonly tags: readonly string[];
  /** True where the database is held to changing nothing. Absent: what the method says. */
  readonly readOnly?: boolean;
  /** True, or the reason and what to use instead. */
  readonly deprecated?: boolean | string;
  /** Parameters and body in one object, as callers pass them. `contentMediaType` marks bytes. */
  readonly input: JsonSchema;
  /** Where each input property goes that is not part of the body. */
  readonly parameters: readonly ParameterDefinition[];
  readonly body?: BodyDefinition;
  readonly result: ResultDefinition;
  readonly stream?: StreamDefinition;
  /** True if the result is a page and `invoke` returns a call of kind `pages`. */
  readonly paginated: boolean;
  readonly errors: readonly ErrorDefinition[];
  /** Where the result (or a stream item) reports usage, such as tokens. */
  readonly usage?: UsageDefinition;
  readonly examples: readonly ExampleDefinition[];
}

export interface ParameterDefinition {
  /** Property of the input. */
  readonly name: string;
  /** Name in the request. */
  readonly wire: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required: boolean;
}

export interface BodyDefinition {
  readonly kind: "json" | "form" | "multipart" | "binary" | "text";
  readonly contentType: string;
  readonly required: boolean;
  /** The property of the input that is the body. Absent: all properties that are not parameters. */
  readonly key?: string;
  /** What the body may be sent as besides, with the option `contentType` of a call. */
  readonly alternatives?: readonly BodyAlternative[];
}

export interface BodyAlternative {
  readonly kind: BodyDefinition["kind"];
  readonly contentType: string;
  /** Parameters and body in one object, as for the operation. */
  readonly input: JsonSchema;
}

export interface ResultDefinition {
  readonly kind: "json" | "text" | "binary" | "none";
  readonly schema: JsonSchema;
}

export interface StreamDefinition {
  /** Input properties (by path) and the values that make the operation stream. Empty: it always does. */
  readonly when: readonly {
    readonly path: readonly (string | number)[];
    readonly oneOf: readonly Json[];
  }[];
  readonly format: "sse" | "ndjson" | "json-seq" | "bytes";
  readonly item: JsonSchema;
  /** Type of `finalResult()`, if the spec declares how items become one value. */
  readonly result?: JsonSchema;
  /** The API's end marker, such as `[DONE]`. */
  readonly done?: string;
  /** Where items have text, so that `.text()` and `textStream` work. */
  readonly text?: TextDefinition;
}

export interface TextDefinition {
  /** Path into the item. */
  readonly path: readonly (string | number)[];
  /** Only items with these values have text. Empty: all. */
  readonly when: readonly {
    readonly path: readonly (string | number)[];
    readonly oneOf: readonly Json[];
  }[];
}

/** Paths into the result. */
export interface UsageDefinition {
  readonly input?: readonly (string | number)[];
  readonly output?: readonly (string | number)[];
  readonly total?: readonly (string | number)[];
  readonly cached?: readonly (string | number)[];
}

export interface ErrorDefinition {
  /** Name of the error class. */
  readonly name: string;
  /** Inclusive ranges; empty: any 4xx or 5xx. */
  readonly status: readonly { readonly from: number; readonly to: number }[];
  readonly schema?: JsonSchema;
}

export interface ExampleDefinition {
  readonly name: string;
  readonly doc?: string;
  readonly input: { readonly [name: string]: Json };
  /** Response body. */
  readonly output?: Json;
  /** Items of a stream, without the end marker. */
  readonly events?: readonly Json[];
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}
