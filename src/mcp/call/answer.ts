/** The value of a call as the result of a tool: the whole of it, a chosen part, or as much as there is room for. */
import type { SchemaNode } from "../../schema/check.ts";
import { bound, type Cut } from "./bound.ts";
import type { Media } from "./media.ts";
import { checkSelector, choose, parseSelector, type Selector } from "./select.ts";
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
  return (texts ?? []).map((text) => {
    const selector = parseSelector(text);
    checkSelector(selector, schema, types);
    return selector;
  });
}

export function createAnswers(
  kept: Shelf<KeptAnswer>,
  maxChars: number,
): (shown: Shown, redact: (text: string) => string) => ToolResult {
  return ({ tenant, answer, select, handle, more = {}, media }, redact) => {
    const { value } = answer;
    if (media !== undefined && select.length === 0) return mediaResult(media, value);
    const chosen = select.length === 0 ? value : choose(value, select);
    const text = JSON.stringify(chosen);
    if (text === undefined || text.length <= maxChars) {
      return toolResult(
        chosen === undefined
          ? more
          : select.length === 0
          ? { result: chosen, ...more }
          : { part: chosen, ...more },
        redact,
      );
    }
    const { part, cut } = bound(chosen, maxChars);
    const place = handle ?? newHandle();
    const size = select.length === 0 ? text.length : JSON.stringify(value).length;
    const isKept = handle !== undefined || kept.put(tenant, place, answer, size);
    return toolResult({ part, cut, ...(isKept ? { handle: place } : {}), ...more }, redact);
  };
}

/** What is shown as it is need not be read as text. */
function mediaResult(media: Media, value: unknown): ToolResult {
  const { bytes } = value as { bytes: number };
  const part = { mediaType: media.mimeType, bytes };
  const { content, structuredContent } = toolResult({ part }, (text) => text);
  return { content: [media, ...content], structuredContent };
}

export function toolResult(structured: object, redact: (text: string) => string): ToolResult {
  const written = JSON.stringify(structured);
  const text = redact(written);
  return {
    content: [{ type: "text", text }],
    structuredContent: (text === written ? structured : JSON.parse(text)) as Record<
      string,
      unknown
    >,
  };
}

/** Not to be guessed: whoever has it may read the answer. */
function newHandle(): string {
  return `answer-${crypto.randomUUID()}`;
}
