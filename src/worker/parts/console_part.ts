/** The page to try operations on: one file, which loads nothing from elsewhere. */
import { textResponse } from "../../core/serve/json_response.ts";
import type { WorkerPart } from "../part.ts";
import { SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from "./console.gen.ts";
import { escapeHtml } from "./escape_html.ts";
import { ICON } from "./icon.ts";

export interface ConsoleOptions {
  /** What the page links to besides, by label: paths of this worker without a slash at their beginning. Default: nothing. */
  readonly links?: Readonly<Record<string, string>>;
  /**
   * By connector: what stands in for its API, so that the code which the page shows reaches it too. Whoever sees the page sees this: no
   * secrets. Default: nothing.
   */
  readonly standIns?: Readonly<Record<string, ConsoleStandIn>>;
}

export interface ConsoleStandIn {
  readonly baseURL: string;
  /** Other options of the client. */
  readonly options: Readonly<Record<string, string>>;
}

const POLICY = [
  "default-src 'none'",
  `script-src '${SCRIPT_HASH}'`,
  `style-src '${STYLE_HASH}'`,
  "connect-src 'self'",
  // The icon, and images that an API has made.
  "img-src data: blob:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** `GET /`. Anyone may load it: what it shows is asked for with the key of whoever looks at it. */
export function consolePage({ links = {}, standIns = {} }: ConsoleOptions = {}): WorkerPart {
  const settings = { links: Object.entries(links), standIns };
  return {
    paths: { "/": "GET, HEAD" },
    open: true,
    mount(app) {
      // Text and tag are those of the title, which is the same for every request.
      let made: { readonly text: string; readonly etag: string } | undefined;
      app.get("/", async ({ req, var: { served: { options: { title } } } }) => {
        made ??= await make(title, settings);
        const { text, etag } = made;
        const headers = {
          "content-security-policy": POLICY,
          "referrer-policy": "no-referrer",
          "cache-control": "no-cache",
          etag,
        };
        return req.header("if-none-match") === etag
          ? new Response(null, { status: 304, headers })
          : textResponse(text, "text/html; charset=utf-8", { headers });
      });
    },
  };
}

async function make(title: string, settings: object): Promise<{ text: string; etag: string }> {
  const text = page(title, { title, ...settings });
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return { text, etag: `"${btoa(String.fromCharCode(...new Uint8Array(hash)))}"` };
}

function page(title: string, settings: object): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}</style>
</head>
<body>
<script type="application/json" id="settings">${
    JSON.stringify(settings).replaceAll("<", "\\u003c")
  }</script>
<script type="module">${SCRIPT}</script>
</body>
</html>
`;
}
