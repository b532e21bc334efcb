/** What a caller asks for beside the input: headers, and `?all`. */
import { accepts } from "hono/accepts";
import { isTraceparent } from "../../core/call_headers.ts";
import type { Incoming } from "../env.ts";
import { type Place, readEventId } from "../resume/event_id.ts";
import { InputRefused } from "./input.ts";
import { type ItemFormat, NDJSON, SSE } from "./item_format.ts";

export interface Asked {
  /** `Idempotency-Key`: the same call again joins the first one, and afterwards gets its answer. */
  readonly idempotencyKey: string | undefined;
  /** `X-Timeout-Ms`. */
  readonly timeoutMs: number | undefined;
  /** The caller's, or a new one, so that what follows can be found by it. */
  readonly traceparent: string;
  /** By `Accept`. */
  readonly format: ItemFormat;
  /** `Last-Event-ID`: resumes a stream that was begun before. */
  readonly from: Place | undefined;
  /** `?all`: the items of all pages, as a stream. */
  readonly all: boolean;
}

const MAX_TIMEOUT_MS = 86_400_000;

/** @throws InputRefused for what cannot be meant. */
export function readAsked(context: Incoming): Asked {
  const { req } = context;
  const given = context.get("traceparent") ?? "";
  return {
    idempotencyKey: readKey(req.header("idempotency-key")),
    timeoutMs: readTimeout(req.header("x-timeout-ms")),
    traceparent: isTraceparent(given) ? given : newTraceparent(),
    format: formatFor(context),
    from: readEventId(req.header("last-event-id")),
    all: req.url.includes("?") && (req.query("all") ?? "false") !== "false",
  };
}

function formatFor(context: Incoming): ItemFormat {
  if ((context.req.header("accept") ?? "*/*") === "*/*") return SSE;
  const supports = [SSE.accept, ...NDJSON_TYPES];
  const best = accepts(context, { header: "Accept", supports, default: SSE.accept });
  return best === SSE.accept ? SSE : NDJSON;
}

/** Under each of its names. */
const NDJSON_TYPES = [NDJSON.accept, "application/jsonl", "application/json-lines"];

/** A structured string in its quotes, as the draft wants it, or the bare text that most send. */
function readKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const detail = `Idempotency-Key must have 1 to 255 visible ASCII characters, found ${
    JSON.stringify(header.slice(0, 60))
  }.`;
  throw new InputRefused(400, "input.idempotency_key", detail);
}

function readTimeout(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) : 0;
  if (ms >= 1 && ms <= MAX_TIMEOUT_MS) return ms;
  const detail =
    `X-Timeout-Ms must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}, found ${
      JSON.stringify(header.slice(0, 60))
    }.`;
  throw new InputRefused(400, "input.timeout", detail);
}

/** Not sampled: whether a trace is kept is for whoever begins one on purpose. */
function newTraceparent(): string {
  const [one = "", two = "", three = "", four = "", five = ""] = crypto.randomUUID().split("-");
  return `00-${one}${two}${three}${four}${five}-${two}${five}-00`;
}
