/** `Link` headers (RFC 8288). A regular expression cannot read them: a quoted parameter may contain commas, `<`, and quotes after a backslash. */

/** The address of the first link of a relation. */
export function linkWith(header: string, rel: string): string | undefined {
  const wanted = rel.toLowerCase();
  const reader = new LinkReader(header);
  for (let link = reader.next(); link !== undefined; link = reader.next()) {
    if (link.rel.toLowerCase().split(/\s+/).includes(wanted)) return link.target;
  }
  return undefined;
}

interface Link {
  readonly target: string;
  readonly rel: string;
}

class LinkReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** What is not a link is skipped up to the next `<`. */
  next(): Link | undefined {
    const start = this.#text.indexOf("<", this.#at);
    const end = start === -1 ? -1 : this.#text.indexOf(">", start);
    if (end === -1) return undefined;
    this.#at = end + 1;
    let rel: string | undefined;
    while (this.#skip(";")) {
      const name = this.#token();
      const value = this.#skip("=") ? this.#value() : "";
      // The RFC says that the first counts.
      if (name.toLowerCase() === "rel") rel ??= value;
    }
    return { target: this.#text.slice(start + 1, end), rel: rel ?? "" };
  }

  #blanks(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at++;
  }

  #skip(char: string): boolean {
    this.#blanks();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    this.#blanks();
    return true;
  }

  #token(): string {
    const from = this.#at;
    while (this.#at < this.#text.length && !/[\s=;,]/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text.slice(from, this.#at);
  }

  #value(): string {
    // Single quotes are not in the RFC, but some servers use them.
    if (this.#text[this.#at] !== '"') return this.#token().replace(/^'(.*)'$/, "$1");
    let value = "";
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at];
      if (char === '"') break;
      if (char === "\\") this.#at++;
      value += this.#text[this.#at] ?? "";
    }
    this.#at++;
    return value;
  }
}
