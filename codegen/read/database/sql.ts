/**
 * Finds the values of a statement: `$name` outside of strings, comments and quoted names. What is inside of them is text and
 * stays as it is.
 */
export type Dialect = "postgres" | "mysql" | "sqlite";

export interface Mistake {
  readonly kind: "open" | "number" | "paste" | "foreign" | "several" | "dollar" | "executed";
  /** Where it is in the text, and how long. */
  readonly at: number;
  readonly text: string;
}

export interface Statement {
  /** As the database gets it, without a final semicolon. */
  readonly text: string;
  /** Names in the order of their first use: the first is `$1`. */
  readonly names: readonly string[];
  /** Names in the order in which their values are given: the same, but of MySQL each as often as it is used. */
  readonly bound: readonly string[];
  /** Where each of `names` is first used. */
  readonly places: readonly number[];
  /** The words outside of strings, comments and quoted names, in lower case. */
  readonly words: readonly string[];
  /** Where the first of them is. */
  readonly begins: number;
  readonly mistakes: readonly Mistake[];
}

const NAME = /[A-Za-z_][A-Za-z_0-9]*/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const OTHER_LETTERS = /[\w\u0080-\uffff]+/y;
const NUMBER = /[0-9]+/y;

export function readStatement(sql: string, dialect: Dialect): Statement {
  const scan = new Scan(sql, dialect);
  while (!scan.done) scan.step();
  return scan.statement();
}

class Scan {
  readonly #sql: string;
  readonly #dialect: Dialect;
  #at = 0;
  #out = "";
  #end: number | undefined;
  readonly #names: string[] = [];
  readonly #bound: string[] = [];
  readonly #places: number[] = [];
  readonly #words: string[] = [];
  readonly #mistakes: Mistake[] = [];
  #brackets = 0;
  #begins: number | undefined;

  constructor(sql: string, dialect: Dialect) {
    this.#sql = sql;
    this.#dialect = dialect;
  }

  get done(): boolean {
    return this.#at >= this.#sql.length;
  }

  statement(): Statement {
    return {
      text: this.#out.trim(),
      names: this.#names,
      bound: this.#dialect === "mysql" ? this.#bound : this.#names,
      places: this.#places,
      words: this.#words,
      begins: this.#begins ?? 0,
      mistakes: this.#mistakes,
    };
  }

