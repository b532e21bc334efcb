/** What a mock needs to know about a connector; the `definition` exported by every generated connector has it. */
import type { Json } from "../../core/json.ts";

export interface MockExample {
  readonly name: string;
  readonly input: { readonly [name: string]: Json };
  /** Response body. For a binary result: text, or `{ base64 }`. */
  readonly output?: Json;
  /** Items of a stream, without the end marker. */
  readonly events?: readonly Json[];
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface MockStream {
  /** Input values that make the operation stream. Empty: it always does. */
  readonly when: readonly {
    readonly path: readonly (string | number)[];
    readonly oneOf: readonly Json[];
  }[];
  readonly format: "sse" | "ndjson" | "json-seq" | "bytes";
  readonly item: unknown;
  /** The API's end marker, such as `[DONE]`. */
  readonly done?: string;
}

export interface MockOperation {
  readonly id: string;
  readonly method: string;
  /** `/repos/{owner}/{repo}`. */
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly wire: string;
    readonly in: "path" | "query" | "header" | "cookie";
  }[];
  readonly body?: {
    readonly kind: string;
    readonly key?: string;
    /** What else it may be sent as. */
    readonly alternatives?: readonly { readonly kind: string; readonly contentType: string }[];
  };
  readonly result: {
    readonly kind: "json" | "text" | "binary" | "none";
    /** JSON Schema, used to make an answer if there is no example. */
    readonly schema: unknown;
  };
  readonly stream?: MockStream;
  readonly errors: readonly {
    readonly status: readonly { readonly from: number; readonly to: number }[];
    readonly schema?: unknown;
  }[];
  readonly examples: readonly MockExample[];
}

export interface MockConnector {
  readonly id: string;
  readonly servers: Readonly<Record<string, string>>;
  readonly operations: readonly MockOperation[];
  /** Named JSON Schemas, for `#/$defs/Name`. */
  readonly types: Readonly<Record<string, unknown>>;
}

/** A request as the mock received it, and what it answered. */
export interface MockRequest {
  /** Id of the operation; absent if none has this method and path. */
  readonly operation: string | undefined;
  /** Name of the example that answered; absent if the answer was made from the schema or is an error. */
  readonly example: string | undefined;
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}
