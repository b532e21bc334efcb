/** Implements `vastar status`. */
import process from "node:process";
import { deferred } from "../../../src/core/deferred.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../../command.ts";
import type { RuntimeStatus } from "../admin.ts";
import { poolOf, viewPool } from "./pool_status.ts";
import { type Answer, probe } from "./probe.ts";
import { readReport } from "../report.ts";
import { adminOf, askStatus } from "./status_source.ts";
import { type View, viewOf } from "./status_view.ts";
import { addressOf, isRunning, readState, type RuntimeState } from "./state.ts";

/** The message of a health answer while draining. */
const DRAINING = "draining";

interface Status {
  readonly address: string;
  readonly answer: Answer | undefined;
  readonly state: RuntimeState | undefined;
  readonly draining: boolean;
  /** Where its admin listener is; undefined if none is known. */
  readonly admin: string | undefined;
  /** The answer of its admin listener; undefined if none is known. */
  readonly details: RuntimeStatus | undefined;
  /** Why there is no answer. */
  readonly silent: string | undefined;
}

const INTERVAL_S = 1;
/** Moves to the top left corner and clears the screen. */
const CLEAR = "\x1b[H\x1b[2J";

/** Exit code 0 if a runtime answers and is healthy, else 1. */
export async function showStatus(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const seconds = args.number("interval") ?? INTERVAL_S;
  if (!(seconds > 0)) throw new UsageError("--interval must be a number of seconds above 0.");
  const pool = poolOf(args, io);
  const look = pool === undefined ? () => viewRuntime(args, io) : () => viewPool(pool, args);
  let view = await look();
  if (!args.flag("live")) {
    io.stdout(view.shown());
    return view.code;
  }
  const stopped = deferred<void>();
  const off = [io.onSignal("SIGINT", stopped.resolve), io.onSignal("SIGTERM", stopped.resolve)];
  let over = false;
  void stopped.promise.then(() => over = true);
  let before: RuntimeStatus | undefined;
  while (!over && io.stdoutClosed?.() !== true) {
    const shown = view.shown(before);
    io.stdout(process.stdout.isTTY ? CLEAR + shown : args.flag("json") ? shown : `${shown}\n`);
    before = view.details;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      stopped.promise,
      new Promise((wake) => timer = setTimeout(wake, seconds * 1000)),
    ]);
    clearTimeout(timer);
    if (!over) view = await look();
  }
  for (const undo of off) undo();
  return view.code;
}

async function viewRuntime(args: CommandArgs, io: CommandIo): Promise<View> {
  const status = await look(args, io);
  return {
    shown: (before) => args.flag("json") ? json(status) : text(status, before),
    details: status.details,
    code: status.answer?.health?.healthy === true ? 0 : 1,
  };
}

async function look(args: CommandArgs, io: CommandIo): Promise<Status> {
  const address = addressOf(args, io);
  const answer = await probe(address);
  const known = readState(address, io.env);
  const state = known !== undefined && isRunning(known) ? known : undefined;
  // A draining runtime has closed its listeners: only its report can say so.
  const draining = answer === undefined
    ? state !== undefined && readReport(address, state.pid, io.env)?.draining === true
    : answer.health?.message === DRAINING;
  const admin = adminOf(args, io, address, state);
  let details: RuntimeStatus | undefined;
  let silent: string | undefined;
  if (admin !== undefined) {
    try {
      details = await askStatus(admin, io);
    } catch (error) {
      silent = error instanceof Error ? error.message : String(error);
    }
  }
  return { address, answer, state, draining, admin, details, silent };
}

function json({ address, answer, state, draining, admin, details, silent }: Status): string {
  const { health, protocol, refusal } = answer ?? {};
  return `${
    JSON.stringify({
      address,
      answers: answer !== undefined,
      healthy: health?.healthy ?? false,
      draining,
      message: draining ? DRAINING : health?.message ?? refusal,
      protocol,
      activeRequests: health?.activeRequests,
      availableCredits: health?.availableCredits,
      pid: state?.pid,
      startedAt: state?.startedAt,
      listen: state?.listen,
      log: state?.log,
      admin,
      runtime: details,
      runtimeError: silent,
    })
  }\n`;
}

function text(status: Status, before?: RuntimeStatus): string {
  const { address, answer, state, draining, admin, details, silent } = status;
  const { health, protocol, refusal } = answer ?? {};
  const head = draining
    ? `The runtime on ${address} is draining: it finishes its open calls and takes no new ones.`
    : answer === undefined
    ? state === undefined
      ? `No runtime answers on ${address}: \`vastar runtime start\` starts one.`
      : `The runtime on ${address} does not answer, though its process is there.`
    : health === undefined
    ? `A runtime answers on ${address}, but refuses us: ${refusal}`
    : `The runtime on ${address} ${health.healthy ? "is healthy" : "is not healthy"}${
      health.message === "" ? "" : `: ${health.message}`
    }`;
  const facts: [string, string | undefined][] = [
    ["protocol", protocol],
    [
      "calls",
      health === undefined || details !== undefined ? undefined : `${health.activeRequests} active`,
    ],
    ["pid", state === undefined ? undefined : `${state.pid}, since ${state.startedAt}`],
    ["listens on", state?.listen.join(" ")],
    ["log", state?.log],
    ["admin", silent ?? admin],
  ];
  const lines = facts.flatMap(([label, value]) =>
    value === undefined ? [] : [`  ${label.padEnd(10)}  ${value}\n`]
  );
  return `${head}\n${lines.join("")}${details === undefined ? "" : viewOf(details, before)}`;
}
