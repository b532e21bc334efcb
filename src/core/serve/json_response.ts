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
  const headers = new Headers(init.headers);
  if (!headers.has("content-type")) headers.set("content-type", contentType);
  headers.set("content-length", String(body.length));
  return new Response(body, { status: init.status ?? 200, headers });
}
