/** The page to try operations on. */
import { textResponse } from "../../core/serve/json_response.ts";
import type { WorkerPart } from "../part.ts";
import { docsPage } from "./docs_page.ts";

/** `GET /`. */
export function consolePage(): WorkerPart {
  return {
    paths: { "/": "GET, HEAD" },
    mount(app) {
      app.get("/", ({ var: { served } }) => {
        const nonce = crypto.randomUUID();
        const policy =
          `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; ` +
          "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        return textResponse(
          docsPage(served.options.title, served.registry.entries.values(), nonce),
          "text/html; charset=utf-8",
          { headers: { "content-security-policy": policy, "cache-control": "no-store" } },
        );
      });
    },
  };
}
