/** Combines flags, environment and file of `vastar runtime`. Flags override the environment, which overrides the file. */
import { DEFAULT_SOCKET_PATH } from "../../src/client/options.ts";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { RuntimeConfig } from "../../src/config/mod.ts";
import { NO_CONFIG } from "../../src/config/runtime_config.ts";
import { MIN_TOKEN_LENGTH } from "../../src/config/token.ts";
import { ConnectorError, ErrorClass, invalidRequest } from "../../src/core/errors.ts";
import { formatSocketAddress, type SocketAddress } from "../../src/core/platform.ts";
import { listenError } from "../../src/daemon/listen/listen_error.ts";
import type { AccessToken, DaemonOptions } from "../../src/daemon/mod.ts";
import { type JoinOptions, needsToken, resolveDaemonOptions } from "../../src/daemon/options.ts";
import type { EngineOptions, RetryOptions } from "../../src/engine/engine.ts";
import { USUAL_DATABASES } from "../../src/engine/database/database_options.ts";
import { resolveOptions } from "../../src/engine/options.ts";
import { parseAllowRule } from "../../src/http/allow.ts";
import { parseHostRule } from "../../src/http/hosts.ts";
import { methodPattern } from "../../src/core/rules/choice.ts";
import { checkPolicies } from "../../src/engine/tenancy/check_policies.ts";
import { parsePlacement } from "../../src/nats/placement.ts";
import { formatAddress, parseAddress } from "../../src/transport/address.ts";
import { type CommandArgs, type CommandIo, UsageError } from "../command.ts";
import type { LogSettings } from "./log/log.ts";
import { databaseSecrets, databasesOf, shownDatabases } from "./databases.ts";
import { given } from "./given.ts";
import { joinOptions, joinSecrets, shownJoin, WHOLE_ADDRESS } from "./join.ts";
import { Mistakes } from "./mistakes.ts";
import { type SharedOptions, sharedOptions, sharedSecrets, shownShared } from "./shared/shared.ts";
import { readSecrets } from "./secrets.ts";
import { credentialsOf, limitRule, tenantsOf } from "./tenants.ts";

export interface RuntimeSettings {
  readonly daemon: DaemonOptions;
  readonly engine: EngineOptions;
  /** Where quotas are kept. */
  readonly quotaFile: string | undefined;
  readonly admin: SocketAddress | undefined;
  readonly shared: SharedOptions | undefined;
  readonly tokens: readonly AccessToken[];
  /** How long open calls may take after the first signal, ms. */
  readonly drainMs: number;
  readonly log: LogSettings;
}

const DRAIN_MS = 30_000;

/**
 * Everything that can be wrong is checked here, so that a reload, a restart and `--check-config` find it before it matters.
 * @throws ConnectorError with all mistakes: `config.not_readable`, `config.invalid`, `config.option`, `address.invalid`,
 * `listen.token_required` …
 */
export async function readSettings(
  args: CommandArgs,
  io: CommandIo,
  policy?: string,
): Promise<RuntimeSettings> {
  const mistakes = new Mistakes();
  const drainMs = drainTime(args);
  const config = await mistakes.wait(readConfig(args, io, policy)) ?? NO_CONFIG;
  const secrets = await readSecrets(config.secrets ?? {}, io, mistakes);
  const own = mistakes.try(() => environmentToken(io)) ?? [];
  const join = mistakes.try(() => joinOptions(args, config.join, io));
  const shared = mistakes.try(() => sharedOptions(config.shared, join, io.cwd));
  const listen = args.has("listen")
    ? args.list("listen")
    : config.listen ?? (join === undefined ? whereClientsLook(io) : []);
  const addresses = listen.map((text) => mistakes.try(() => listenAddress(text)));
  const admin = mistakes.try(() => adminAddress(args.string("admin") ?? config.admin));
  for (const rule of args.list("allow")) mistakes.try(() => parseAllowRule(rule));
  mistakes.throwIfAny();
  const settings = putTogether(config, {
    listen: addresses.filter((address) => address !== undefined),
    admin,
    join,
    shared,
    tokens: [...own, ...config.tokens],
    allow: args.list("allow"),
    drainMs,
    quotaFile: config.quotas && resolve(io.cwd, config.quotas.file),
    secrets,
  });
  mistakes.try(() => resolveDaemonOptions(settings.daemon));
  mistakes.try(() => resolveOptions(settings.engine));
  mistakes.try(() => checkPolicies(settings.engine));
  mistakes.try(() => checkAdmin(settings));
  mistakes.throwIfAny();
  return settings;
}

