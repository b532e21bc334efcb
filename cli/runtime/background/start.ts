/** Implements `vastar runtime start`. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { formatAddress } from "../../../src/transport/address.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../../command.ts";
import { BUN_ENV, V8_FLAGS } from "./lean.ts";
import { type Answer, probe } from "./probe.ts";
import { readSettings } from "../settings.ts";
import { differences, flagsOf, optionsOf } from "./options.ts";
import { readReport, REPORT_VARIABLE, reportPath } from "../report.ts";
import {
  forgetState,
  identityOf,
  isRunning,
  readState,
  type RuntimeState,
  statePath,
  writeState,
} from "./state.ts";

const WAIT_S = 15;
const POLL_MS = 50;
/** A larger log makes room for a new one when the runtime starts. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** Replaces `replaced`, which continues until it knows that another one serves. */
export async function startRuntime(
  args: CommandArgs,
  io: CommandIo,
  replaced?: RuntimeState,
): Promise<ExitCode> {
  const waitMs = (args.number("wait") ?? WAIT_S) * 1000;
  if (!(waitMs > 0)) throw new UsageError("--wait must be a number of seconds above 0.");
  // Mistakes in the configuration are reported here, not in a log.
  const { daemon, tokens } = await readSettings(args, io);
  const [first] = daemon.listen;
  if (first === undefined || (first.kind === "tcp" && first.port === 0)) {
    throw new UsageError("--listen must name a port, so that clients can find the runtime.");
  }
  const address = formatAddress(first);
  const token = tokens[0]?.token;
  const listen = daemon.listen.map(formatAddress);
  const options = optionsOf(args, io, listen);
  const answer = replaced === undefined ? await probe(address, token) : undefined;
  if (answer !== undefined) return alreadyRunning(address, answer, options, io);
  const stale = replaced === undefined && first.kind === "unix" && isSocket(first.path);
  const log = resolve(io.cwd, args.string("log") ?? `${statePath(address, io.env)}.log`);
  const restore = () => {
    forgetState(address, io.env);
    if (replaced !== undefined) writeState(address, replaced, io.env);
  };
  forgetState(address, io.env);
  const more = replaced === undefined ? [] : ["--take-over"];
  const { child, logged } = launch(options, more, io, log, reportPath(address, io.env));
  // If another one answers there, only its own report shows that it serves.
  const serves = async () =>
    replaced === undefined
      ? await probe(address, token) !== undefined
      : readReport(address, child.pid ?? 0, io.env) !== undefined;
  const ended = new Promise<void>((done) => {
    child.once("exit", () => done());
    child.once("error", () => done());
  });
  // Saved first, so that a user who interrupts the wait can still stop it.
  if (child.pid !== undefined) {
    const [pid, startedAt] = [child.pid, new Date().toISOString()];
    const identity = identityOf(pid) ?? "";
    writeState(address, { pid, identity, listen, options, log, startedAt }, io.env);
  }
  let over = false;
  void ended.then(() => over = true);
  const until = performance.now() + waitMs;
  while (!over && !await serves()) {
    if (performance.now() > until) {
      child.kill("SIGKILL");
      await ended;
      io.stderr(
        `The runtime did not answer on ${address} within ${waitMs / 1000} s and was ended.\n`,
      );
      restore();
      return failed(log, logged, io);
    }
    await Promise.race([ended, new Promise((wake) => setTimeout(wake, POLL_MS))]);
  }
  if (over || child.pid === undefined) {
    restore();
    io.stderr("The runtime ended before it answered.\n");
    return failed(log, logged, io);
  }
  child.unref();
  if (stale) io.stdout(`A stale socket was replaced.\n`);
  io.stdout(`The runtime is running: pid ${child.pid}, ${listen.join(" ")}\n`);
  io.stdout(`Log: ${log}\n`);
  return 0;
}

interface Launched {
  readonly child: ChildProcess;
  /** Previous size of the log. */
  readonly logged: number;
}

/** Nothing was started: fine if the running one is what was asked for. */
function alreadyRunning(
  address: string,
  answer: Answer,
  options: RuntimeState["options"],
  io: CommandIo,
): ExitCode {
  const known = readState(address, io.env);
  const started = known !== undefined && isRunning(known) ? known : undefined;
  if (started === undefined || answer.health === undefined) {
    const why = answer.refusal ?? "`vastar runtime start` did not start it";
    io.stderr(
      `A runtime already answers on ${address}, and its options are unknown: ${why}.\n` +
        "Nothing was started: stop it first, or choose another address with --listen.\n",
    );
    return 1;
  }
  const lines = differences(started.options, options);
  if (lines.length === 0) {
    io.stdout(
      `A runtime is already running on ${address} (pid ${started.pid}), with these options.\n`,
    );
    return 0;
  }
  io.stderr(
    `A runtime is already running on ${address} (pid ${started.pid}), with other options:\n` +
      lines.map((line) => `  ${line}\n`).join("") +
      "Nothing was changed: `vastar runtime restart` with the options that differ replaces it.\n",
  );
  return 1;
}

function launch(
  options: RuntimeState["options"],
  more: readonly string[],
  io: CommandIo,
  log: string,
  report: string,
): Launched {
  if (existsSync(log) && statSync(log).size > MAX_LOG_BYTES) renameSync(log, `${log}.1`);
  const file = openSync(log, "a", 0o600);
  try {
    const logged = statSync(log).size;
    const child = spawn(process.execPath, [
      ...ownArguments(),
      "runtime",
      ...flagsOf(options),
      ...more,
    ], {
      cwd: io.cwd,
      detached: true,
      stdio: ["ignore", file, file],
      env: { ...BUN_ENV, ...process.env, [REPORT_VARIABLE]: report },
    });
    return { child, logged };
  } finally {
    closeSync(file);
  }
}

/** The command line with which this JavaScript runtime runs this program. */
function ownArguments(): string[] {
  const extension = import.meta.url.endsWith(".js") ? "js" : "ts";
  const program = fileURLToPath(new URL(`../../main.${extension}`, import.meta.url));
  // A single executable contains its program.
  if (import.meta.url.startsWith("file:///$bunfs/")) return [];
  if ("Deno" in globalThis) {
    return ["run", `--v8-flags=${V8_FLAGS}`, "--allow-all", "--no-check", program];
  }
  return "Bun" in globalThis ? [program] : [...process.execArgv, V8_FLAGS, program];
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

function failed(log: string, from: number, io: CommandIo): ExitCode {
  const text = readFileSync(log).subarray(from).toString("utf8").trim();
  io.stderr(text === "" ? `Its log ${log} is empty.\n` : `${text}\n`);
  return 1;
}
