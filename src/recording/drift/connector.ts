/** What drift needs to know of a connector: part of the `definition` that its generated code exports. */
import type { Json } from "../../core/json.ts";

export type Schema = boolean | { readonly [keyword: string]: Json };

export interface DriftOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly result: { readonly kind: "json" | "text" | "binary" | "none"; readonly schema: Schema };
  readonly stream?: {
    readonly format: "sse" | "ndjson" | "json-seq" | "bytes";
    readonly item: Schema;
    readonly done?: string;
  };
  readonly errors: readonly {
    readonly status: readonly { readonly from: number; readonly to: number }[];
    readonly schema?: Schema;
  }[];
}

export interface DriftConnector {
  readonly servers: Readonly<Record<string, string>>;
  readonly operations: readonly DriftOperation[];
  readonly types: Readonly<Record<string, Schema>>;
}
