/** One of several attempts of a call that are under way at the same time: it ends with the call, and can be given up alone. */
import type { ConnectorError, Sent } from "../../core/errors.ts";
import { ActiveCall } from "../call.ts";

const FURTHER: readonly Sent[] = ["no", "maybe", "committed"];

export function branchOf(call: ActiveCall): ActiveCall {
  const { request, tenant, id, startedAt, timeoutMs, signal, branches = [] } = call;
  const branch = new ActiveCall(request, tenant, id, startedAt, timeoutMs, () => {});
  branch.target = call.target;
  branch.addresses = call.addresses;
  branch.unresolved = call.unresolved;
  branch.sent = call.sent;
  branch.formerlySent = call.formerlySent;
  branch.waitedMs = call.waitedMs;
  branch.queuedMs = call.queuedMs;
  branch.attempts = call.attempts + branches.length;
  call.branches = [...branches, branch];
  const stop = (): void => branch.stop(signal.reason as ConnectorError);
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop);
  return branch;
}

/** What came of one of them is what came of the call. */
export function adopt(call: ActiveCall, chosen: ActiveCall): void {
  const { branches = [], attempts } = call;
  call.sent = reached(call);
  call.attempts = branches.reduce(
    (sum, branch, at) => sum + branch.attempts - attempts - at,
    attempts,
  );
  call.bytesOut += branches.reduce((sum, branch) => sum + branch.bytesOut, 0);
  call.status = chosen.status;
  call.elsewhere = chosen.elsewhere;
  call.queuedMs = chosen.queuedMs;
  call.branches = undefined;
  call.onFinish((outcome) => chosen.finish(outcome));
}

/** How far the request got, all attempts under way included. */
export function reached({ sent, branches = [] }: ActiveCall): Sent {
  const furthest = Math.max(...[sent, ...branches.map((branch) => branch.sent)].map(rank));
  return FURTHER[furthest] as Sent;
}

function rank(sent: Sent): number {
  return FURTHER.indexOf(sent);
}
