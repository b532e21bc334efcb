/** Answers requests from a recording: the same chunks, with the same pauses before the first and between them. */
import { binaryText } from "../core/bytes.ts";
import { invalidRequest } from "../core/errors.ts";
import { NULL_BODY } from "../core/serve/null_body.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { inOrder } from "../core/rules/choice.ts";
import { MASKED, MASKED_NUMBER } from "./mask.ts";
import { bytesOf, type Exchange, type Recording } from "./recording.ts";

export interface ReplayOptions {
  /** How often faster than recorded; `Infinity`: without a pause. Default: 1. */
  readonly speed?: number;
  readonly clock?: Clock;
}

// The system clock's timers let the process end; a pending answer must keep it alive.
const liveClock: Clock = { ...systemClock, setTimeout: (callback, ms) => setTimeout(callback, ms) };

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: Uint8Array;
}

/** The recorded answer, when its time has come; undefined if nothing like the request was recorded. */
export type Replay = (asked: Asked) => Promise<Response> | undefined;

/** Throws an InvalidRequest `recording.options` for a speed that makes no sense. Of several answers to the same request, each is given once, in order; the last one is given again. */
export function createReplay(recording: Recording, options: ReplayOptions = {}): Replay {
  const { speed = 1, clock = liveClock } = options;
  if (!(speed > 0)) {
    const found = `speed is ${String(speed)}`;
    throw invalidRequest(
      "recording.options",
      `${found}: give a number above 0, or Infinity for no pauses`,
    );
  }
  const known = recording.exchanges.map((exchange) => ({
    exchange,
    matches: matcher(exchange),
    used: false,
  }));
  return (asked) => {
    const found = known.filter(({ matches }) => matches(asked));
    const next = found.find(({ used }) => !used) ?? found.at(-1);
    if (next === undefined) return undefined;
    next.used = true;
    return answer(next.exchange, speed, clock);
  };
}

const BASE = "http://recorded";

function matcher({ request }: Exchange): (asked: Asked) => boolean {
  const { pathname, searchParams } = urlOf(request.target);
  const path = like(plain(pathname));
  const query = [...searchParams].map(([name, value]) => [name, like(value)] as const).toSorted(
    byName,
  );
  const body = request.body === undefined ? "" : normal(bytesOf(request.body));
  const shown = withoutNumbers(body);
  const bodyLike = like(shown(body));
  return (asked) => {
    const url = urlOf(asked.target);
    const given = [...url.searchParams].toSorted(byName);
    return asked.method === request.method && path(plain(url.pathname)) &&
      given.length === query.length &&
      query.every(([name, value], at) => name === given[at]?.[0] && value(given[at][1])) &&
      bodyLike(shown(normal(asked.body)));
  };
}

/** Not relative to a base: a path may begin with `//`. */
function urlOf(target: string): URL {
  return new URL(BASE + (target.startsWith("/") ? target : `/${target}`));
}

/** Without escapes that change nothing; as it is where it has others. */
function plain(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A run of masks stands for anything. */
function like(recorded: string): (given: string) => boolean {
  if (!MASKED.test(recorded)) return (given) => given === recorded;
  // No regular expression: with many masks one may take a time that grows with a power of the length.
  return inOrder(recorded.split(MASKED));
}

/** Makes numbers that are as long as one which may be a mask the same. */
function withoutNumbers(recorded: string): (body: string) => string {
  const lengths = new Set([...recorded.matchAll(MASKED_NUMBER)].map(([found]) => found.length));
  if (lengths.size === 0) return (body) => body;
  return (body) =>
    body.replace(
      /\d{6,}/g,
      (digits) => lengths.has(digits.length) ? "9".repeat(digits.length) : digits,
    );
}

/** JSON is the same in whatever order its keys come, a form of parts whatever is between them. */
function normal(bytes: Uint8Array): string {
  try {
    return JSON.stringify(sorted(JSON.parse(new TextDecoder().decode(bytes))));
  } catch {
    // Byte by byte: decoded as text, different binary bodies would look alike.
    const text = binaryText(bytes);
    const [, boundary] = /^--([^\r\n]{1,70})\r\n/.exec(text) ?? [];
    // Made up for each request.
    return boundary === undefined ? text : text.replaceAll(`--${boundary}`, "--part");
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value).toSorted(byName).map(([key, part]) => [key, sorted(part)]),
  );
}

async function answer({ response }: Exchange, speed: number, clock: Clock): Promise<Response> {
  const { status, afterMs, chunks, broken } = response;
  const headers = new Headers();
  for (const [name, value] of response.headers) headers.append(name, value);
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => clock.setTimeout(resolve, ms / speed));
  const pauses = speed !== Infinity;
  if (pauses && afterMs > 0) await pause(afterMs);
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = chunks[next++];
      if (chunk !== undefined) {
        if (pauses && chunk.afterMs > 0) await pause(chunk.afterMs);
        controller.enqueue(bytesOf(chunk));
      } else if (broken === undefined) controller.close();
      else controller.error(new Error(`as recorded: ${broken}`));
    },
  }, { highWaterMark: 0 });
  const none = NULL_BODY.has(status);
  return new Response(none ? null : body, { status, headers });
}
