/** What is under way on a connection: the packages leave some of their promises unsettled when it is lost. */
import type { ConnectorError } from "../../../core/errors.ts";

export class Steps {
  readonly #losers = new Set<() => void>();

  /** Settles as `step` does, with what `explained` makes of its failure, or rejects with `lost` when all is lost. */
  run<T>(
    step: () => Promise<T>,
    explained: (error: unknown) => ConnectorError,
    lost: () => ConnectorError,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const lose = (): void => reject(lost());
      this.#losers.add(lose);
      // Not `finally`: two promises more for each statement.
      step().then((value) => {
        this.#losers.delete(lose);
        resolve(value);
      }, (error: unknown) => {
        this.#losers.delete(lose);
        reject(explained(error));
      });
    });
  }

  loseAll(): void {
    const losers = [...this.#losers];
    this.#losers.clear();
    for (const lose of losers) lose();
  }
}
