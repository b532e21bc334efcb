/** Bodies as streams of items: server-sent events, lines of JSON, JSON sequences, bytes. */
export { type Batches, iterate } from "./batches.ts";
export type { ByteBody } from "./byte_source.ts";
export { byteBatches } from "./bytes.ts";
export type { ServerSentEvent } from "./event_parser.ts";
export { type DecodeOptions, parseSSE, sseBatches } from "./events.ts";
export { END, iteratorOf } from "./iterator.ts";
export { lineBatches, parseJsonSequence, parseLines, sequenceBatches } from "./lines.ts";
export { parseSelector, selector } from "./selector.ts";
export { select, type SelectorPath } from "../core/rules/select.ts";
