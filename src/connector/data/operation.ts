/**
 * What generated code consists of: connectors and operations as data. Features (streams, pages, body formats, auth) are
 * functions that the data refers to, so that a bundle holds those that its operations use and no others.
 */
import type { CallPolicy } from "../../core/call.ts";
import type { Json, JsonScalar } from "../../core/json.ts";
import type { SelectorPath } from "../../sse/mod.ts";
import type { ApiErrorConstructor } from "../answer/api_error.ts";
import type { AuthStep } from "../auth/auth.ts";
import type { BodyEncoder } from "../request/bodies.ts";
import type { EnvReader } from "../call/env_values.ts";
import type { RequestHook, ResponseHook } from "./hooks.ts";
import type { SuccessJudge } from "../answer/judge_success.ts";
import type { PageSpec } from "./pages.ts";
import type { ParameterEncoder } from "../request/parameters.ts";
import type { ParameterPlacer } from "../request/place_parameters.ts";
import type { ServerFiller } from "../request/server_variables.ts";
import type { ResultDecoder } from "../answer/results.ts";
import type { StreamSpec } from "./stream.ts";
import type { Template } from "../request/template.ts";
import type { WaitSpec } from "../answer/wait_for.ts";

/** Holds when one of the values stands at the path. */
export interface Condition {
  readonly path: SelectorPath;
  readonly oneOf: readonly JsonScalar[];
}

export interface ServerVariableSpec {
  readonly name: string;
  /** Regular expression for the whole value. */
  readonly pattern?: string;
  readonly oneOf?: readonly string[];
  readonly default?: string;
  /** Config field that gives the value. Default: the client option of the variable's name. */
  readonly config?: string;
}

export interface ServerSpec {
  /** Without a slash at the end; variables as `{name}`. */
  readonly url: string;
  readonly variables?: readonly ServerVariableSpec[];
  /** `fillServer`, where there are variables. */
  readonly fill?: ServerFiller;
}

export interface ConfigFieldSpec {
  readonly name: string;
  readonly env?: string;
  readonly optional?: true;
  readonly default?: Json;
  readonly secret?: true;
  /** How the text of an environment variable is read. Default: as text. */
  readonly read?: EnvReader;
}

export interface PolicySpec extends CallPolicy {
  /** For the whole call, body and stream included. */
  readonly timeoutMs?: number;
}

export type StatusRanges = readonly (number | readonly [from: number, to: number])[];

export interface ErrorRuleSpec {
  readonly error: ApiErrorConstructor;
  /** Statuses, and inclusive ranges of them. Absent: 400–599. */
  readonly status?: StatusRanges;
  readonly body?: readonly Condition[];
  readonly headers?: readonly { readonly name: string; readonly oneOf: readonly string[] }[];
  /** Absent: by the status. */
  readonly retry?: "never" | "idempotent" | "always";
  readonly message?: SelectorPath;
}

export interface ErrorsSpec {
  /** Where no rule matches. */
  readonly error: ApiErrorConstructor;
  readonly message?: SelectorPath;
  readonly code?: SelectorPath;
  /** Response header with the API's request id. */
  readonly requestId?: string;
  readonly rules?: readonly ErrorRuleSpec[];
}

export interface ConnectorSpec<Id extends string = string> {
  readonly id: Id;
  readonly version: string;
  readonly servers: Readonly<Record<string, ServerSpec>>;
  readonly config?: readonly ConfigFieldSpec[];
  readonly auth?: readonly AuthStep[];
  readonly headers?: readonly (readonly [name: string, value: Template])[];
  readonly errors: ErrorsSpec;
  readonly policy?: PolicySpec;
}

export interface ParameterSpec {
  /** Property of the input. */
  readonly name: string;
  /** Default: `name`. */
  readonly wire?: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required?: true;
  /** Sent when the caller gives none. */
  readonly send?: Json;
  /** Default: `form` for query and cookie, `simple` for path and header. */
  readonly encode?: ParameterEncoder;
  /** Default: true with `form`, else false. */
  readonly explode?: boolean;
  readonly allowReserved?: true;
}

export interface BodySpec {
  readonly encode: BodyEncoder;
  readonly contentType: string;
  readonly required?: true;
  /** The property of the input that is the body. Absent: all properties that are not parameters. */
  readonly key?: string;
  /** Form and multipart. Default: `brackets`. */
  readonly nested?: "dots" | "json";
  /** Form and multipart. Default: `repeat`. */
  readonly arrays?: "brackets" | "indices" | "comma";
  /** Multipart: content types of parts by property. */
  readonly parts?: Readonly<Record<string, string>>;
}

export interface OperationSpec {
  readonly id: string;
  readonly method: string;
  /** Literal text, and parameters by their place in `parameters`. */
  readonly path: string | readonly (string | number)[];
  /** `placeParameters`, where there are any. */
  readonly place?: ParameterPlacer;
  /** Default: `default`. */
  readonly server?: string;
  readonly parameters?: readonly ParameterSpec[];
  readonly body?: BodySpec;
  readonly accept?: string;
  readonly result: ResultDecoder;
  /** `judgeSuccess`, where an error rule names the status of a success. */
  readonly judge?: SuccessJudge;
  /** Response body → value. */
  readonly select?: SelectorPath;
  readonly stream?: StreamSpec;
  readonly page?: PageSpec;
  readonly wait?: WaitSpec;
  readonly idempotency?: { readonly header: string; readonly generate?: true };
  /** In place of the connector's, complete. */
  readonly policy?: PolicySpec;
  /** In place of the connector's. */
  readonly auth?: readonly AuthStep[];
  readonly headers?: readonly (readonly [name: string, value: Template])[];
  /** Before the connector's. */
  readonly errors?: readonly ErrorRuleSpec[];
  readonly onRequest?: RequestHook;
  readonly onResponse?: ResponseHook;
}
