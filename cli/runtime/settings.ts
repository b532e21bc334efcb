/** Flags, environment and file of `vastar runtime`, put together. Flags come before the environment, that before the file. */
import { DEFAULT_SOCKET_PATH } from "../../src/client/options.ts";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { RuntimeConfig } from "../../src/config/mod.ts";
import { NO_CONFIG } from "../../src/config/no_config.ts";
import { MIN_TOKEN_LENGTH } from "../../src/config/token.ts";
import { ConnectorError, ErrorClass, invalidRequest } from "../../src/core/errors.ts";
import type { SocketAddress } from "../../src/core/platform.ts";
import type { AccessToken, DaemonOptions } from "../../src/daemon/mod.ts";
import type { EngineOptions } from "../../src/engine/engine.ts";
import { parseAllowRule } from "../../src/http/allow.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { type CommandArgs, type CommandIo, UsageError } from "../command.ts";
import type { LogSettings } from "./log/log.ts";

export interface RuntimeSettings {
  readonly daemon: DaemonOptions;
  readonly engine: EngineOptions;
  readonly admin: SocketAddress | undefined;
  readonly tokens: readonly AccessToken[];
  /** How long open calls may take after the first signal, ms. */
  readonly drainMs: number;
  readonly log: LogSettings;
}

const DRAIN_MS = 30_000;

/** @throws ConnectorError `config.not_readable`, `config.invalid`, `address.invalid`. */
export async function readSettings(args: CommandArgs, io: CommandIo): Promise<RuntimeSettings> {
  const config = await readConfig(args, io);
  const listen = args.has("listen") ? args.list("listen") : config.listen ?? whereClientsLook(io);
  const admin = args.string("admin") ?? config.admin;
  const tokens = [...environmentToken(io), ...config.tokens];
  const { timeouts, limits, pool } = config;
  return {
    daemon: {
      listen: listen.map(listenAddress),
      tokens,
      ...given({
        callTimeoutMs: timeouts.call,
        frameTimeoutMs: timeouts.frame,
        maxFrameBytes: limits.maxFrame,
        maxOpenCalls: limits.maxOpenCalls,
        maxUnsentBytes: limits.maxUnsent,
        maxHeldBytes: limits.maxHeld,
        maxBufferedBytes: limits.maxBuffered,
        maxCalls: limits.maxCalls,
        maxConnections: limits.maxConnections,
        callCredit: limits.callCredit,
        connectionCredit: limits.connectionCredit,
      }),
    },
    engine: {
      egress: {
        allow: [...args.list("allow"), ...config.egress.allow ?? []],
        ...given({ mode: config.egress.mode }),
      },
      ...given({
        maxCallMs: timeouts.maxCall,
        connectTimeoutMs: timeouts.connect,
        firstByteTimeoutMs: timeouts.firstByte,
        idleTimeoutMs: timeouts.idle,
        maxRedirects: limits.maxRedirects,
      }),
      upstream: given({
        maxSocketsPerHost: pool.maxSocketsPerHost,
        maxOpenPerHost: pool.maxOpenPerHost,
        keepAliveMs: pool.keepAlive,
      }),
    },
    admin: admin === undefined ? undefined : listenAddress(admin),
    tokens,
    drainMs: drainTime(args) ?? timeouts.drain ?? DRAIN_MS,
    log: { level: config.log.level ?? "info", format: config.log.format ?? "text" },
  };
}

async function readConfig(args: CommandArgs, io: CommandIo): Promise<RuntimeConfig> {
  const file = args.string("config");
  if (file === undefined) return NO_CONFIG;
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, file), "utf8");
  } catch (cause) {
    throw new ConnectorError({
      errorClass: ErrorClass.InvalidRequest,
      code: "config.not_readable",
      message: `the configuration ${file} cannot be read: ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      origin: "caller",
      cause,
    });
  }
  const { readRuntimeConfig } = await import("../../src/config/mod.ts");
  return readRuntimeConfig(text, {
    file,
    env: io.env,
    profile: args.string("profile"),
    allowRule: parseAllowRule,
  });
}

/** The variables by which clients find the runtime say where it should be. */
function whereClientsLook(io: CommandIo): readonly string[] {
  const listen = [`unix:${io.env("VASTAR_SOCKET_PATH") || DEFAULT_SOCKET_PATH}`];
  if (io.env("VASTAR_USE_TCP") === "true") {
    const host = io.env("VASTAR_TCP_HOST") || "127.0.0.1";
    listen.push(
      `tcp://${host.includes(":") ? `[${host}]` : host}:${io.env("VASTAR_TCP_PORT") || 5000}`,
    );
  }
  return listen;
}

/** Not a flag: everybody on the machine can read those. */
function environmentToken(io: CommandIo): readonly AccessToken[] {
  const token = io.env("VASTAR_TOKEN");
  if (token === undefined || token === "") return [];
  if (token.length >= MIN_TOKEN_LENGTH) return [{ token }];
  throw invalidRequest(
    "config.invalid",
    `VASTAR_TOKEN is too short to be secret; use at least ${MIN_TOKEN_LENGTH} characters`,
  );
}

/** Like every runtime address, and port 0 for any free one. */
function listenAddress(text: string): SocketAddress {
  const free = /^(tcp:\/\/.+):0$/.exec(text);
  const address = parseAddress(free?.[1] === undefined ? text : `${free[1]}:1`, true);
  if (address.kind === "embedded") {
    throw invalidRequest(
      "address.invalid",
      `cannot listen on ${text}; write unix:/path or tcp://host:port`,
    );
  }
  return address.kind === "tcp" && free !== null ? { ...address, port: 0 } : address;
}

/** 0 is allowed: open calls are cancelled at once. */
function drainTime(args: CommandArgs): number | undefined {
  const seconds = args.number("drain");
  if (seconds === undefined || seconds >= 0) {
    return seconds === undefined ? undefined : seconds * 1000;
  }
  throw new UsageError(`--drain must be a number of seconds, 0 or more; found ${seconds}.`);
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined, so that defaults apply. */
function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Given<T>;
}
