/** Options of the worker and their defaults. */
import { wholeAboveZero } from "../../core/check_number.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { invalidRequest } from "../../core/errors.ts";
import { defaultPlatform } from "../../client/default_platform.ts";
import type { ConnectorDefinition } from "../../connector/definition/definition.ts";
import type { WorkerPart } from "../part.ts";
import type { Access } from "../access/guard.ts";
import type { ConnectorConfig } from "./connector_config.ts";
import type { ServingOptions, WorkerRuntime } from "./serving_options.ts";
import { checkTenants, type WorkerTenants } from "./tenants.ts";

export interface WorkerOptions {
  readonly connectors: readonly ConnectorDefinition[];
  /** Never closed by the worker. */
  readonly runtime: WorkerRuntime;
  /**
   * Who may call: whoever has a credential that one of these knows, or, with `open`, anyone, where something in front of the worker asks.
   * Default: `development`, which answers requests from this machine only.
   */
  readonly access?: Access;
  /** What each tenant may use, its limit and its own secrets, by name; `default` holds for tenants without an entry. */
  readonly tenants?: WorkerTenants;
  /** Where clients reach the worker, for OAuth clients behind a proxy: `https://connectors.example`. Default: what they asked. */
  readonly publicUrl?: string;
  /** What is served besides calls: `openApi()`, `consolePage()`. Default: nothing. */
  readonly parts?: readonly WorkerPart[];
  /** By connector id. Absent fields come from the environment variables that the connector names. */
  readonly config?: Readonly<Record<string, ConnectorConfig>>;
  /** Looks up environment variables. Default: the bindings passed to `fetch`, then those of the process, if there is one. */
  readonly env?: (name: string) => string | undefined;
  /** Gives events ids, and resumes a stream whose reader has lost the connection, where the runtime keeps it. Default: true. */
  readonly resume?: boolean;
  /** Largest request body in bytes. Default: 10 MiB. */
  readonly maxBodyBytes?: number;
  /** Web origins that may call from a browser, or `*`. Default: none, CORS is off. */
  readonly corsOrigins?: readonly string[];
  /**
   * Values of the Host header accepted besides `localhost`, names under it and IP addresses. Guards a worker on a loopback
   * address against DNS rebinding. Default: any host.
   */
  readonly allowedHosts?: readonly string[];
  /** How long a readiness result is cached, in milliseconds. Default: 5,000. */
  readonly readinessCacheMs?: number;
  /** How long a readiness check may take, in milliseconds. Default: 3,000. */
  readonly readinessTimeoutMs?: number;
  /** Title of the OpenAPI document and the docs page. Default: `Vastar Connector`. */
  readonly title?: string;
  /**
   * Called for every failure that was not the caller's fault, for the log: `text` has configured secrets blanked out, `error` as it was
   * thrown may contain them. Default: nothing.
   */
  readonly onError?: (text: string, requestId: string, error: unknown) => void;
  /** Default: the system's. */
  readonly clock?: Clock;
}

export interface ResolvedWorkerOptions extends ServingOptions {
  readonly access: Access;
  readonly parts: readonly WorkerPart[];
}

/** Fills in the defaults and refuses invalid options with `worker.options`. */
export function resolveWorkerOptions(options: WorkerOptions): ResolvedWorkerOptions {
  const ids = options.connectors.map((connector) => connector.id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) {
    throw invalidRequest(
      "worker.options",
      `connectors holds "${twice}" twice: give each connector once.`,
    );
  }
  const stray = Object.keys(options.config ?? {}).find((id) => !ids.includes(id));
  if (stray !== undefined) {
    throw invalidRequest(
      "worker.options",
      `config names the connector "${stray}", which is not served: there are ${
        ids.join(", ") || "none"
      }.`,
    );
  }
  checkTenants(options.tenants ?? {}, ids);
  if (options.publicUrl !== undefined && !URL.canParse(options.publicUrl)) {
    throw invalidRequest(
      "worker.options",
      `publicUrl must be a URL like https://connectors.example, found ${
        JSON.stringify(options.publicUrl)
      }.`,
    );
  }
  return {
    connectors: options.connectors,
    runtime: options.runtime,
    access: checkedAccess(options.access),
    tenants: options.tenants ?? {},
    resume: options.resume ?? true,
    publicUrl: options.publicUrl,
    parts: options.parts ?? [],
    learned: learnedFrom(options.parts ?? []),
    config: options.config ?? {},
    env: options.env ?? defaultPlatform.env,
    maxBodyBytes: wholeAboveZero(
      "worker.options",
      "maxBodyBytes",
      options.maxBodyBytes ?? 10 * 1024 * 1024,
    ),
    corsOrigins: options.corsOrigins ?? [],
    allowedHosts: options.allowedHosts,
    readinessCacheMs: wholeAboveZero(
      "worker.options",
      "readinessCacheMs",
      options.readinessCacheMs ?? 5_000,
    ),
    readinessTimeoutMs: wholeAboveZero(
      "worker.options",
      "readinessTimeoutMs",
      options.readinessTimeoutMs ?? 3_000,
    ),
    title: options.title ?? "Vastar Connector",
    onError: options.onError ?? (() => {}),
    clock: options.clock ?? systemClock,
  };
}

function checkedAccess(access: Access = "development"): Access {
  if (access.length > 0) return access;
  throw invalidRequest(
    "worker.options",
    'access is empty, so nobody could call: say who may, or use "open" or "development".',
  );
}

function learnedFrom(parts: readonly WorkerPart[]): ServingOptions["learned"] {
  const knowing = parts.filter((part) => part.config !== undefined);
  return (tenant, connector) => {
    for (const part of knowing) {
      const found = part.config?.(tenant, connector);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
