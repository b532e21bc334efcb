/**
 * The fields `RateLimit` and `RateLimit-Policy` of the IETF's HTTPAPI working group: draft 8 to 11
 * (`"hour";r=50;t=30` beside `"hour";q=100;w=3600;qu="requests"`) and the dictionary of the drafts before
 * (`limit=100, remaining=50, reset=30`).
 */
import type { HeaderList } from "../../core/call.ts";
import type { Sighting } from "./sighting.ts";

interface Item {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export function readRateLimitFields(headers: HeaderList): Sighting[] {
  const policies = items(headers, "ratelimit-policy");
  const state = items(headers, "ratelimit");
  const older = readDictionary(state, policies);
  if (older !== undefined) return [older];
  return state.flatMap((item) => {
    const remaining = whole(item.parameters.get("r"));
    const seconds = whole(item.parameters.get("t"));
    if (remaining === undefined || seconds === undefined) return [];
    const policy = policies.find((one) => one.name === item.name)?.parameters;
    return [sighting(item.name, remaining, seconds, policy, whole(policy?.get("q")))];
  });
}

function readDictionary(state: readonly Item[], policies: readonly Item[]): Sighting | undefined {
  const values = new Map(state.map((item): [string, string | undefined] => {
    const [key = "", value] = item.name.split("=", 2);
    return [key, value];
  }));
  const remaining = whole(values.get("remaining"));
  const seconds = whole(values.get("reset"));
  if (remaining === undefined || seconds === undefined) return undefined;
  const limit = whole(values.get("limit"));
  const policy = policies.find((one) => whole(one.name) === limit)?.parameters;
  return sighting("", remaining, seconds, policy, limit);
}

function sighting(
  name: string,
  remaining: number,
  seconds: number,
  policy: ReadonlyMap<string, string> | undefined,
  limit: number | undefined,
): Sighting {
  const window = whole(policy?.get("w"));
  return {
    name: `ratelimit ${name}`,
    countsCalls: (policy?.get("qu") ?? "requests") === "requests",
    remaining,
    resetMs: seconds * 1_000,
    ...(limit !== undefined && { limit }),
    ...(window !== undefined && { windowMs: window * 1_000 }),
  };
}

/** Commas and semicolons separate, except inside quotes. */
const MEMBER = /(?:"(?:[^"\\]|\\.)*"|[^",])+/g;
const PART = /(?:"(?:[^"\\]|\\.)*"|[^";])+/g;

/** The members of a structured field list, over all its lines. */
function items(headers: HeaderList, name: string): Item[] {
  return headers.filter(([field]) => field.toLowerCase() === name)
    .flatMap(([, value]) => value.match(MEMBER) ?? [])
    .map((member) => {
      const [first = "", ...rest] = (member.match(PART) ?? []).map((part) => part.trim());
      const parameters = rest.map((part): [string, string] => {
        const at = part.indexOf("=");
        return at < 0 ? [part, ""] : [part.slice(0, at), unquoted(part.slice(at + 1))];
      });
      return { name: unquoted(first), parameters: new Map(parameters) };
    });
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
