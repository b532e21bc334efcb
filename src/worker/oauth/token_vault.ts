/** Refresh tokens of tenants, by connector: in memory as they are, outside sealed. */
import { invalidRequest } from "../../core/errors.ts";
import type { Seal } from "./seal.ts";

/** Where the sealed tokens are kept. */
export interface TokenStorage {
  read(): Promise<string | undefined>;
  /** Keeps `sealed` if `before` is what is kept still; false: somebody else has written since. */
  replace(before: string | undefined, sealed: string): Promise<boolean>;
}

export class TokenVault {
  readonly #seal: Seal;
  readonly #storage: TokenStorage;
  readonly #tokens: Map<string, string>;
  /** Set here; what else is in the storage may be somebody else's, such as another process's. */
  readonly #own = new Map<string, string>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(seal: Seal, storage: TokenStorage, tokens: Map<string, string>) {
    this.#seal = seal;
    this.#storage = storage;
    this.#tokens = tokens;
  }

  /** Rejects with `worker.token_key` where the tokens were sealed with another key. */
  static async open(seal: Seal, storage: TokenStorage): Promise<TokenVault> {
    return new TokenVault(seal, storage, await opened(seal, await storage.read()));
  }

  get(tenant: string, connector: string): string | undefined {
    return this.#tokens.get(`${connector} ${tenant}`);
  }

  /** Resolves when it is kept. */
  set(tenant: string, connector: string, token: string): Promise<void> {
    const key = `${connector} ${tenant}`;
    this.#tokens.set(key, token);
    this.#own.set(key, token);
    const write = async (): Promise<void> => {
      while (!await this.#write());
    };
    return this.#writing = this.#writing.then(write, write);
  }

  async #write(): Promise<boolean> {
    const before = await this.#storage.read();
    const all = [...await opened(this.#seal, before), ...this.#own];
    const text = JSON.stringify(Object.fromEntries(all));
    return await this.#storage.replace(before, await this.#seal.seal(text));
  }
}

async function opened(seal: Seal, sealed: string | undefined): Promise<Map<string, string>> {
  const text = sealed === undefined ? "{}" : await seal.open(sealed);
  if (text === undefined) {
    throw invalidRequest("worker.token_key", "The tokens were sealed with another key.");
  }
  return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
}
