/** Tells callers with different credentials apart, as APIs do when they count, without keeping the credentials. */
import type { CallRequest } from "../../core/call.ts";
import { CREDENTIALS } from "../../http/credentials.ts";
import { hashText } from "../state/hash.ts";

/** Other for each process, so that nothing can be looked up in a list of hashes; drawn late, as workerd wants it. */
let salt: string | undefined;

/** Empty where the request shows none. */
export function credentialsOf({ headers, policy }: CallRequest): string {
  let shown = "";
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower === "idempotency-key") continue;
    if (CREDENTIALS.includes(lower) || policy?.secretHeaders?.includes(lower) === true) {
      shown += `${lower}:${value}\n`;
    }
  }
  return shown === "" ? "" : hashText((salt ??= crypto.randomUUID()) + shown);
}
