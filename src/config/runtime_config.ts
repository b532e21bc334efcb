/** The configuration file of the runtime; `schemas/runtime-config.schema.json` describes it to editors. */
import { ConfigSection } from "./section.ts";
import { ConfigProblems, type ConfigSource, readProfiles } from "./tree.ts";
import { MIN_TOKEN_LENGTH } from "./token.ts";

export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the file says; undefined where it says nothing. Times in ms, sizes in bytes. */
export interface RuntimeConfig {
  readonly listen: readonly string[] | undefined;
  readonly admin: string | undefined;
  readonly tokens: readonly { readonly token: string; readonly tenantId: string | undefined }[];
  readonly egress: {
    readonly allow: readonly string[] | undefined;
    readonly mode: "enforce" | "report" | undefined;
  };
  readonly timeouts: {
    readonly call: number | undefined;
    readonly maxCall: number | undefined;
    readonly connect: number | undefined;
    readonly firstByte: number | undefined;
    readonly idle: number | undefined;
    readonly frame: number | undefined;
    readonly drain: number | undefined;
  };
  readonly limits: {
    readonly maxConnections: number | undefined;
    readonly maxOpenCalls: number | undefined;
    readonly maxUnsent: number | undefined;
    readonly maxHeld: number | undefined;
    readonly maxBuffered: number | undefined;
    readonly maxCalls: number | undefined;
    readonly maxFrame: number | undefined;
    readonly callCredit: number | undefined;
    readonly connectionCredit: number | undefined;
    readonly maxRedirects: number | undefined;
  };
  readonly pool: {
    readonly maxSocketsPerHost: number | undefined;
    readonly keepAlive: number | undefined;
  };
  readonly log: {
    readonly level: LogLevel | undefined;
    readonly format: "text" | "json" | undefined;
  };
}

export interface RuntimeConfigSource extends ConfigSource {
  /** Throws for a rule of `egress.allow` that is none. */
  readonly allowRule?: (text: string) => unknown;
}

/**
 * Profiles that were not asked for are checked too, but for what the environment gives them.
 * @throws ConnectorError `config.invalid`: every mistake with file, line and column, what was found and what is right.
 */
export function readRuntimeConfig(text: string, source: RuntimeConfigSource): RuntimeConfig {
  const problems = new ConfigProblems(source.file);
  const { root, others } = readProfiles(text, source, problems);
  for (const [name, node] of others) {
    readSettings(new ConfigSection(node, problems, `profiles.${name}`), source);
  }
  const config = readSettings(new ConfigSection(root, problems), source);
  problems.throwIfAny();
  return config;
}

function readSettings(root: ConfigSection, { allowRule }: RuntimeConfigSource): RuntimeConfig {
  const config: RuntimeConfig = {
    listen: root.strings("listen"),
    admin: root.string("admin"),
    tokens: readTokens(root),
    egress: read(root.section("egress"), (egress) => ({
      allow: egress.strings("allow", allowRule),
      mode: egress.string("mode", ["enforce", "report"]) as "enforce" | "report" | undefined,
    })),
    timeouts: read(root.section("timeouts"), (timeouts) => ({
      call: timeouts.duration("call"),
      maxCall: timeouts.duration("maxCall"),
      connect: timeouts.duration("connect"),
      firstByte: timeouts.duration("firstByte"),
      idle: timeouts.duration("idle"),
      frame: timeouts.duration("frame"),
      drain: timeouts.duration("drain"),
    })),
    limits: read(root.section("limits"), (limits) => ({
      maxConnections: limits.count("maxConnections"),
      maxOpenCalls: limits.count("maxOpenCalls"),
      maxUnsent: limits.size("maxUnsent"),
      maxHeld: limits.size("maxHeld"),
      maxBuffered: limits.size("maxBuffered"),
      maxCalls: limits.count("maxCalls"),
      maxFrame: limits.size("maxFrame"),
      callCredit: limits.size("callCredit"),
      connectionCredit: limits.size("connectionCredit"),
      maxRedirects: limits.count("maxRedirects"),
    })),
    pool: read(root.section("pool"), (pool) => ({
      maxSocketsPerHost: pool.count("maxSocketsPerHost"),
      keepAlive: pool.duration("keepAlive"),
    })),
    log: read(root.section("log"), (log) => ({
      level: log.string("level", LOG_LEVELS) as LogLevel | undefined,
      format: log.string("format", ["text", "json"]) as "text" | "json" | undefined,
    })),
  };
  root.done();
  return config;
}

function readTokens(root: ConfigSection): RuntimeConfig["tokens"] {
  return root.sections("tokens").flatMap((entry) => {
    const token = entry.string("token");
    const tenantId = entry.string("tenant");
    if (!entry.has("token")) entry.problem("token", "is missing");
    else if (token !== undefined && token.length < MIN_TOKEN_LENGTH) {
      entry.problem(
        "token",
        `is too short to be secret; use at least ${MIN_TOKEN_LENGTH} characters`,
      );
    }
    entry.done();
    return token === undefined ? [] : [{ token, tenantId }];
  });
}

function read<T>(section: ConfigSection, from: (section: ConfigSection) => T): T {
  const value = from(section);
  section.done();
  return value;
}
