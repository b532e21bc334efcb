/** Whole HTTP responses with a content-length, so that no server has to send them in chunks. */

const encoder = new TextEncoder();

/** `init.headers` may replace the content type, for problem documents for instance. Default status: 200. */
export function jsonResponse(
  value: unknown,
  init: { status?: number; headers?: HeadersInit } = {},
): Response {
  return textResponse(JSON.stringify(value), "application/json", init);
}

export function textResponse(
  text: string,
  contentType: string,
  init: { status?: number; headers?: HeadersInit } = {},
): Response {
  const body = encoder.encode(text);
  const { headers, status = 200 } = init;
  if (headers === undefined || isPlain(headers)) {
    const length = String(body.length);
    return new Response(body, {
      status,
      headers: { "content-type": contentType, ...headers, "content-length": length },
    });
  }
  const all = new Headers(headers);
  if (!all.has("content-type")) all.set("content-type", contentType);
  all.set("content-length", String(body.length));
  return new Response(body, { status, headers: all });
}

/** A mapping with names in lower case, as all of ours are: nothing has to be looked up in it. */
function isPlain(headers: HeadersInit): headers is Record<string, string> {
  if (headers instanceof Headers || Array.isArray(headers)) return false;
  for (const name in headers) if (name !== name.toLowerCase()) return false;
  return true;
}
