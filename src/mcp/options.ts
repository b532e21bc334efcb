/** Options of the tools and their defaults. */
import { wholeAboveZero } from "../core/check_number.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { invalidRequest } from "../core/errors.ts";

/** `direct`: a tool for each operation. `search`: tools to find, describe and call any of them. */
export type McpMode = "auto" | "direct" | "search";

export interface McpOptions {
  /** Default: `auto`, which is `search` from 30 operations on. */
  readonly mode?: McpMode | undefined;
  /** Longest answer, in characters of JSON; what is cut off can be read on. Default: 20,000. */
  readonly maxAnswerChars?: number | undefined;
  /** How long answers that were cut, and outcomes of calls with an id, are kept, in milliseconds. Default: 600,000. */
  readonly keepMs?: number | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

export interface ResolvedMcpOptions {
  readonly mode: McpMode;
  readonly maxAnswerChars: number;
  readonly keepMs: number;
  readonly clock: Clock;
}

const MODES: readonly string[] = ["auto", "direct", "search"];
/** An answer needs room for more than its frame. */
const LEAST_CHARS = 500;

/** @throws ConnectorError `mcp.options`. */
export function resolveMcpOptions(options: McpOptions): ResolvedMcpOptions {
  const { mode = "auto", maxAnswerChars = 20_000, keepMs = 600_000, clock = systemClock } = options;
  if (!MODES.includes(mode)) {
    throw invalidRequest(
      "mcp.options",
      `mode is ${JSON.stringify(mode)}: use ${MODES.join(", ")}.`,
    );
  }
  wholeAboveZero("mcp.options", "maxAnswerChars", maxAnswerChars);
  if (maxAnswerChars < LEAST_CHARS) {
    throw invalidRequest(
      "mcp.options",
      `maxAnswerChars is ${maxAnswerChars}: give at least ${LEAST_CHARS}.`,
    );
  }
  return { mode, maxAnswerChars, keepMs: wholeAboveZero("mcp.options", "keepMs", keepMs), clock };
}

/** From so many operations on, a list of all of them costs a model more than it helps. */
const SEARCH_FROM = 30;

export function modeFor({ mode }: ResolvedMcpOptions, operations: number): "direct" | "search" {
  return mode === "auto" ? operations >= SEARCH_FROM ? "search" : "direct" : mode;
}
