/** Compares what programs were told with what the API did. */
import type { Entry } from "./application.ts";
import type { FaultyApi } from "./faulty_api.ts";
import { kindOf } from "./script.ts";

export interface Verdict {
  readonly calls: number;
  /** Calls that ended with an error, by its `sent`. */
  readonly failed: Readonly<Record<"no" | "maybe" | "committed", number>>;
  /** Calls in progress when their program was killed. */
  readonly cutShort: number;
  /** Violations; all must be empty. */
  readonly wrong: readonly string[];
  readonly doneTwice: readonly string[];
  readonly repeated: readonly string[];
  readonly lost: readonly string[];
}

export function judge(record: readonly Entry[], api: FaultyApi, operations: number): Verdict {
  const failed = { no: 0, maybe: 0, committed: 0 };
  const [wrong, doneTwice, repeated, lost]: [string[], string[], string[], string[]] = [
    [],
    [],
    [],
    [],
  ];
  const open = new Set<string>();
  const done = new Set<number>();
  let calls = 0;
  for (const entry of record) {
    const { operation, attempt } = entry;
    const call = `${operation}.${attempt}`;
    if (entry.event === "begin") {
      calls++;
      open.add(call);
      continue;
    }
    open.delete(call);
    if (entry.event === "end") {
      if (entry.status === 200) done.add(operation);
      continue;
    }
    failed[entry.sent as keyof typeof failed]++;
    const why = wrongLabel(entry, api.calls.get(call));
    if (why !== undefined) wrong.push(`call ${call} (${entry.code}, sent ${entry.sent}): ${why}`);
  }
  for (const [call, { requests }] of api.calls) {
    if (kindOf(Number.parseInt(call, 10)) !== "unkeyed" || requests < 2) continue;
    repeated.push(`the API got call ${call}, a write without a key, ${requests} times`);
  }
  for (let operation = 0; operation < operations; operation++) {
    const kind = kindOf(operation);
    const times = api.effects.get(String(operation)) ?? 0;
    if (times > 1) {
      (kind === "keyed" ? doneTwice : repeated).push(`operation ${operation}: done ${times} times`);
    }
    if (done.has(operation)) {
      const writes = kind === "keyed" || kind === "unkeyed";
      if (writes && times === 0) lost.push(`operation ${operation} succeeded and was not done`);
    } else if (kind !== "unkeyed") lost.push(`operation ${operation} has no end`);
  }
  return { calls, failed, cutShort: open.size, wrong, doneTwice, repeated, lost };
}

type Failed = Extract<Entry, { event: "failed" }>;

function wrongLabel(
  { sent, code, answered, refused }: Failed,
  seen: { readonly acted: number; readonly answered: number } | undefined,
): string | undefined {
  if (answered && sent !== "committed") return "the program had the head of the answer";
  switch (sent) {
    case "no":
      return seen !== undefined && seen.acted > 0 ? "the API acted on it" : undefined;
    case "maybe":
      // The process that knew whether it was sent is dead.
      return refused && code !== "connection.lost" ? "nobody was there to get it" : undefined;
    case "committed":
      return seen === undefined || seen.answered === 0 ? "the API did not answer" : undefined;
    default:
      return "no such label";
  }
}
