/** A client's own state: its configuration, where it calls, and what executes its calls. */
import { aboveZero } from "../../core/check_number.ts";
import type { Platform } from "../../core/platform.ts";
import { invalidRequest } from "../../core/errors.ts";
import { Secrets } from "../../core/secrets/secrets.ts";
import { resolveConfig } from "./config.ts";
import type { ClientOptions } from "../data/options.ts";
import type { ConnectorRuntime } from "../data/runtime.ts";
import { serverURL } from "../request/servers.ts";
import type { ConnectorSpec } from "../data/operation.ts";

export interface Context<Id extends string = string> {
  readonly spec: ConnectorSpec<Id>;
  /** Field → value; holds secrets. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly runtime: ConnectorRuntime;
  readonly options: ClientOptions;
  /** Without a slash at the end. */
  baseURL(server: string): string;
  /** Those of the configuration, and the tokens that were got with them. */
  readonly secrets: Secrets;
  /** What features keep between calls, such as tokens. */
  readonly state: WeakMap<object, unknown>;
  readonly maxResponseBytes: number;
}

export interface ClientDefaults {
  /** For a `runtime` option that is absent or an address. */
  readonly runtime?: ((address: string | undefined) => ConnectorRuntime) | undefined;
  readonly env?: Platform["env"] | undefined;
}

/** What the functions of a connector take. Its state is private, so that no log of a client shows its secrets. */
export class ConnectorClient<Id extends string = string> implements AsyncDisposable {
  readonly #context: Context<Id>;

  /**
   * Throws an InvalidRequest when configuration is missing (`config.missing`) or wrong (`config.invalid`), or when `runtime`
   * is needed and absent (`config.runtime`).
   */
  constructor(spec: ConnectorSpec<Id>, options: ClientOptions, defaults: ClientDefaults = {}) {
    this.#context = createContext(spec, options, defaults);
  }

  /** Closes the runtime, unless it was handed over as an object: then it is yours. Idempotent. */
  async close(): Promise<void> {
    const { options, runtime } = this.#context;
    if (typeof options.runtime !== "object") await runtime.close?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** For what runs in this library's name only. */
  static contextOf<Id extends string>(client: ConnectorClient<Id>): Context<Id> {
    return client.#context;
  }
}

const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

function createContext<Id extends string>(
  spec: ConnectorSpec<Id>,
  options: ClientOptions,
  defaults: ClientDefaults,
): Context<Id> {
  const fields = { ...options };
  const config = resolveConfig(spec, fields, options.env ?? defaults.env ?? (() => undefined));
  const context: Context<Id> = {
    spec,
    config,
    runtime: pickRuntime(spec.id, options.runtime, defaults),
    options,
    baseURL: (server) => serverURL(spec, server, fields, config),
    secrets: new Secrets(secretsOf(spec, config)),
    state: new WeakMap(),
    maxResponseBytes: positive("maxResponseBytes", options.maxResponseBytes ?? MAX_RESPONSE_BYTES),
  };
  positive("timeoutMs", options.timeoutMs);
  positive("maxEventBytes", options.maxEventBytes);
  // Wrong variables and base URLs are reported at once, not at the first call.
  context.baseURL("default");
  return context;
}

function* secretsOf(
  spec: ConnectorSpec,
  config: Readonly<Record<string, unknown>>,
): Generator<string> {
  for (const { name, secret } of spec.config ?? []) {
    if (secret && config[name] !== undefined) yield String(config[name]);
  }
}

function pickRuntime(
  id: string,
  runtime: ClientOptions["runtime"],
  defaults: ClientDefaults,
): ConnectorRuntime {
  if (typeof runtime === "object") return runtime;
  if (defaults.runtime) return defaults.runtime(runtime);
  throw invalidRequest(
    "config.runtime",
    `${id} has no runtime: give runtime: new RuntimeClient() or fetchRuntime()`,
  );
}

/** The value, or undefined where none was given. */
export function positive<T extends number | undefined>(name: string, value: T): T {
  if (value !== undefined) aboveZero("config.invalid", name, value);
  return value;
}
