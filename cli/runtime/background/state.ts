/** The saved state of a background runtime: its process and its log. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { formatAddress, parseAddress } from "../../../src/transport/address.ts";
import { DEFAULT_SOCKET_PATH } from "../../../src/client/options.ts";
import { invalidRequest } from "../../../src/core/errors.ts";
import type { CommandArgs, CommandIo } from "../../command.ts";

export interface RuntimeState {
  readonly pid: number;
  /** Distinguishes the process from a later one with the same pid. */
  readonly identity: string;
  /** What it listens on. */
  readonly listen: readonly string[];
  /** Its options by name; those not given are missing. */
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly log: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Only the owner may read and write here: these files decide which process is killed. */
export function stateFolder(env: CommandIo["env"]): string {
  const folder = env("VASTAR_STATE_DIR") ||
    join(env("XDG_STATE_HOME") || join(homedir(), ".local", "state"), "vastar");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** `unix:/tmp/a.sock` → `…/runtime-tmp-a-sock-1f2e3d4c`. */
export function statePath(address: string, env: CommandIo["env"]): string {
  const readable = address.replace(/^\w+:/, "").replace(/[^A-Za-z0-9]+/g, "-").replace(
    /^-|-$/g,
    "",
  );
  const hash = createHash("sha256").update(address).digest("hex").slice(0, 8);
  return join(stateFolder(env), `runtime-${readable.slice(-40)}-${hash}`);
}

/** The address of the command line, or where clients look for a runtime; if there is none, the only one in the background. */
export function addressOf(args: CommandArgs, io: CommandIo): string {
  const given = args.positionals[0] ?? defaultAddress(io.env);
  const address = parseAddress(given, true);
  if (address.kind !== "embedded" && address.kind !== "nats") return formatAddress(address);
  throw invalidRequest(
    "address.invalid",
    `${
      formatAddress(address)
    } is not a runtime of its own; name one by unix:/path or tcp://host:port.`,
  );
}

function defaultAddress(env: CommandIo["env"]): string {
  const runtime = env("VASTAR_RUNTIME");
  if (runtime && !/^(embedded|nats|tls):/.test(runtime)) return runtime;
  const path = env("VASTAR_SOCKET_PATH");
  const usual = `unix:${path || DEFAULT_SOCKET_PATH}`;
  // Its configuration may say that it listens elsewhere.
  if (path || existsSync(DEFAULT_SOCKET_PATH)) return usual;
  const [only, ...others] = runningAddresses(env);
  return only !== undefined && others.length === 0 ? only : usual;
}

function runningAddresses(env: CommandIo["env"]): string[] {
  return readdirSync(stateFolder(env)).flatMap((name) => {
    if (!/^runtime-.*-[0-9a-f]{8}\.json$/.test(name)) return [];
    const state = readFile(join(stateFolder(env), name));
    const address = state?.listen[0];
    return state !== undefined && address !== undefined && isRunning(state) ? [address] : [];
  });
}

export function readState(address: string, env: CommandIo["env"]): RuntimeState | undefined {
  return readFile(`${statePath(address, env)}.json`);
}

function readFile(path: string): RuntimeState | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isState(value) ? value : undefined;
  } catch {
    // Missing, or not ours: either way nothing is known.
    return undefined;
  }
}

function isState(value: unknown): value is RuntimeState {
  return typeof value === "object" && value !== null && "pid" in value &&
    typeof value.pid === "number" && "identity" in value && "log" in value && "listen" in value &&
    "options" in value;
}

export function writeState(address: string, state: RuntimeState, env: CommandIo["env"]): void {
  writeFileSync(`${statePath(address, env)}.json`, `${JSON.stringify(state)}\n`, { mode: 0o600 });
}

export function forgetState(address: string, env: CommandIo["env"]): void {
  for (const kind of ["json", "report.json"]) {
    rmSync(`${statePath(address, env)}.${kind}`, { force: true });
  }
}

/**
 * The start time of a process, which no later process with the same pid shares; undefined if there is none, or only
 * a zombie.
 */
export function identityOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may contain anything; what follows it is fixed.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    if (process.platform === "linux") return undefined;
  }
  const ps = spawnSync("ps", ["-o", "stat=", "-o", "lstart=", "-p", String(pid)], {
    encoding: "utf8",
  });
  const [stat = "", ...start] = (ps.stdout ?? "").trim().split(/\s+/);
  return stat === "" || stat.startsWith("Z") ? undefined : start.join(" ");
}

export function isRunning(state: RuntimeState): boolean {
  return identityOf(state.pid) === state.identity;
}
