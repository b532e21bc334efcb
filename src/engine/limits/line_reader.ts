/** Lines of a stream of bytes, or all of it as one; what is longer than allowed is left out. */

export class LineReader {
  readonly #decoder = new TextDecoder();
  readonly #most: number;
  readonly #onLine: (line: string) => void;
  readonly #whole: boolean;
  #rest = "";
  /** The present line is too long: the rest of it is passed over. */
  #over = false;

  constructor(most: number, onLine: (line: string) => void, mode: "lines" | "whole" = "lines") {
    this.#most = most;
    this.#onLine = onLine;
    this.#whole = mode === "whole";
  }

  push(bytes: Uint8Array): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): void {
    this.#take(this.#decoder.decode());
    this.#emit();
  }

  #take(text: string): void {
    let from = 0;
    if (!this.#whole) {
      for (let at = ending(text, 0); at !== -1; at = ending(text, from)) {
        this.#keep(text.slice(from, at));
        this.#emit();
        from = at + 1;
      }
    }
    this.#keep(text.slice(from));
  }

  #keep(text: string): void {
    if (this.#over) return;
    this.#over = this.#rest.length + text.length > this.#most;
    this.#rest = this.#over ? "" : this.#rest + text;
  }

  #emit(): void {
    const line = this.#rest;
    this.#rest = "";
    this.#over = false;
    if (line !== "") this.#onLine(line);
  }
}

/** CR, LF or both end a line; the empty one between them is passed over. */
function ending(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13) return at;
  }
  return -1;
}