/** Settings that may come from a flag or variable as well as the file. */
interface Decided extends Pick<RuntimeSettings, "admin" | "tokens" | "quotaFile" | "shared"> {
  readonly join: JoinOptions | undefined;
  readonly listen: readonly SocketAddress[];
  readonly allow: readonly string[];
  readonly drainMs: number | undefined;
  /** By name. */
  readonly secrets: ReadonlyMap<string, string>;
}

function putTogether(config: RuntimeConfig, decided: Decided): RuntimeSettings {
  const { timeouts, limits, pool } = config;
  const { listen, admin, tokens } = decided;
  return {
    daemon: {
      listen,
      join: decided.join,
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
        allow: [...decided.allow, ...config.egress.allow ?? []],
        ...given({ mode: config.egress.mode }),
      },
      ...given({
        maxCallMs: timeouts.maxCall,
        connectTimeoutMs: timeouts.connect,
        firstByteTimeoutMs: timeouts.firstByte,
        idleTimeoutMs: timeouts.idle,
        maxRedirects: limits.maxRedirects,
        retry: config.retry && retry(config.retry),
        hedge: config.hedge &&
          given({ afterMs: config.hedge.after, attempts: config.hedge.attempts }),
        breaker: config.breaker && breaker(config.breaker),
        learn: config.learnLimits,
        bulkhead: config.bulkhead,
        keep: config.keep && keep(config.keep),
        quotas: config.quotas?.rules,
        cache: config.cache,
        coalesce: config.coalesce,
        rateLimits: config.rateLimits?.map(limitRule),
        databases: config.databases && databasesOf(config.databases, decided.secrets),
      }),
      tenants: tenantsOf(config.tenants ?? {}),
      credentials: credentialsOf(config.credentials ?? [], decided.secrets),
      upstream: given({
        maxSocketsPerHost: pool.maxSocketsPerHost,
        maxOpenPerHost: pool.maxOpenPerHost,
        keepAliveMs: pool.keepAlive,
      }),
    },
    admin,
    quotaFile: decided.quotaFile,
    shared: decided.shared,
    tokens,
    drainMs: decided.drainMs ?? timeouts.drain ?? DRAIN_MS,
    log: { level: config.log.level ?? "info", format: config.log.format ?? "text" },
  };
}

/** Everything that must never be shown. */
export function secretsOf({ tokens, engine, daemon, shared }: RuntimeSettings): readonly string[] {
  const held = engine.credentials?.map(({ secret }) => secret) ?? [];
  return [
    ...tokens.map(({ token }) => token),
    ...held,
    ...databaseSecrets(engine.databases),
    ...joinSecrets(daemon.join),
    ...sharedSecrets(shared),
  ];
}

/** For people, secrets included: what was set, and the defaults of everything else. */
export function inForce(settings: RuntimeSettings): Readonly<Record<string, unknown>> {
  // Tokens have a field of their own, which a reload changes.
  const { tokens: _, join, ...daemon } = resolveDaemonOptions(settings.daemon);
  const { most: __, ...engine } = resolveOptions(settings.engine);
  const { tenants, credentials } = settings.engine;
  const databases = shownDatabases({ ...USUAL_DATABASES, ...settings.engine.databases });
  const joined = join && shownJoin(join);
  return {
    ...settings,
    shared: settings.shared && shownShared(settings.shared),
    daemon: { ...daemon, join: joined },
    engine: { ...engine, tenants, credentials, databases },
  };
}

