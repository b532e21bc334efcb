/**
 * A program that performs operations, records what it starts and each result before it continues, and acts on what
 * errors say: reads and keyed writes are repeated until they succeed, others only if `sent` is `no`.
 */
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { ConnectorError, type RuntimeClient } from "../../../mod.ts";
import { type Kind, kindOf, type Plan, planOf } from "./script.ts";

/** A line of the record. A call without an end was in progress when the program was killed. */
export type Entry = { readonly operation: number; readonly attempt: number } & Event;
type Event =
  | { readonly event: "begin" }
  | { readonly event: "end"; readonly status: number }
  | {
    readonly event: "failed";
    readonly sent: string;
    readonly code: string;
    /** Whether the program had seen the head of the answer. */
    readonly answered: boolean;
    readonly refused: boolean;
  };

export interface Work {
  /** `http://127.0.0.1:port` */
  readonly api: string;
  /** The same, but nothing listens there. */
  readonly closed: string;
  readonly record: string;
  readonly from: number;
  readonly to: number;
  readonly seed: number;
}

const AT_ONCE = 16;
const MOST_ATTEMPTS = 5_000;
const PAUSE_MS = 10;
/** Enough that no tenant's retry budget runs out. */
const TENANTS = 64;

export async function application(client: RuntimeClient, work: Work): Promise<void> {
  const todo = unfinished(readRecord(work.record), work.from, work.to);
  const record = openSync(work.record, "a");
  const note = (entry: Entry): void => {
    // In one write, so that a killed process leaves whole lines.
    writeSync(record, `${JSON.stringify(entry)}\n`);
  };
  const one = async (): Promise<void> => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      await finish(client, work, next.operation, next.attempt, note);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  closeSync(record);
}

export function readRecord(file: string): Entry[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Entry);
}

function unfinished(
  record: readonly Entry[],
  from: number,
  to: number,
): { operation: number; attempt: number }[] {
  const last = new Map<number, Entry>();
  for (const entry of record) last.set(entry.operation, entry);
  const todo = [];
  for (let operation = from; operation < to; operation++) {
    const entry = last.get(operation);
    if (entry === undefined || goesOn(entry)) {
      todo.push({ operation, attempt: entry === undefined ? 0 : entry.attempt + 1 });
    }
  }
  return todo;
}

function goesOn(entry: Entry): boolean {
  if (entry.event === "end" && entry.status === 200) return false;
  if (kindOf(entry.operation) !== "unkeyed") return true;
  return entry.event === "failed" && entry.sent === "no";
}

async function finish(
  client: RuntimeClient,
  work: Work,
  operation: number,
  first: number,
  note: (entry: Entry) => void,
): Promise<void> {
  const kind = kindOf(operation);
  for (let attempt = first; attempt < MOST_ATTEMPTS; attempt++) {
    const place = { operation, attempt };
    note({ ...place, event: "begin" });
    const entry: Entry = { ...place, ...await call(client, work, kind, operation, attempt) };
    note(entry);
    if (!goesOn(entry)) return;
    if (entry.event === "failed") await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`operation ${operation} is not done after ${MOST_ATTEMPTS} attempts`);
}

async function call(
  client: RuntimeClient,
  { api, closed, seed }: Work,
  kind: Kind,
  operation: number,
  attempt: number,
): Promise<Event> {
  const plan = planOf(seed, operation, attempt);
  let answered = false;
  try {
    const response = await client.streamHTTP({
      ...requestOf(kind, operation, plan),
      url: `${plan.refused ? closed : api}/${kind}`,
      tenantId: `t${operation % TENANTS}`,
      timeoutMs: plan.timeoutMs,
      hedgeAfterMs: plan.hedgeAfterMs,
      headers: {
        "x-call": `${operation}.${attempt}`,
        "x-operation": String(operation),
        "x-faults": plan.faults.join(),
      },
    });
    answered = true;
    const text = await response.text();
    if (response.statusCode === 200 && !text.includes(`"${operation}"`)) {
      throw new Error(`the answer to operation ${operation} is ${text}`);
    }
    return { event: "end", status: response.statusCode };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const { sent, code } = error;
    return { event: "failed", sent, code, answered, refused: plan.refused };
  }
}

function requestOf(kind: Kind, operation: number, { bodyBytes }: Plan): {
  readonly method: string;
  readonly body?: Uint8Array;
  readonly idempotencyKey?: string;
} {
  if (kind === "read" || kind === "stream") return { method: "GET" };
  const body = new Uint8Array(bodyBytes).fill(97);
  return kind === "unkeyed"
    ? { method: "POST", body }
    : { method: "POST", body, idempotencyKey: `key-${operation}` };
}
