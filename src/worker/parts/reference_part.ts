/** A reference of all operations to read and to try, by Scalar. */
import { textResponse } from "../../core/serve/json_response.ts";
import type { WorkerPart } from "../part.ts";
import { escapeHtml } from "./escape_html.ts";
import { ICON } from "./icon.ts";

export interface ApiReferenceOptions {
  /**
   * Reads the script of the package `@scalar/api-reference`, `dist/browser/standalone.js`: the page loads it from the worker and
   * nothing from anywhere else. Called with the first request for it.
   */
  readonly script: () => Promise<string>;
}

/** `GET /docs`, of what `openApi()` serves. */
export function apiReference({ script }: ApiReferenceOptions): WorkerPart {
  let reading: Promise<string> | undefined;
  return {
    paths: { "/docs": "GET, HEAD", "/docs/scalar.js": "GET, HEAD" },
    // The document that it shows is not: that has its own path.
    open: true,
    mount(app) {
      app.get("/docs", ({ var: { served } }) => {
        const nonce = crypto.randomUUID();
        return textResponse(page(served.options.title, nonce), "text/html; charset=utf-8", {
          headers: { "content-security-policy": policy(nonce), "cache-control": "no-store" },
        });
      });
      app.get("/docs/scalar.js", async () => {
        reading ??= script().catch((error: unknown) => {
          // What is missing now may be installed later.
          reading = undefined;
          throw error;
        });
        return textResponse(await reading, "text/javascript; charset=utf-8", {
          headers: { "cache-control": "public, max-age=3600" },
        });
      });
    },
  };
}

/** Scalar writes styles as it goes, some of them without the nonce; no script but these three runs, and nothing comes from elsewhere. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src data:",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** Scalar's schema checks would try whether they may make code of text, which the policy forbids and the browser reports. */
const NO_EVAL = "globalThis.__zod_globalConfig = { jitless: true };";

/** Paths are relative, for a worker that another application mounts. */
function page(title: string, nonce: string): string {
  const configuration = JSON.stringify({
    url: "openapi.json",
    withDefaultFonts: false,
    telemetry: false,
    hideClientButton: true,
    showDeveloperTools: "never",
    agent: { disabled: true },
    mcp: { disabled: true },
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${ICON}">
</head>
<body>
<div id="reference"></div>
<script nonce="${nonce}">${NO_EVAL}</script>
<script nonce="${nonce}" src="docs/scalar.js"></script>
<script nonce="${nonce}">Scalar.createApiReference("#reference", ${configuration});</script>
</body>
</html>
`;
}
