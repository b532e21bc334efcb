/** Field names, each one string for the whole process: an answer's names are nearly always ones that were seen before. */
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
  /** What it says about framing, the connection or the body. */
  readonly role: Role;
}

const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ["content-length", Role.ContentLength],
  ["transfer-encoding", Role.TransferEncoding],
  ["connection", Role.Connection],
  ["keep-alive", Role.KeepAlive],
  ["content-encoding", Role.ContentEncoding],
]);

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** An upstream that makes up names must not fill the memory with them. */
const MAX_KNOWN = 2_000;
const MAX_LENGTH = 64;

const known = new Map<string, FieldName>();

/** @throws AnswerError for what is not a token: empty, folded, or with a space before the colon. */
export function fieldName(raw: string): FieldName {
  const found = known.get(raw);
  if (found !== undefined) return found;
  if (!TOKEN.test(raw)) throw malformed(badName(raw));
  const text = raw.toLowerCase();
  const made: FieldName = { text, role: ROLES.get(text) ?? Role.None };
  if (raw.length > MAX_LENGTH || known.size >= MAX_KNOWN) return made;
  // Joined anew: a slice of the head would keep the whole head in memory.
  const kept: FieldName = { text: text.split("").join(""), role: made.role };
  known.set(raw.split("").join(""), kept);
  return kept;
}

function badName(raw: string): string {
  if (raw === "") return "a header field without a name";
  if (/^[ \t]/.test(raw)) return "a header field that is folded over several lines";
  if (/[ \t]$/.test(raw)) return "a space between the name of a header field and its colon";
  return "a header field whose name is not a token";
}
