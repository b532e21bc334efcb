/** Guards against web pages of other origins that a browser on this machine has open. */

/** Guards against DNS rebinding, where a foreign name is pointed at this machine. True for IP addresses, `localhost` and names under it, and the listed hosts (without a port). */
export function hostAllowed(request: Request, allowed: readonly string[]): boolean {
  const host = hostnameOf(request.url);
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  // Only names can be rebound, not addresses.
  if (host.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host)) return true;
  return allowed.some((name) => name.toLowerCase() === host);
}

/** What was asked for last, since most requests ask for the same. */
let last = { origin: "", hostname: "" };

/** In lower case. */
export function hostnameOf(url: string): string {
  const path = url.indexOf("/", url.indexOf("//") + 2);
  const origin = path < 0 ? url : url.slice(0, path);
  if (origin !== last.origin) last = { origin, hostname: new URL(url).hostname.toLowerCase() };
  return last.hostname;
}

/**
 * False for a page of another origin that is not allowed. A browser asks before it sends JSON across origins, but sends forms
 * without asking. Behind a proxy the scheme may differ, so hosts are compared.
 */
export function sameOrigin(request: Request, corsOrigins: readonly string[]): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || corsOrigins.includes("*") || corsOrigins.includes(origin)) return true;
  return URL.parse(origin)?.host === new URL(request.url).host;
}
