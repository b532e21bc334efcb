/** A client's state: its configuration, its server addresses, and the runtime that executes its calls. */
import { aboveZero } from "../../core/check_number.ts";
import type { Platform } from "../../core/platform.ts";
import { invalidRequest } from "../../core/errors.ts";
import { Secrets } from "../../core/secrets/secrets.ts";
import { resolveConfig } from "./config.ts";
import type { ClientOptions } from "../data/options.ts";
import type { ConnectorRuntime } from "../data/runtime.ts";
import { serverURL, unknownServer } from "../request/servers.ts";
import type { ClientState, ConnectorData } from "../data/connector.ts";

export interface ClientDefaults {
  /** For a `runtime` option that is absent or an address. */
  readonly runtime?: ((address: string | undefined) => ConnectorRuntime) | undefined;
  readonly env?: Platform["env"] | undefined;
}

/** The client that a connector's functions take. Its state is private, so that logging a client never shows its secrets. */
export class ConnectorClient<Id extends string = string> implements AsyncDisposable {
  readonly #state: ClientState<Id>;

  /**
   * Throws an InvalidRequest when configuration is missing (`config.missing`) or wrong (`config.invalid`), or when `runtime`
   * is needed and absent (`config.runtime`).
   */
  constructor(connector: ConnectorData<Id>, options: ClientOptions, defaults: ClientDefaults = {}) {
    this.#state = createState(connector, options, defaults);
  }

  /** Closes the runtime, unless you passed it as an object: then it is yours to close. Idempotent. */
  async close(): Promise<void> {
    const { options, runtime } = this.#state;
    if (typeof options.runtime !== "object") await runtime.close?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** For this library's own code only. */
  static stateOf<Id extends string>(client: ConnectorClient<Id>): ClientState<Id> {
    return client.#state;
  }
}

const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

function createState<Id extends string>(
  connector: ConnectorData<Id>,
  options: ClientOptions,
  defaults: ClientDefaults,
): ClientState<Id> {
  const fields = { ...options };
  const config = resolveConfig(connector, fields, options.env ?? defaults.env ?? (() => undefined));
  const urls: Record<string, string> = Object.create(null);
  const state: ClientState<Id> = {
    connector,
    config,
    runtime: pickRuntime(connector.id, options.runtime, defaults),
    options,
    baseURL: (server) => urls[server] ??= serverURL(connector, server, fields, config),
    secrets: new Secrets(secretsOf(connector, config)),
    kept: new WeakMap(),
    maxResponseBytes: positive("maxResponseBytes", options.maxResponseBytes ?? MAX_RESPONSE_BYTES),
  };
  positive("timeoutMs", options.timeoutMs);
  positive("maxEventBytes", options.maxEventBytes);
  // Wrong variables and base URLs are reported at once, not at the first call.
  state.baseURL("default");
  if (typeof options.baseURL === "object") {
    for (const server of Object.keys(options.baseURL)) {
      if (!Object.hasOwn(connector.servers, server)) {
        throw unknownServer(connector, server);
      }
      state.baseURL(server);
    }
  }
  return state;
}

function* secretsOf(
  connector: ConnectorData,
  config: Readonly<Record<string, unknown>>,
): Generator<string> {
  for (const { name, secret } of connector.config ?? []) {
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
