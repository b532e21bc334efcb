/** Headers meant for one origin only. */

/** They identify the caller; a policy may mark others as secret. */
export const CREDENTIALS: readonly string[] = [
  "authorization",
  "cookie",
  "proxy-authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "x-auth-token",
  // Another API must not be able to repeat the call on our behalf.
  "idempotency-key",
];

/** Whether a header must not be sent to another origin. `name` in lower case. */
export function staysAtHome(name: string, secretHeaders: Iterable<string>): boolean {
  if (CREDENTIALS.includes(name)) return true;
  for (const secret of secretHeaders) if (secret.toLowerCase() === name) return true;
  return false;
}
