/** Rows of a whole answer as they come, up to as many as may be. */
import type { StatementBody } from "../../../../core/database/body.ts";
import { WRONG } from "../../../../engine/database/failures.ts";
import { MOST_BYTES } from "../limits.ts";
import type { Row } from "./package.ts";

type Encoder = (row: Row) => string;

export class Rows {
  readonly rows: string[] = [];
  /** Those whose types are not known yet. */
  readonly #unread: Row[] = [];
  /** There are more than may be. */
  more = false;
  failure: unknown;
  /** Told once, when nothing more is wanted. */
  onEnough: () => void = () => {};
  readonly #most: number;
  readonly #wanted: boolean;
  readonly #encoder: () => Encoder | undefined;
  #encode: Encoder | undefined;
  #bytes = 0;

  constructor(most: number, { result }: StatementBody, encoder: () => Encoder | undefined) {
    this.#most = most;
    this.#wanted = result !== "affected";
    this.#encoder = encoder;
  }

  /** Never throws: the package would take it for an error of the connection. */
  add(row: Row): void {
    if (!this.#wanted || this.more || this.failure !== undefined) return;
    try {
      this.#encode ??= this.#encoder();
      if (this.rows.length + this.#unread.length >= this.#most) {
        this.more = true;
        return this.onEnough();
      }
      if (this.#encode === undefined) this.#unread.push(row);
      else this.#take(this.#encode(row));
    } catch (error) {
      this.failure = error;
      this.rows.length = 0;
      this.onEnough();
    }
  }

  /** Whether types have to be known first; then `read`. */
  get isUnread(): boolean {
    return this.#unread.length > 0;
  }

  /** @throws ConnectorError `database.*`. */
  read(): void {
    const encode = this.#encoder();
    for (const row of this.#unread.splice(0)) if (encode !== undefined) this.#take(encode(row));
  }

  #take(json: string): void {
    this.#bytes += json.length;
    if (this.#bytes > MOST_BYTES) throw WRONG.tooLarge(MOST_BYTES);
    this.rows.push(json);
  }
}
