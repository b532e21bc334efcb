/** Guards against web pages of other origins that a browser on this machine has open. */

/** Against DNS rebinding, a stranger's name that was pointed at this machine. True for IP addresses, `localhost` and names under it, and the listed hosts (without a port). */
export function hostAllowed(request: Request, allowed: readonly string[]): boolean {
  const host = new URL(request.url).hostname.toLowerCase();
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  // A rebound name is a name: addresses cannot be pointed elsewhere.
  if (host.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host)) return true;
  return allowed.some((name) => name.toLowerCase() === host);
}

/**
 * False for a page of another origin that is not let in. A browser asks before it sends JSON across origins, but sends forms
 * without asking. Behind a proxy the scheme may differ, so hosts are compared.
 */
export function sameOrigin(request: Request, corsOrigins: readonly string[]): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || corsOrigins.includes("*") || corsOrigins.includes(origin)) return true;
  return URL.parse(origin)?.host === new URL(request.url).host;
}