function retry(config: NonNullable<RuntimeConfig["retry"]>): RetryOptions {
  const { attempts, unsafe, backoff, maxWait, body, budget } = config;
  return given({
    ...{ attempts, unsafe, budget, maxWaitMs: maxWait, bodyBytes: body },
    backoff: backoff && given({ baseMs: backoff.base, maxMs: backoff.max }),
  });
}

function breaker(config: NonNullable<RuntimeConfig["breaker"]>): EngineOptions["breaker"] {
  const { enabled = true, streak, open, maxOpen, ...same } = config;
  return enabled && given({ ...same, streakMs: streak, openMs: open, maxOpenMs: maxOpen });
}

function keep(config: NonNullable<RuntimeConfig["keep"]>): EngineOptions["keep"] {
  const { enabled = true, age, ...same } = config;
  return enabled && given({ ...same, ageMs: age });
}

async function readConfig(
  args: CommandArgs,
  io: CommandIo,
  policy: string | undefined,
): Promise<RuntimeConfig> {
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
    policy,
    checks: {
      listen: listenAddress,
      admin: listenAddress,
      join: { address: WHOLE_ADDRESS, only: (text) => void parsePlacement([text]) },
      egress: { allow: parseAllowRule },
      tenants: {
        "*": {
          hosts: { allow: parseHostRule, deny: parseHostRule },
          methods: { allow: methodPattern, deny: methodPattern },
          egress: { allow: parseAllowRule },
        },
      },
      credentials: { "*": { hosts: parseHostRule } },
    },
  });
}

/** Uses the same variables as clients to decide where the runtime listens. */
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

/** Not a flag, because everyone on the machine can read those. */
function environmentToken(io: CommandIo): readonly AccessToken[] {
  const token = io.env("VASTAR_TOKEN");
  if (token === undefined || token === "") return [];
  if (token.length >= MIN_TOKEN_LENGTH) return [{ token }];
  throw invalidRequest(
    "config.invalid",
    `VASTAR_TOKEN is too short to be a secret; use at least ${MIN_TOKEN_LENGTH} characters`,
  );
}

/** Like any runtime address; port 0 means any free one. */
function listenAddress(text: string): SocketAddress {
  const free = /^(tcp:\/\/.+):0$/.exec(text);
  const address = parseAddress(free?.[1] === undefined ? text : `${free[1]}:1`, true);
  if (address.kind === "embedded" || address.kind === "nats") {
    throw invalidRequest(
      "address.invalid",
      `cannot listen on ${formatAddress(address)}; write unix:/path or tcp://host:port${
        address.kind === "nats" ? ", and --join for a pool" : ""
      }`,
    );
  }
  return address.kind === "tcp" && free !== null ? { ...address, port: 0 } : address;
}

function adminAddress(text: string | undefined): SocketAddress | undefined {
  return text === undefined ? undefined : listenAddress(text);
}

function checkAdmin({ admin, tokens }: RuntimeSettings): void {
  if (admin === undefined || !needsToken(admin) || tokens.length > 0) return;
  throw listenError(
    "listen.token_required",
    `admin ${
      formatSocketAddress(admin)
    } can be reached from other machines and no access token is ` +
      "set; set VASTAR_TOKEN or tokens in the configuration, or use 127.0.0.1.",
  );
}

/** 0 is allowed: open calls are cancelled at once. */
function drainTime(args: CommandArgs): number | undefined {
  const seconds = args.number("drain");
  if (seconds === undefined || seconds >= 0) {
    return seconds === undefined ? undefined : seconds * 1000;
  }
  throw new UsageError(`--drain must be a number of seconds, 0 or more; found ${seconds}.`);
}
