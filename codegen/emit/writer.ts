/**
 * Source text with indentation. Only tracks where lines begin: writers that follow every
 * character (to tell strings from comments) take ten times as long, which is noticeable for a large API.
 */
export class Writer {
  #text = "";
  #level = 0;
  #atStart = true;
  /** After a block the line ends with whatever comes next. */
  #pending = false;

  /** Lines after the first get the same indentation. */
  write(text: string): this {
    if (text === "") return this;
    this.#flush();
    if (!text.includes("\n")) return this.#piece(text);
    text.split("\n").forEach((line, index) => {
      if (index > 0) this.newLine();
      if (line !== "") this.#piece(line);
    });
    return this;
  }

  /** Text whose further lines have their indentation already. */
  writeIndented(text: string): this {
    this.#flush();
    return this.#piece(text);
  }

  writeLine(text: string): this {
    this.#flush();
    if (!this.#atStart) this.newLine();
    return this.write(text).newLine();
  }

  newLine(): this {
    this.#pending = false;
    this.#text += "\n";
    this.#atStart = true;
    return this;
  }

  /** Ends the line, and leaves the next one empty. */
  blankLine(): this {
    this.#flush();
    if (!this.#atStart) this.newLine();
    return this.newLine();
  }

  indent(body: () => void): this {
    this.#level++;
    body();
    this.#level--;
    return this;
  }

  /** ` {`, the body, and `}` on a line of its own. */
  block(body: () => void): this {
    this.write(" {").#body(body).#pending = true;
    return this;
  }

  /** The same after an existing blank, and the line continues after it. */
  inlineBlock(body: () => void): this {
    return this.write("{").#body(body);
  }

  get level(): number {
    return this.#level;
  }

  get isEmpty(): boolean {
    return this.#text === "";
  }

  toString(): string {
    return this.#text;
  }

  #body(body: () => void): this {
    this.newLine().indent(body).#flush();
    if (!this.#atStart) this.newLine();
    return this.write("}");
  }

  #flush(): void {
    if (this.#pending) this.newLine();
  }

  #piece(text: string): this {
    this.#text += this.#atStart ? "  ".repeat(this.#level) + text : text;
    this.#atStart = false;
    return this;
  }
}
