/** Who is in a pool: what members say about themselves, as far as one of them has heard it lately. */
import type { Clock } from "../core/clock.ts";
import type { Placement } from "./placement.ts";
import { BEAT_MS } from "./virtual_socket.ts";

/** What a member says about itself. */
export interface MemberInfo {
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly only: Placement;
  /** Calls that are open, from everywhere. */
  readonly calls: number;
  /** Calls that it may take besides. */
  readonly room: number;
  readonly callsTotal: number;
  /** By error class; 0 is success. */
  readonly callsByClass: readonly number[];
  readonly sessions: number;
  readonly draining: boolean;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** It leaves and says nothing more. */
  readonly gone?: true;
}

/** A member that was not heard for three of its beats has left. */
const MISSED = 3.5;
/** With many members each speaks less often, so that everyone still hears at most 200 a second. */
const BEAT_PER_MEMBER_MS = 5;
/** Whoever may publish could otherwise fill our memory. */
const MOST_MEMBERS = 10_000;
const MOST_CHARACTERS = 8_000_000;
const MOST_TEXT = 200;

interface Heard {
  readonly info: MemberInfo;
  readonly characters: number;
  readonly heardAt: number;
}

export class Presence {
  readonly #clock: Clock;
  readonly #members = new Map<string, Heard>();
  /** Of all names and texts. */
  #characters = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long a member may take between two beats. */
  get everyMs(): number {
    return Math.max(BEAT_MS, this.#members.size * BEAT_PER_MEMBER_MS);
  }

  heard(info: MemberInfo): void {
    if (info.gone) return this.#forget(info.id);
    const before = this.#members.get(info.id);
    if (before === undefined && this.#members.size >= MOST_MEMBERS) return;
    const characters = charactersOf(info);
    const all = this.#characters - (before?.characters ?? 0) + characters;
    if (all > MOST_CHARACTERS) return;
    this.#characters = all;
    this.#members.set(info.id, { info, characters, heardAt: this.#clock.monotonic() });
  }

  #forget(id: string): void {
    this.#characters -= this.#members.get(id)?.characters ?? 0;
    this.#members.delete(id);
  }

  /** Those that were heard lately. */
  list(): MemberInfo[] {
    const since = this.#clock.monotonic() - this.everyMs * MISSED;
    for (const [id, { heardAt }] of this.#members) if (heardAt < since) this.#forget(id);
    return [...this.#members.values()].map(({ info }) => info);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** Undefined for what is not JSON. */
export function decodeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

/** Undefined for what no member would say: anyone who may publish can send anything. */
export function toMemberInfo(value: unknown): MemberInfo | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const told = value as { readonly [Key in keyof MemberInfo]?: unknown };
  const only = (told.only ?? {}) as { readonly [Key in keyof Placement]?: unknown };
  if (typeof told.id !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(told.id)) return undefined;
  return {
    id: told.id,
    name: text(told.name),
    only: { connectors: texts(only.connectors), tenants: texts(only.tenants) },
    calls: count(told.calls),
    room: count(told.room),
    callsTotal: count(told.callsTotal),
    callsByClass: Array.isArray(told.callsByClass) ? told.callsByClass.slice(0, 16).map(count) : [],
    sessions: count(told.sessions),
    draining: told.draining === true,
    startedAt: count(told.startedAt),
    ...(told.gone === true && { gone: true as const }),
  };
}

/** What an Accept, a Beat or a list says; nothing of what no member would say. */
export function readNews(
  payload: Uint8Array,
): { readonly member: MemberInfo | undefined; readonly members: readonly MemberInfo[] } {
  const told = decodeJson(payload);
  const { member, members } = typeof told === "object" && told !== null
    ? told as { readonly member?: unknown; readonly members?: unknown }
    : {};
  return {
    member: toMemberInfo(member),
    members: Array.isArray(members)
      ? members.map(toMemberInfo).filter((one) => one !== undefined)
      : [],
  };
}

function charactersOf({ id, name, only }: MemberInfo): number {
  let all = id.length + name.length;
  for (const one of only.connectors) all += one.length;
  for (const one of only.tenants) all += one.length;
  return all;
}

function text(value: unknown): string {
  return typeof value === "string" ? value.slice(0, MOST_TEXT) : "";
}

function texts(value: unknown): string[] {
  return Array.isArray(value)
    ? value.slice(0, MOST_TEXT).map(text).filter((one) => one !== "")
    : [];
}

function count(value: unknown): number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : 0;
}
