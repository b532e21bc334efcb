/** How the items of a stream are written. */
import { answerText } from "./answer_text.ts";
import type { Problem } from "../problem/problem.ts";

export interface ItemFormat {
  /** In an `Accept` header. */
  readonly accept: string;
  readonly contentType: string;
  /** `id`: what resumes the stream behind this item, where it can be resumed. */
  item(value: unknown, id: string | undefined): string;
  /** Says that all items have come. */
  done(id: string | undefined): string;
  /** What broke the stream; nothing follows. */
  failure(problem: Problem): string;
}

/** Server-sent events: `data:` with an item, `data: [DONE]` behind the last one. */
export const SSE: ItemFormat = {
  accept: "text/event-stream",
  contentType: "text/event-stream; charset=utf-8",
  item: (value, id) => `${idLine(id)}data: ${answerText(value)}\n\n`,
  done: (id) => `${idLine(id)}data: [DONE]\n\n`,
  failure: (error) => `event: error\ndata: ${JSON.stringify({ error })}\n\n`,
};

/** A line for each item. There is no line behind the last one: a body that ends well is whole. */
export const NDJSON: ItemFormat = {
  accept: "application/x-ndjson",
  contentType: "application/x-ndjson",
  item: (value) => `${answerText(value)}\n`,
  done: () => "",
  failure: (error) => `${JSON.stringify({ error })}\n`,
};

function idLine(id: string | undefined): string {
  return id === undefined ? "" : `id: ${id}\n`;
}
