/** The work behind `vastar status`. */
import type { CommandArgs, CommandIo, ExitCode } from "./command.ts";
import { type Answer, probe } from "./runtime_probe.ts";
import { addressOf, isRunning, readState, type RuntimeState } from "./runtime_state.ts";

/** Exit code 0 when a runtime answers and is healthy, else 1. */
export async function showStatus(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const address = addressOf(args, io);
  const answer = await probe(address);
  const known = readState(address, io.env);
  const state = known !== undefined && isRunning(known) ? known : undefined;
  io.stdout(args.flag("json") ? json(address, answer, state) : text(address, answer, state));
  return answer?.health?.healthy === true ? 0 : 1;
}

function json(
  address: string,
  answer: Answer | undefined,
  state: RuntimeState | undefined,
): string {
  const { health, protocol, refusal } = answer ?? {};
  return `${
    JSON.stringify({
      address,
      answers: answer !== undefined,
      healthy: health?.healthy ?? false,
      message: health?.message ?? refusal,
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

function text(
  address: string,
  answer: Answer | undefined,
  state: RuntimeState | undefined,
): string {
  const { health, protocol, refusal } = answer ?? {};
  const head = answer === undefined
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
