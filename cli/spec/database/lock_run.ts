/** `vastar generate --database URL`: asks the database, and writes what it says beside the spec. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import process from "node:process";
import { findSpecs } from "../../../codegen/generate/find_specs.ts";
import { diskIoFrom } from "../../../codegen/load/io.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import { DATABASE_SCHEMES, type Protocol } from "../../../codegen/model/database.ts";
import type { ConnectorModel } from "../../../codegen/model/mod.ts";
import {
  digestOf,
  type Lock,
  LOCK_FORMAT,
  type LockedOperation,
  lockPath,
} from "../../../codegen/read/database/lock.ts";
import type { Diagnostic } from "../../../codegen/read/report/diagnostic.ts";
import { RuntimeClient } from "../../../src/client/runtime_client.ts";
import { schemeOf } from "../../../src/core/database/schemes.ts";
import { ConnectorError, invalidRequest } from "../../../src/core/errors.ts";
import { Secrets } from "../../../src/core/secrets/secrets.ts";
import { describeMysql } from "./mysql.ts";
import { describePostgres } from "./postgres.ts";
import { differences, lockText } from "./lock_text.ts";
import type { Describer } from "./question.ts";
import { describeSqlite } from "./sqlite.ts";

export interface LockRun {
  /** Mistakes in specs: nothing was asked then. */
  readonly diagnostics: readonly Diagnostic[];
  /** The file, and what is different about it. */
  readonly changes: readonly { readonly path: string; readonly lines: readonly string[] }[];
  /** What the database said of statements that it does not take. */
  readonly refused: readonly {
    readonly path: string;
    readonly at: { readonly line: number; readonly column: number };
    readonly operation: string;
    readonly message: string;
  }[];
}

export interface LockOptions {
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly url: string;
  /** Compares instead of writing. */
  readonly check: boolean;
  readonly onStep: (what: string) => void;
}

/** Throws `generate.database` for an address that no spec is for, or that cannot be reached. */
export async function lockDatabases(options: LockOptions): Promise<LockRun> {
  const { cwd, url } = options;
  const protocol = protocolOf(url);
  const paths = options.paths.map((path) => resolve(cwd, path));
  const specs = findSpecs(paths, () => false).flatMap(({ spec }) =>
    spec === undefined ? [] : [spec]
  );
  const loaded = specs.map((spec) => ({
    spec,
    ...loadConnector(shown(spec, cwd), diskIoFrom(cwd), undefined, { lock: "ask" }),
  }));
  const diagnostics = loaded.flatMap((one) => one.diagnostics).filter((one) =>
    one.severity === "error"
  );
  if (diagnostics.length > 0) return { diagnostics, changes: [], refused: [] };
  const [first, ...others] = loaded.flatMap(({ spec, model }) =>
    model?.protocol === protocol ? [{ spec, model }] : []
  );
  if (first === undefined) {
    throw invalidRequest(
      "generate.database",
      `--database is an address of ${protocol}, and no spec here says \`protocol: ${protocol}\``,
    );
  }
  if (others.length > 0) {
    const names = [first, ...others].map(({ spec }) => shown(spec, cwd)).join(", ");
    throw invalidRequest(
      "generate.database",
      `--database is one database, and these are several specs: ${names}; give one of them`,
    );
  }
  return await lockOne(first.spec, first.model, options);
}

async function lockOne(
  spec: string,
  model: ConnectorModel,
  options: LockOptions,
): Promise<LockRun> {
  const { cwd, url, check, onStep } = options;
  const secrets = new Secrets([url]);
  const path = lockPath(spec);
  const before = readLockFile(path);
  const operations: Record<string, LockedOperation> = {};
  const refused: LockRun["refused"][number][] = [];
  const describer = await open(url);
  try {
    for (const { id, query, at } of model.operations) {
      if (query?.kind !== "sql") continue;
      onStep(`asking about ${id}`);
      try {
        operations[id] = {
          statement: digestOf(query.statement),
          ...await describer.describe(query),
        };
      } catch (error) {
        const message = secrets.redact(error instanceof Error ? error.message : String(error));
        if (!isOfStatement(error)) {
          throw invalidRequest("generate.database", `The database cannot be asked: ${message}`);
        }
        refused.push({ path: shown(spec, cwd), at, operation: id, message });
      }
    }
  } finally {
    await describer.close();
  }
  if (refused.length > 0) return { diagnostics: [], changes: [], refused };
  const lock: Lock = { lock: LOCK_FORMAT, protocol: model.protocol as Protocol, operations };
  const text = lockText(lock);
  if (before?.text === text) return { diagnostics: [], changes: [], refused };
  if (!check) write(path, text);
  const lines = differences(before?.lock, lock);
  return { diagnostics: [], changes: [{ path: shown(path, cwd), lines }], refused };
}

/** Rather than of the way to it. */
function isOfStatement(error: unknown): boolean {
  return !(error instanceof ConnectorError) ||
    /^database\.(?:statement|denied|value|failed|request)$/.test(error.code);
}

function protocolOf(url: string): Protocol {
  const scheme = /^([a-z]+):/.exec(url)?.[1] ?? "";
  const found = (["postgres", "mysql", "sqlite"] as const).find((one) =>
    DATABASE_SCHEMES[one].includes(scheme)
  );
  if (found !== undefined) return found;
  throw invalidRequest(
    "generate.database",
    "--database takes the address of a database with statements: postgres://user:password@host:5432/name, mysql://user:password@host:3306/name or sqlite:shop.db",
  );
}

/** Whoever gives the address permits that it is reached. */
async function open(url: string): Promise<Describer> {
  const { protocol, hostname, port, pathname } = new URL(url);
  if (protocol === "sqlite:") return await describeSqlite(decodeURIComponent(pathname));
  const usual = schemeOf(protocol)?.port;
  const host = hostname.includes(":") ? `[${hostname.replace(/^\[|\]$/g, "")}]` : hostname;
  const client = new RuntimeClient({
    address: "embedded:",
    engine: {
      egress: { allow: usual === undefined ? [] : [`${host}:${port === "" ? usual : port}`] },
      // One connection: what is prepared on it is asked for on it.
      databases: { poolSize: 1, files: ["*"] },
    },
  });
  return schemeOf(protocol)?.kind === "mysql"
    ? describeMysql(client, url)
    : describePostgres(client, url);
}

function readLockFile(
  path: string,
): { readonly text: string; readonly lock: Lock | undefined } | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, "utf8").replaceAll("\r\n", "\n");
  try {
    return { text, lock: JSON.parse(text) as Lock };
  } catch {
    return { text, lock: undefined };
  }
}

/** Never half a file. */
function write(path: string, text: string): void {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, text);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidRequest("generate.not_written", `${path} cannot be written: ${reason}`, error);
  }
}

function shown(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below.startsWith("..") || isAbsolute(below) ? path : below;
}
