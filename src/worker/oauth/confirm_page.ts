/**
 * Asks whoever comes back from the authorization server whether they began the login: somebody who was sent the address of another's
 * would otherwise hand over their account by opening it. The answer counts only from the browser that was asked.
 */
import { randomText } from "../../core/bytes.ts";
import { readLimited } from "../../core/read_limited.ts";
import { textResponse } from "../../core/serve/json_response.ts";
import { escapeHtml } from "../parts/escape_html.ts";

const COOKIE = "vastar-login";
/** Of a form: a state and a code are some hundred characters. */
const MOST_BYTES = 16 * 1024;

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  // The code is in the address of the page.
  "referrer-policy": "same-origin",
};

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly button: string;
  /** Where the form goes. */
  readonly action: URL;
  /** What the authorization server said: `?code=…&state=…`. */
  readonly search: string;
}

export function confirmPage({ title, text, button, action, search }: Question): Response {
  const proof = randomText(16);
  const field = (name: string, value: string): string =>
    `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
<form method="post" action="${escapeHtml(action.pathname)}">
${field("search", search)}${field("proof", proof)}<button>${escapeHtml(button)}</button>
</form>
</html>
`;
  const secure = action.protocol === "https:" ? "; Secure" : "";
  const attributes = `Path=${action.pathname}; Max-Age=600; HttpOnly; SameSite=Strict${secure}`;
  return textResponse(page, "text/html; charset=utf-8", {
    headers: { ...PAGE_HEADERS, "set-cookie": `${COOKIE}=${proof}; ${attributes}` },
  });
}

/** What the authorization server said, if the form came from the browser that was shown the page. */
export async function confirmed(request: Request): Promise<string | undefined> {
  const form = new URLSearchParams(await textOf(request));
  const proof = form.get("proof") ?? "";
  const cookies = (request.headers.get("cookie") ?? "").split(/;\s*/);
  return proof !== "" && cookies.includes(`${COOKIE}=${proof}`)
    ? form.get("search") ?? ""
    : undefined;
}

/** Empty if it is too long for a form of ours. */
async function textOf({ body }: Request): Promise<string> {
  if (body === null) return "";
  const tooLong = new Error("not the form of this page");
  try {
    return new TextDecoder().decode(await readLimited(body, MOST_BYTES, () => tooLong));
  } catch (error) {
    if (error === tooLong) return "";
    throw error;
  }
}
