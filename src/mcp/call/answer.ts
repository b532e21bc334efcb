/** The value of a call as the result of a tool: the whole of it, a chosen part, or as much as there is room for. */
import { invalidRequest } from "../../core/errors.ts";
import type { SchemaNode } from "../../schema/check.ts";
import { answerText } from "../../worker/call/answer_text.ts";
import { bound, type Cut } from "./bound.ts";
import type { Media } from "./media.ts";
import { checkSelector, choose, MAX_SELECTORS, parseSelector, type Selector } from "./select.ts";
import type { Shelf } from "./shelf.ts";

export interface Answer {
  /** All of it. */
  readonly result?: unknown;
  /** What was selected, or what there was room for. */
  readonly part?: unknown;
  /** What is missing in the part, and where. */
  readonly cut?: readonly Cut[];
  /** What `read` takes to give more of it. */
  readonly handle?: string;
  readonly morePages?: boolean;
}

export interface ToolResult {
  readonly content: ({ type: "text"; text: string } | Media)[];
  readonly structuredContent: { readonly [name: string]: unknown };
  readonly isError?: true;
}

/** A value that can be read on, with what its selectors are checked against. */
export interface KeptAnswer {
  readonly value: unknown;
  readonly schema: unknown;
  readonly types: SchemaNode;
}

export interface Shown {
  readonly tenant: string;
  readonly answer: KeptAnswer;
  readonly select: readonly Selector[];
  /** Where it was kept before. */
  readonly handle?: string;
  readonly more?: { readonly morePages?: boolean };
  readonly media?: Media | undefined;
}

/** @throws ConnectorError `select.invalid`, `select.unknown`. */
export function readSelectors(
  texts: readonly string[] | undefined,
  schema: unknown,
  types: SchemaNode,
): Selector[] {
  if (texts !== undefined && texts.length > MAX_SELECTORS) {
    throw invalidRequest(
      "select.invalid",
      `select takes at most ${MAX_SELECTORS} selectors, found ${texts.length}: select what holds them.`,
    );
  }
  return (texts ?? []).map((text) => {
    const selector = parseSelector(text);
    checkSelector(selector, schema, types);
    return selector;
  });
}

export function createAnswers(
  kept: Shelf<KeptAnswer>,
  maxChars: number,
): (shown: Shown) => ToolResult {
  return ({ tenant, answer, select, handle, more = {}, media }) => {
    const { value } = answer;
    if (media !== undefined && select.length === 0) return mediaResult(media, value);
    const chosen = select.length === 0 ? value : choose(value, select);
    const text = JSON.stringify(chosen);
    if (text === undefined) return toolResult(more);
    if (text.length <= maxChars) {
      return toolResult(
        select.length === 0 ? { result: chosen, ...more } : { part: chosen, ...more },
      );
    }
    const { part, cut } = bound(chosen, maxChars);
    const place = handle ?? newHandle();
    const size = select.length === 0 ? text.length : JSON.stringify(value).length;
    const isKept = handle !== undefined || kept.put(tenant, place, answer, size);
    return toolResult({ part, cut, ...(isKept ? { handle: place } : {}), ...more });
  };
}

/**
 * The value without secrets that an API has repeated. The whole of it, before anything is cut out of it: of half a secret nobody
 * could tell that it is one.
 */
export function withoutSecrets(value: unknown, redact: (text: string) => string): unknown {
  if (value === undefined) return value;
  const text = answerText(value);
  const clean = redact(text);
  if (clean === text) return value;
  try {
    return JSON.parse(clean);
  } catch {
    return JSON.parse(redact(text.replace(TOKEN, (token) => shownNumber(token, redact))));
  }
}

/** A secret of digits may be a number, or part of one, which then becomes a text. */
function shownNumber(token: string, redact: (text: string) => string): string {
  if (token.startsWith('"')) return token;
  const shown = redact(token);
  return shown === token ? token : JSON.stringify(shown);
}

/** A text, or a number that is long enough for a secret. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]{5,}/g;

/** What is shown as it is need not be read as text. */
function mediaResult(media: Media, value: unknown): ToolResult {
  const { bytes } = value as { bytes: number };
  const part = { mediaType: media.mimeType, bytes };
  const { content, structuredContent } = toolResult({ part });
  return { content: [media, ...content], structuredContent };
}

export function toolResult(structured: object): ToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(structured) }],
    structuredContent: structured as Record<string, unknown>,
  };
}

/** Not to be guessed: whoever has it may read the answer. */
function newHandle(): string {
  return `answer-${crypto.randomUUID()}`;
}