  step(): void {
    const start = this.#at;
    const char = this.#sql[start] ?? "";
    if (this.#skips(char)) return this.#copy(start);
    if (/\s/.test(char)) {
      this.#at++;
      return this.#copy(start);
    }
    if (char === ";") {
      // Only the last one may stand there; it is left out.
      this.#end ??= start;
      this.#at++;
      return;
    }
    if (this.#end !== undefined) {
      this.#mistake("several", this.#end, ";");
      this.#at = this.#sql.length;
      return;
    }
    if (char === "$") return this.#dollar(start);
    const word = this.#match(WORD);
    if (word !== undefined) {
      this.#begins ??= start;
      this.#words.push(word.toLowerCase());
      return this.#copy(start);
    }
    this.#punctuation(start, char);
  }

  /** Moves behind a string, a comment or a quoted name. False if there is none here. */
  #skips(char: string): boolean {
    const sql = this.#sql;
    const start = this.#at;
    const mysql = this.#dialect === "mysql";
    if (char === "'") {
      const escapes = this.#dialect === "postgres" && /(?:^|[^\w$])e$/i.test(sql.slice(0, start));
      return this.#quoted("'", mysql || escapes);
    }
    if (char === '"') return this.#quoted('"', mysql);
    if (this.#dialect !== "postgres" && char === "`") return this.#quoted("`", false);
    if (this.#dialect === "sqlite" && char === "[") return this.#until("]", start);
    // In MySQL two minus signs begin a comment only if a space follows.
    const dashes = mysql
      ? /^--(?:[\s\x00-\x1f]|$)/.test(sql.slice(start, start + 3))
      : sql.startsWith("--", start);
    if (dashes || (mysql && char === "#")) {
      const end = sql.indexOf("\n", start);
      this.#at = end < 0 ? sql.length : end;
      return true;
    }
    if (mysql && /^\/\*M?!/.test(sql.slice(start, start + 4))) {
      this.#mistake("executed", start, sql.startsWith("/*!", start) ? "/*!" : "/*M!");
      this.#at = sql.length;
      return true;
    }
    if (sql.startsWith("/*", start)) return this.#comment(start);
    const tag = this.#dialect === "postgres" && char === "$" ? this.#match(DOLLAR_TAG) : undefined;
    return tag === undefined ? false : this.#until(tag, start);
  }

  #quoted(quote: string, escapes: boolean): boolean {
    const start = this.#at++;
    for (; this.#at < this.#sql.length; this.#at++) {
      const char = this.#sql[this.#at];
      if (escapes && char === "\\") this.#at++;
      else if (char === quote) {
        this.#at++;
        // Twice is the character itself.
        if (this.#sql[this.#at] !== quote) return true;
      }
    }
    return this.#open(start, quote);
  }

  #until(closing: string, start: number): boolean {
    const end = this.#sql.indexOf(closing, Math.max(this.#at, start + 1));
    if (end < 0) return this.#open(start, closing);
    this.#at = end + closing.length;
    return true;
  }

  #comment(start: number): boolean {
    let depth = 0;
    for (let at = start; at < this.#sql.length; at++) {
      if (this.#sql.startsWith("/*", at) && (depth === 0 || this.#dialect === "postgres")) {
        depth++;
        at++;
      } else if (this.#sql.startsWith("*/", at)) {
        at++;
        if (--depth === 0) {
          this.#at = at + 1;
          return true;
        }
      }
    }
    return this.#open(start, "/*");
  }

  #open(start: number, text: string): true {
    this.#mistake("open", start, text);
    this.#at = this.#sql.length;
    return true;
  }

  #dollar(start: number): void {
    this.#at++;
    const name = this.#match(NAME);
    const rest = name === undefined ? undefined : this.#match(OTHER_LETTERS);
    if (name !== undefined && rest === undefined) return this.#bind(start, name);
    if (rest !== undefined) return this.#mistake("dollar", start, `$${name}${rest}`);
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#mistake("number", start, `$${number}`);
    if (this.#sql[this.#at] === "{") {
      const end = this.#sql.indexOf("}", this.#at);
      this.#at = end < 0 ? this.#sql.length : end + 1;
      return this.#mistake("paste", start, this.#sql.slice(start, this.#at));
    }
    this.#mistake("dollar", start, "$");
  }

  #bind(start: number, name: string): void {
    let place = this.#names.indexOf(name);
    if (place < 0) {
      place = this.#names.push(name) - 1;
      this.#places.push(start);
    }
    this.#bound.push(name);
    if (this.#dialect === "mysql") this.#out += "?";
    else this.#out += `${this.#dialect === "postgres" ? "$" : "?"}${place + 1}`;
  }

  #punctuation(start: number, char: string): void {
    this.#at++;
    if (char === "[") this.#brackets++;
    if (char === "]") this.#brackets--;
    const before = this.#sql[start - 1] ?? "";
    const colon = char === ":" && before !== ":" && this.#brackets === 0;
    const foreign = this.#dialect === "postgres" ? colon : /[:@?]/.test(char);
    const name = foreign
      ? this.#match(NAME) ?? (char === "?" ? this.#match(NUMBER) ?? "" : undefined)
      : undefined;
    if (name !== undefined) this.#mistake("foreign", start, `${char}${name}`);
    this.#copy(start);
  }

  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#sql)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #copy(start: number): void {
    this.#out += this.#sql.slice(start, this.#at);
  }

  #mistake(kind: Mistake["kind"], at: number, text: string): void {
    this.#mistakes.push({ kind, at, text });
  }
}
