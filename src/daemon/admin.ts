/** What an operator asks over HTTP: liveness, readiness, metrics, status and configuration. */
import { jsonResponse, textResponse } from "../core/serve/json_response.ts";
import { hostAllowed, sameOrigin } from "../core/serve/page_guard.ts";
import { type AccessToken, findToken } from "./connection/tokens.ts";

export interface AdminOptions {
  /** Why the runtime is not ready; empty when it is. */
  readonly notReady: () => readonly string[];
  /** Prometheus text. */
  readonly metrics: () => string;
  /** What `vastar status` shows. */
  readonly status: () => unknown;
  /** The configuration for `/config`; redacted by the caller. */
  readonly config: () => unknown;
  /** If given, `/metrics`, `/status` and `/config` require one of them as `Authorization: Bearer …`. */
  readonly tokens?: () => readonly AccessToken[];
  /** True for a listener on loopback, which only programs on this machine should read: foreign Host names are refused. */
  readonly loopback?: boolean;
}

const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
const PATHS = ["/livez", "/readyz", "/metrics", "/status", "/config"];

export function createAdmin(options: AdminOptions): (request: Request) => Response {
  return (request) => {
    if (options.loopback === true && !hostAllowed(request, [])) {
      return forbidden(
        "host.denied",
        "this listener does not accept that Host header: use localhost or an IP address",
      );
    }
    if (!sameOrigin(request, [])) {
      return forbidden("origin.denied", "pages from other origins may not read this");
    }
    const { pathname } = new URL(request.url);
    if (!PATHS.includes(pathname)) {
      return jsonResponse({ error: `${pathname} does not exist`, paths: PATHS }, { status: 404 });
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return jsonResponse({ error: `${request.method} is not supported; use GET` }, {
        status: 405,
        headers: { allow: "GET, HEAD" },
      });
    }
    if (pathname === "/livez") return textResponse("ok\n", "text/plain");
    if (pathname === "/readyz") return readiness(options.notReady());
    if (options.tokens !== undefined && !authorized(request, options.tokens())) {
      return jsonResponse({ error: "an access token is required" }, {
        status: 401,
        headers: { "www-authenticate": "Bearer" },
      });
    }
    if (pathname === "/metrics") return textResponse(options.metrics(), PROMETHEUS);
    return jsonResponse(pathname === "/status" ? options.status() : options.config());
  };
}

function forbidden(code: string, error: string): Response {
  return jsonResponse({ code, error }, { status: 403 });
}

function readiness(reasons: readonly string[]): Response {
  return reasons.length === 0
    ? jsonResponse({ ready: true })
    : jsonResponse({ ready: false, reasons }, { status: 503 });
}

function authorized(request: Request, tokens: readonly AccessToken[]): boolean {
  const presented = /^bearer\s+(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  return presented !== undefined && findToken(tokens, presented) !== undefined;
}
