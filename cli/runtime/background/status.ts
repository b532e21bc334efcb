/** The work behind `vastar status`. */
import type { CommandArgs, CommandIo, ExitCode } from "../../command.ts";
import { type Answer, probe } from "./probe.ts";
import { readReport } from "../report.ts";
import { addressOf, isRunning, readState, type RuntimeState } from "./state.ts";

/** What a health answer says then. */
const DRAINING = "draining";

interface Status {
  readonly address: string;
  readonly answer: Answer | undefined;
  readonly state: RuntimeState | undefined;
  readonly draining: boolean;
}

/** Exit code 0 when a runtime answers and is healthy, else 1. */
export async function showStatus(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const address = addressOf(args, io);
  const answer = await probe(address);
  const known = readState(address, io.env);
  const state = known !== undefined && isRunning(known) ? known : undefined;
  // One that drains has closed its listeners: only its report can tell.
  const draining = answer === undefined
    ? state !== undefined && readReport(address, state.pid, io.env)?.draining === true
    : answer.health?.message === DRAINING;
  const show = args.flag("json") ? json : text;
  io.stdout(show({ address, answer, state, draining }));
  return answer?.health?.healthy === true ? 0 : 1;
}

function json({ address, answer, state, draining }: Status): string {
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
    })
  }\n`;
}

function text({ address, answer, state, draining }: Status): string {
  const { health, protocol, refusal } = answer ?? {};
  const head = draining
    ? `The runtime on ${address} is draining: it finishes its open calls and takes no new ones.`
    : answer === undefined
    ? state === undefined
      ? `No runtime answers on ${address}: \`vastar runtime start\` starts one.`
      : `The runtime on ${address} does not answer, though its process is there.`
    : health === undefined
    ? `A runtime answers on ${address}, but not to us: ${refusal}`
    : `The runtime on ${address} ${health.healthy ? "is healthy" : "is not healthy"}${
      health.message === "" ? "" : `: ${health.message}`
    }`;
  const facts: [string, string | undefined][] = [
    ["protocol", protocol],
    ["calls", health === undefined ? undefined : `${health.activeRequests} active`],
    ["pid", state === undefined ? undefined : `${state.pid}, since ${state.startedAt}`],
    ["listens on", state?.listen.join(" ")],
    ["log", state?.log],
  ];
  const lines = facts.flatMap(([label, value]) =>
    value === undefined ? [] : [`  ${label.padEnd(10)}  ${value}\n`]
  );
  return `${head}\n${lines.join("")}`;
}
