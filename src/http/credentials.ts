/** Headers that are for one origin alone. */

/** They identify the caller, whoever sets them; a policy may mark others as secret. */
export const CREDENTIALS: readonly string[] = [
  "authorization",
  "cookie",
  "proxy-authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "x-auth-token",
  // Another API must not be able to repeat the call in our name.
  "idempotency-key",
];

/** Whether a header must not be sent to another origin. `name` in lower case. */
export function staysAtHome(name: string, secretHeaders: Iterable<string>): boolean {
  if (CREDENTIALS.includes(name)) return true;
  for (const secret of secretHeaders) if (secret.toLowerCase() === name) return true;
  return false;
}
