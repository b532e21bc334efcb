/** Distinguishes callers with different credentials, as APIs do when they count, without storing the credentials. */
import type { CallRequest } from "../../core/call.ts";
import { CREDENTIALS } from "../../http/credentials.ts";
import { hashText } from "../state/hash.ts";

/** Different in each process, so that hashes cannot be looked up in a table; drawn late, as workerd requires. */
let salt: string | undefined;

/** Empty if the request has none. `salted`: for runtimes that have to arrive at the same. */
export function credentialsOf({ headers, policy }: CallRequest, salted?: string): string {
  let shown = "";
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower === "idempotency-key") continue;
    if (CREDENTIALS.includes(lower) || policy?.secretHeaders?.includes(lower) === true) {
      shown += `${lower}:${value}\n`;
    }
  }
  return shown === "" ? "" : hashText((salted ?? (salt ??= crypto.randomUUID())) + shown);
}
