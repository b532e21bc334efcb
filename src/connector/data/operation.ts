/**
 * What generated code consists of: connectors and operations as data. Features (streams, pages, body formats, auth) are
 * functions that the data refers to, so that a bundle contains only those that its operations use. The types of these
 * functions are declared here too: their implementations import this folder, and it imports none of them.
 */
import type { CallReply } from "../../core/call.ts";
import type { Json } from "../../core/json.ts";
import type { SelectorPath } from "../../sse/mod.ts";
import type { Condition } from "../../core/rules/condition.ts";
import type { AuthStep, PolicyData } from "./connector.ts";
import type { ErrorRuleData, SuccessJudge } from "./errors.ts";
import type { RequestHook, ResponseHook } from "./hooks.ts";
import type { UsageObserver } from "./observe.ts";
import type { PageData } from "./pages.ts";
import type { BodyData, Input, OutgoingRequest, ParameterData } from "./request.ts";
import type { StreamData } from "./stream.ts";
import type { Template } from "./template.ts";

/** Adds path and query to the URL, which starts as the base. Returns what is not a parameter, for the body. */
export type ParameterPlacer = (
  request: OutgoingRequest,
  operation: OperationData,
  input: Input,
) => Input;

/** `redact` removes secrets from what an error quotes; `json`: see `JsonReader`. A promise if the body has not arrived yet. */
export type ResultDecoder = (
  reply: CallReply,
  maxBytes: number,
  redact: (text: string) => string,
  json?: boolean,
) => unknown;

export interface WaitData {
  /** The operation to poll. A function, because its data may be declared further down. */
  readonly poll: () => OperationData;
  readonly input: readonly {
    readonly name: string;
    readonly from?: SelectorPath;
    readonly value?: Json;
  }[];
  readonly until: readonly Condition[];
  /** Finished and failed. */
  readonly failed?: readonly Condition[];
  readonly intervalMs: number;
  readonly maxIntervalMs: number;
  readonly result?: SelectorPath;
}

export interface OperationData {
  readonly id: string;
  readonly method: string;
  /** Literal text, and parameters by their place in `parameters`. */
  readonly path: string | readonly (string | number)[];
  /** `placeParameters`, if there are parameters. */
  readonly place?: ParameterPlacer;
  /** Default: `default`. */
  readonly server?: string;
  readonly parameters?: readonly ParameterData[];
  readonly body?: BodyData;
  readonly accept?: string;
  readonly result: ResultDecoder;
  /** The caller turns values into JSON again: text instead of `bigint`. */
  readonly json?: true;
  /** `judgeSuccess`, if an error rule names a success status. */
  readonly judge?: SuccessJudge;
  /** Response body → value. */
  readonly select?: SelectorPath;
  readonly stream?: StreamData;
  readonly page?: PageData;
  readonly wait?: WaitData;
  readonly idempotency?: { readonly header: string; readonly generate?: true };
  /** Replaces the connector's completely. */
  readonly policy?: PolicyData;
  /** Replaces the connector's. */
  readonly auth?: readonly AuthStep[];
  readonly headers?: readonly (readonly [name: string, value: Template])[];
  /** Come before the connector's. */
  readonly errors?: readonly ErrorRuleData[];
  /** Made with `requestHook`. */
  readonly onRequest?: RequestHook;
  readonly onResponse?: ResponseHook;
  /** Made with `usage`. */
  readonly usage?: UsageObserver;
}
