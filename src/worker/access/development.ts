/** Without keys, a worker is for local development: it only answers requests from this machine to this machine. */

import { hostnameOf } from "../../core/serve/page_guard.ts";

/** The warning for whoever starts such a worker. */
export const DEVELOPMENT_NOTICE: string =
  "DEVELOPMENT MODE: no key is required, so only requests from this machine are answered. " +
  "To let others call, create keys (vastar keys create) and give their file with --keys or VASTAR_KEYS.";

const FORWARDED = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/** Why a request needs a key; undefined: it is local. */
export function notFromHere(
  request: Request,
  host: unknown,
  allowedHosts: readonly string[],
): string | undefined {
  const name = hostnameOf(request.url);
  const peer = peerOf(request, host);
  // A proxy on this machine may well give its own address, and call the worker localhost.
  if (FORWARDED.some((header) => request.headers.has(header))) return "it comes through a proxy";
  if (peer !== undefined && !isLoopback(peer)) return "it comes from another machine";
  if (isLoopback(name) || allowedHosts.some((one) => one.toLowerCase() === name)) return undefined;
  return "its Host header names another machine";
}

function isLoopback(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost") || /^\[?::1\]?$/.test(name) ||
    /^(?:\[?::ffff:)?127\.\d+\.\d+\.\d+\]?$/.test(name);
}

/** The other end of the connection, if the host reveals it: Bun's server, Deno's info, node:http's incoming message. */
function peerOf(request: Request, host: unknown): string | undefined {
  if (typeof host !== "object" || host === null) return undefined;
  const { remoteAddr, requestIP, incoming } = host as {
    readonly remoteAddr?: { readonly hostname?: unknown };
    readonly requestIP?: unknown;
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: unknown } };
  };
  const found = typeof requestIP === "function"
    ? (requestIP.call(host, request) as { readonly address?: unknown } | null)?.address
    : remoteAddr?.hostname ?? incoming?.socket?.remoteAddress;
  return typeof found === "string" ? found : undefined;
}
