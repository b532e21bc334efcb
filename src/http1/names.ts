/** Interned field names: nearly all names in an answer have been seen before. */
import { malformed } from "./errors.ts";

export const Role = {
  None: 0,
  ContentLength: 1,
  TransferEncoding: 2,
  Connection: 3,
  KeepAlive: 4,
  ContentEncoding: 5,
} as const;
export type Role = (typeof Role)[keyof typeof Role];

export interface FieldName {
  /** In lower case. */
  readonly text: string;
  /** Its meaning for framing, the connection or the body. */
  readonly role: Role;
}

interface Known extends FieldName {
  /** As received. */
  readonly raw: string;
}

const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ["content-length", Role.ContentLength],
  ["transfer-encoding", Role.TransferEncoding],
  ["connection", Role.Connection],
  ["keep-alive", Role.KeepAlive],
  ["content-encoding", Role.ContentEncoding],
]);

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** An upstream that invents names must not fill the memory, nor slow down the search. */
const MAX_KNOWN = 2_000;
const MAX_LENGTH = 64;
const MAX_ALIKE = 8;

/** By length and outer letters, found in the head itself without creating a string. */
const known = new Map<number, Known[]>();
let count = 0;

/** The name from `from` to `to`. @throws AnswerError unless it is a token: if it is empty, folded, or has a space before the colon. */
export function fieldName(head: string, from: number, to: number): FieldName {
  const length = to - from;
  const key = length << 16 | head.charCodeAt(from) << 8 | head.charCodeAt(to - 1);
  const alike = known.get(key);
  if (alike !== undefined) {
    for (const one of alike) if (head.startsWith(one.raw, from)) return one;
  }
  const raw = head.slice(from, to);
  if (!TOKEN.test(raw)) throw malformed(badName(raw));
  const text = raw.toLowerCase();
  const role = ROLES.get(text) ?? Role.None;
  if (length > MAX_LENGTH || count >= MAX_KNOWN) return { text, role };
  if (alike !== undefined && alike.length >= MAX_ALIKE) return { text, role };
  count++;
  const kept: Known = { raw: copied(raw), text: copied(text), role };
  if (alike === undefined) known.set(key, [kept]);
  else alike.push(kept);
  return kept;
}

/** Copied, because a slice would keep the whole head in memory. */
function copied(text: string): string {
  return text.split("").join("");
}

function badName(raw: string): string {
  if (raw === "") return "a header field without a name";
  if (/^[ \t]/.test(raw)) return "a header field that is folded over several lines";
  if (/[ \t]$/.test(raw)) return "a space between the name of a header field and its colon";
  return "a header field whose name is not a token";
}
