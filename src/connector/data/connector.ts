/** A connector as generated code has it, and the state of a client of it, which signing works on. */
import type { CallPolicy } from "../../core/call.ts";
import type { Json } from "../../core/json.ts";
import type { Secrets } from "../../core/secrets/secrets.ts";
import type { ErrorsData } from "./errors.ts";
import type { ClientOptions } from "./options.ts";
import type { Exchange, OutgoingRequest } from "./request.ts";
import type { ConnectorRuntime } from "./runtime.ts";
import type { Template } from "./template.ts";

type Values = Readonly<Record<string, unknown>>;

export interface ServerVariableData {
  readonly name: string;
  /** Regular expression for the whole value. */
  readonly pattern?: string;
  readonly oneOf?: readonly string[];
  readonly default?: string;
  /** Config field that gives the value. Default: the client option of the variable's name. */
  readonly config?: string;
}

export type ServerFiller = (
  id: string,
  server: ServerData,
  options: Values,
  config: Values,
) => string;

export interface ServerData {
  /** Without a slash at the end; variables as `{name}`. Only a path where the host is not known: `baseURL` gives it. */
  readonly url: string;
  readonly variables?: readonly ServerVariableData[];
  /** `fillServer`, where there are variables. */
  readonly fill?: ServerFiller;
}

/** Throws `config.invalid`. */
export type EnvReader = (text: string, field: ConfigFieldData) => unknown;

export interface ConfigFieldData {
  readonly name: string;
  readonly env?: string;
  readonly optional?: true;
  readonly default?: Json;
  readonly secret?: true;
  /** How the text of an environment variable is read. Default: as text. */
  readonly read?: EnvReader;
}

export interface PolicyData extends CallPolicy {
  /** For the whole call, body and stream included. */
  readonly timeoutMs?: number;
}

/** Of the call that is signed: whatever a step waits for, it waits no longer than the call may take. */
export interface AuthLimits {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds; undefined: only the runtime's own limit holds. */
  readonly timeoutMs: number | undefined;
}

export interface AuthStep {
  /** What is looked up to sign: without a value of one that is not optional, a call fails before it is sent. */
  readonly needs?: readonly Template[];
  /** Lower-case names of headers that hold a secret even when a caller sets them in place of the configuration. */
  readonly headers?: readonly string[];
  apply(
    request: OutgoingRequest,
    client: ClientState,
    tenantId: string,
    limits: AuthLimits,
  ): void | Promise<void>;
  /** After a 401: what trying once more with other credentials gives; undefined when there are none to try. */
  refused?(
    exchange: Exchange,
    client: ClientState,
    tenantId: string,
    again: () => Promise<Exchange>,
  ): Promise<Exchange> | undefined;
}

export interface ConnectorData<Id extends string = string> {
  readonly id: Id;
  readonly version: string;
  readonly servers: Readonly<Record<string, ServerData>>;
  readonly config?: readonly ConfigFieldData[];
  readonly auth?: readonly AuthStep[];
  readonly headers?: readonly (readonly [name: string, value: Template])[];
  readonly errors: ErrorsData;
  readonly policy?: PolicyData;
}

/** A client's own: its configuration, where it calls, and what executes its calls. */
export interface ClientState<Id extends string = string> {
  readonly connector: ConnectorData<Id>;
  /** Field → value; holds secrets. */
  readonly config: Values;
  readonly runtime: ConnectorRuntime;
  readonly options: ClientOptions;
  /** Without a slash at the end. */
  baseURL(server: string): string;
  /** Those of the configuration, and the tokens that were got with them. */
  readonly secrets: Secrets;
  /** What features keep between calls, such as tokens. */
  readonly kept: WeakMap<object, unknown>;
  readonly maxResponseBytes: number;
}
