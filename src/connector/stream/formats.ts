/** The stream formats, under the names that generated code uses. */
import { byteBatches, lineBatches, sequenceBatches, sseBatches } from "../../sse/mod.ts";
import type { StreamFormat } from "../data/stream.ts";

export const sse: StreamFormat = sseBatches;
export const ndjson: StreamFormat = lineBatches;
export const jsonSequence: StreamFormat = sequenceBatches;
export const byteChunks: StreamFormat = byteBatches;
