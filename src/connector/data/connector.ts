/** A connector as generated code describes it, and the client state that signing works on. */
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
  /** Config field with the value. Default: the client option named like the variable. */
  readonly config?: string;
}

export type ServerFiller = (
  id: string,
  server: ServerData,
  options: Values,
  config: Values,
) => string;

export interface ServerData {
  /** Without a trailing slash; variables as `{name}`. Only a path if the host is unknown: `baseURL` supplies it. */
  readonly url: string;
  readonly variables?: readonly ServerVariableData[];
  /** `fillServer`, if there are variables. For a database: its address in the configuration. */
  readonly fill?: ServerFiller;
  /** The address, or an error that says what it must be. Default: any of HTTP. */
  readonly check?: (id: string, url: string) => string;
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
  /** The time limits of a whole call, body and stream included. */
  readonly timeoutMs?: number;
}

/** The signed call's deadline: a step never waits longer than the call may take. */
export interface AuthLimits {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds; undefined: only the runtime's own limit applies. */
  readonly timeoutMs: number | undefined;
}

export interface AuthStep {
  /** The lookups that signing needs: if one that is not optional has no value, the call fails before it is sent. */
  readonly needs?: readonly Template[];
  /** Lower-case names of headers that hold a secret even if the caller sets them instead of the configuration. */
  readonly headers?: readonly string[];
  apply(
    request: OutgoingRequest,
    client: ClientState,
    tenantId: string,
    limits: AuthLimits,
  ): void | Promise<void>;
  /** After a 401: the outcome of a second try with different credentials; undefined if there are none to try. */
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

/** A client's state: its configuration, its server addresses, and the runtime that executes its calls. */
export interface ClientState<Id extends string = string> {
  readonly connector: ConnectorData<Id>;
  /** Field → value; contains secrets. */
  readonly config: Values;
  readonly runtime: ConnectorRuntime;
  readonly options: ClientOptions;
  /** Without a trailing slash. */
  baseURL(server: string): string;
  /** The configured secrets, and the tokens obtained with them. */
  readonly secrets: Secrets;
  /** What features keep between calls, such as tokens. */
  readonly kept: WeakMap<object, unknown>;
  readonly maxResponseBytes: number;
}
