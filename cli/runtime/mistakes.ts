/** Mistakes of flags, variables and file, collected so that an operator sees them all at once. */
import { ConnectorError, invalidRequest } from "../../src/core/errors.ts";

export class Mistakes {
  readonly #found: ConnectorError[] = [];

  /** The result of `work`; undefined if it threw a mistake, which is kept. */
  try<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#keep(error);
      return undefined;
    }
  }

  async wait<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      this.#keep(error);
      return undefined;
    }
  }

  /** @throws ConnectorError the kept mistake, or one that names them all. */
  throwIfAny(): void {
    const [first, ...others] = this.#found;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    const messages = this.#found.map(({ message }) => message);
    throw invalidRequest("config.invalid", messages.join("\n"));
  }

  #keep(error: unknown): void {
    if (!(error instanceof ConnectorError)) throw error;
    this.#found.push(error);
  }
}
