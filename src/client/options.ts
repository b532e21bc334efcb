/** The client's options: what they are, where their defaults come from, what is refused. */
import { aboveZero, attemptsOf } from "../core/check_number.ts";
import { type Clock, LONGEST_MS } from "../core/clock.ts";
import { invalidRequest } from "../core/errors.ts";
import type { Transport } from "../core/call.ts";
import type { Platform, SocketAddress } from "../core/platform.ts";
import type { EngineOptions } from "../engine/engine.ts";
import { parseAllowRule, splitAllowList } from "../http/allow.ts";
import { formatAddress, parseAddress, type RuntimeAddress } from "../transport/mod.ts";
import { checkTimeout } from "./request.ts";

export interface RuntimeClientOptions {
  /**
   * `embedded:`, `unix:/path`, `tcp://host:port` or `nats://host:port/pool`. Default: what the other socket options say, else `VASTAR_RUNTIME`,
   * else what `VASTAR_USE_TCP` or `VASTAR_SOCKET_PATH` say, else the daemon on the default socket, if one answers there and the
   * socket belongs to this user or to root, else `embedded:`. Options of the engine in this process, and `VASTAR_ALLOW`, mean
   * `embedded:`.
   */
  readonly address?: string | undefined;
  /** Default: `VASTAR_TENANT_ID`, else `default`. */
  readonly tenantId?: string | undefined;
  /** Default: `VASTAR_WORKSPACE_ID`, else none. */
  readonly workspaceId?: string | undefined;
  /** Trace id of every call that has none of its own. Default: none. */
  readonly traceId?: string | undefined;
  /** Time limit of a whole call, body included, in milliseconds. Default: `VASTAR_TIMEOUT_MS`, else 60,000. */
  readonly timeoutMs?: number | undefined;
  /** The same for `client.fetch`, whose callers have their own limits and long streams. Default: 600,000 ms. */
  readonly fetchTimeoutMs?: number | undefined;
  /**
   * Retries of a call at most, unless the call or its policy says. Default: the runtime's setting, 2;
   * for `client.fetch` 0, since its callers retry by themselves.
   */
  readonly retries?: number | undefined;
  /** Largest body that is read whole, in bytes. Default: 10 MiB. */
  readonly maxResponseBytes?: number | undefined;
  /** The daemon's socket. Default: `VASTAR_SOCKET_PATH`, else `/tmp/vastar-connector-runtime.sock`. */
  readonly socketPath?: string | undefined;
  /** Default: `VASTAR_USE_TCP` is `true`. */
  readonly useTcp?: boolean | undefined;
  /** Default: `VASTAR_TCP_HOST`, else `127.0.0.1`. */
  readonly tcpHost?: string | undefined;
  /** Default: `VASTAR_TCP_PORT`, else 5000. */
  readonly tcpPort?: number | undefined;
  /** Access token, where the daemon requires one; may bind the connection to one tenant. Default: `VASTAR_TOKEN`. */
  readonly token?: string | undefined;
  /** Time limit for reaching the daemon, in milliseconds. Default: 5,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** What the engine in this process may connect to, `{ allow: ["127.0.0.1:4545"] }`; a daemon has its own. */
  readonly egress?: EngineOptions["egress"] | undefined;
  /** Options of the engine in this process; unused with a daemon. */
  readonly engine?: EngineOptions | undefined;
  /** Used instead of an address. Never closed by the client. */
  readonly transport?: Transport | undefined;
  /** Default: the platform of the current runtime. */
  readonly platform?: Platform | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

export interface ResolvedOptions {
  readonly address: RuntimeAddress;
  /** Nobody has said where: a daemon on the default socket is preferred to the address, if it can be trusted. */
  readonly isOpen: boolean;
  /** Tried when nobody answers at `address`, as the existing clients do; undefined: nothing else is tried. */
  readonly fallback: SocketAddress | undefined;
  readonly tenantId: string;
  readonly workspaceId: string;
  readonly traceId: string;
  readonly timeoutMs: number;
  readonly fetchTimeoutMs: number;
  readonly retries: number | undefined;
  readonly maxResponseBytes: number;
  readonly token: string | undefined;
  readonly connectTimeoutMs: number;
}

export const DEFAULT_SOCKET_PATH = "/tmp/vastar-connector-runtime.sock";
export const DEFAULT_TCP_HOST = "127.0.0.1";
export const DEFAULT_TCP_PORT = 5000;
export const DEFAULT_TIMEOUT_MS = 60_000;

type Env = (name: string) => string | undefined;

/** Throws an InvalidRequest that names the option or variable and the value it found. */
export function resolveOptions(options: RuntimeClientOptions, env: Env): ResolvedOptions {
  return {
    ...resolveAddress(options, env),
    tenantId: options.tenantId || env("VASTAR_TENANT_ID") || "default",
    workspaceId: options.workspaceId || env("VASTAR_WORKSPACE_ID") || "",
    traceId: options.traceId ?? "",
    timeoutMs: checkTimeout(
      options.timeoutMs ?? envNumber(env, "VASTAR_TIMEOUT_MS") ?? DEFAULT_TIMEOUT_MS,
    ),
    fetchTimeoutMs: aboveZero(
      "client.options",
      "fetchTimeoutMs",
      options.fetchTimeoutMs ?? 600_000,
    ),
    retries: options.retries === undefined
      ? undefined
      : attemptsOf("client.options", options.retries) - 1,
    maxResponseBytes: aboveZero(
      "client.options",
      "maxResponseBytes",
      options.maxResponseBytes ?? 10 * 1024 * 1024,
    ),
    token: options.token ?? env("VASTAR_TOKEN"),
    connectTimeoutMs: Math.min(
      aboveZero("client.options", "connectTimeoutMs", options.connectTimeoutMs ?? 5000),
      LONGEST_MS,
    ),
  };
}

/**
 * Checks the rules that the engine of this process would refuse when it is loaded, with the first call.
 * @throws ConnectorError `config.allow_rule`.
 */
export function checkAllowRules({ egress, engine }: RuntimeClientOptions, env: Env): void {
  const rules = (egress ?? engine?.egress)?.allow ?? [];
  for (const rule of [...rules, ...splitAllowList(env("VASTAR_ALLOW") ?? "")]) parseAllowRule(rule);
}

interface Addresses {
  readonly address: RuntimeAddress;
  readonly isOpen: boolean;
  readonly fallback: SocketAddress | undefined;
}

function resolveAddress(options: RuntimeClientOptions, env: Env): Addresses {
  if (options.address !== undefined) {
    return { address: parseAddress(options.address), fallback: undefined, isOpen: false };
  }
  const asked = options.socketPath !== undefined || options.useTcp !== undefined ||
    options.tcpHost !== undefined || options.tcpPort !== undefined;
  const runtime = env("VASTAR_RUNTIME");
  if (!asked && runtime) {
    return { address: parseAddress(runtime), fallback: undefined, isOpen: false };
  }
  if (!asked && env("VASTAR_USE_TCP") !== "true" && !env("VASTAR_SOCKET_PATH")) {
    const isOpen = options.egress === undefined && options.engine === undefined &&
      !env("VASTAR_ALLOW");
    return { address: { kind: "embedded" }, fallback: undefined, isOpen };
  }
  return socketAddresses(options, env);
}

function socketAddresses(options: RuntimeClientOptions, env: Env): Addresses {
  const host = options.tcpHost || env("VASTAR_TCP_HOST");
  const port = options.tcpPort ?? envNumber(env, "VASTAR_TCP_PORT");
  // Formatting and parsing again applies the checks of an address.
  const tcp = parseAddress(
    formatAddress({ kind: "tcp", host: host ?? DEFAULT_TCP_HOST, port: port ?? DEFAULT_TCP_PORT }),
  ) as SocketAddress;
  // A socket path in the options is more specific than a VASTAR_USE_TCP that happens to be set.
  const useTcp = options.useTcp ??
    (options.socketPath === undefined && env("VASTAR_USE_TCP") === "true");
  if (useTcp) return { address: tcp, fallback: undefined, isOpen: false };
  const path = options.socketPath || env("VASTAR_SOCKET_PATH") || DEFAULT_SOCKET_PATH;
  const wantsFallback = options.useTcp === undefined && (host !== undefined || port !== undefined);
  const fallback = wantsFallback ? tcp : undefined;
  return { address: parseAddress(`unix:${path}`), fallback, isOpen: false };
}

function envNumber(env: Env, name: string): number | undefined {
  const text = env(name);
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw invalidRequest(
      "client.options",
      `${name} is ${JSON.stringify(text)}: give a number above 0`,
    );
  }
  return value;
}
