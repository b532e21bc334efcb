/** Refresh tokens of tenants, by connector: in memory as they are, outside sealed. */
import { invalidRequest } from "../../core/errors.ts";
import type { Seal } from "./seal.ts";

/** Where the sealed tokens are kept. */
export interface TokenStorage {
  read(): Promise<string | undefined>;
  write(sealed: string): Promise<void>;
}

export class TokenVault {
  readonly #seal: Seal;
  readonly #storage: TokenStorage;
  readonly #tokens: Map<string, string>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(seal: Seal, storage: TokenStorage, tokens: Map<string, string>) {
    this.#seal = seal;
    this.#storage = storage;
    this.#tokens = tokens;
  }

  /** Rejects with `worker.token_key` where the tokens were sealed with another key. */
  static async open(seal: Seal, storage: TokenStorage): Promise<TokenVault> {
    const sealed = await storage.read();
    const text = sealed === undefined ? "{}" : await seal.open(sealed);
    if (text === undefined) {
      throw invalidRequest("worker.token_key", "The tokens were sealed with another key.");
    }
    const tokens = JSON.parse(text) as Record<string, string>;
    return new TokenVault(seal, storage, new Map(Object.entries(tokens)));
  }

  get(tenant: string, connector: string): string | undefined {
    return this.#tokens.get(`${connector} ${tenant}`);
  }

  /** All tokens, to be blanked out of texts. */
  values(): Iterable<string> {
    return this.#tokens.values();
  }

  /** Resolves when it is kept. */
  set(tenant: string, connector: string, token: string): Promise<void> {
    this.#tokens.set(`${connector} ${tenant}`, token);
    const write = async (): Promise<void> => {
      const text = JSON.stringify(Object.fromEntries(this.#tokens));
      await this.#storage.write(await this.#seal.seal(text));
    };
    return this.#writing = this.#writing.then(write, write);
  }
}
