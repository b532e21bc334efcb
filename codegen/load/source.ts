/** A file as the checker sees it: plain values, and on demand the position of each in the text. */

/** A range of the text, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A step into a value: a property name or list index. */
export type Key = string | number;

export interface SourceDocument {
  /** As shown in messages. */
  readonly path: string;
  readonly text: string;
  readonly value: unknown;
  /**
   * The position of the child `key` of `container`: its key or its value. Without a key, the container itself.
   * Positions are looked up only for messages, so this may search; it never fails.
   */
  span(container: unknown, key: Key | undefined, part: "key" | "value"): Span;
  /** Like `span` for a key, but the line is enough. Used for every position in the model. */
  near(container: unknown, key: Key | undefined): Span;
}

export interface Line {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Line and column (from 1) of an offset, with the line's text. */
export class LineIndex {
  readonly #text: string;
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  at(offset: number): Line {
    const starts = this.#starts ??= lineStarts(this.#text);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = starts[low] ?? 0;
    const next = starts[low + 1] ?? this.#text.length + 1;
    const text = this.#text.slice(start, next - 1).replace(/\r$/, "");
    return { line: low + 1, column: offset - start + 1, text };
  }

  /** Offset at which a line (from 1) starts. */
  start(line: number): number {
    const starts = this.#starts ??= lineStarts(this.#text);
    return starts[line - 1] ?? this.#text.length;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** A problem that prevents reading a file at all. */
export interface LoadProblem {
  readonly code: string;
  readonly span: Span;
  readonly message: string;
  readonly help: string;
}

export type Parsed =
  | { readonly document: SourceDocument; readonly problems: readonly LoadProblem[] }
  | { readonly document?: undefined; readonly problems: readonly LoadProblem[] };
