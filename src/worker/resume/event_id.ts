/** The ids of events: which stream, and where in it. */
import { randomText } from "../../core/bytes.ts";
import { InputRefused } from "../call/input.ts";

/** Where to go on: so many items behind a byte of the API's answer at which an item begins. */
export interface Place {
  readonly stream: string;
  readonly base: number;
  readonly items: number;
}

const EVENT_ID = /^([A-Za-z0-9_-]{22})\.(\d{1,15})\.(\d{1,9})$/;
const STREAM_ID = /^[A-Za-z0-9_-]{22}$/;

export function newStreamId(): string {
  return randomText(16);
}

export function eventId({ stream, base, items }: Place): string {
  return `${stream}.${base}.${items}`;
}

/** Of the header `Last-Event-ID`; undefined where there is none. @throws InputRefused for one that no event had. */
export function readEventId(header: string | undefined): Place | undefined {
  if (header === undefined || header === "") return undefined;
  const [, stream = "", base = "", items = ""] = EVENT_ID.exec(header) ?? [];
  if (stream !== "") return { stream, base: Number(base), items: Number(items) };
  const detail = `Last-Event-ID must be the id of an event of this operation, found ${
    JSON.stringify(header.slice(0, 60))
  }.`;
  throw new InputRefused(400, "input.last_event_id", detail);
}

/** The stream in the id of an event, or alone. */
export function streamOf(text: string): string | undefined {
  return STREAM_ID.test(text) ? text : EVENT_ID.exec(text)?.[1];
}
