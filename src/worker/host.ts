/** Guards against DNS rebinding: a page of a stranger's domain that was pointed at this machine. */

/** True for IP addresses, `localhost` and names under it, and the listed hosts (without a port). */
export function hostAllowed(request: Request, allowed: readonly string[]): boolean {
  const host = new URL(request.url).hostname.toLowerCase();
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  // A rebound name is a name: addresses cannot be pointed elsewhere.
  if (host.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host)) return true;
  return allowed.some((name) => name.toLowerCase() === host);
}
