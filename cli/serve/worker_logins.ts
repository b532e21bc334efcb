/** Logins at authorization servers, as the configuration of the worker has them. */
import { resolve } from "node:path";
import { invalidRequest } from "../../src/core/errors.ts";
import type { WorkerConfig } from "../../src/config/mod.ts";
import { tokenFile } from "../../src/platform/entry/token_file.ts";
import { createSeal, type LoginOptions, TokenVault } from "../../src/worker/mod.ts";

/** Undefined where nobody can log in. Rejects with `worker.token_key`. */
export async function openLogins(
  { oauth, tokens }: WorkerConfig,
  env: (name: string) => string | undefined,
  cwd: string,
  onError: (text: string) => void,
): Promise<LoginOptions | undefined> {
  if (oauth === undefined) return undefined;
  const key = env("VASTAR_TOKEN_KEY");
  if (tokens === undefined || key === undefined) {
    throw invalidRequest(
      "worker.token_key",
      "oauth needs a file for the tokens (tokens) and VASTAR_TOKEN_KEY, the key that they are sealed with: " +
        "openssl rand -base64 32",
    );
  }
  const seal = await createSeal(key);
  return {
    providers: oauth,
    seal,
    vault: await TokenVault.open(seal, tokenFile(resolve(cwd, tokens))),
    onError: () => onError(`a refresh token could not be kept in ${tokens}`),
  };
}
