/** Lets web pages of any origin call: nothing here is secret, and a page under test has a different origin. */

type Fetch = (request: Request) => Promise<Response>;

/** Answers browsers' preflight requests itself: they are not requests to the simulated API. */
export function withCors(fetch: Fetch): Fetch {
  return async (request) => {
    if (!request.headers.has("origin")) return await fetch(request);
    const method = request.headers.get("access-control-request-method");
    if (request.method === "OPTIONS" && method !== null) return preflight(request, method);
    const response = await fetch(request);
    const headers = new Headers(response.headers);
    headers.set("access-control-allow-origin", "*");
    headers.set("access-control-expose-headers", "*");
    const { status, statusText } = response;
    return new Response(response.body, { status, statusText, headers });
  };
}

function preflight(request: Request, method: string): Response {
  const headers = new Headers({
    "access-control-allow-origin": "*",
    "access-control-allow-methods": method,
    // By name: `*` does not cover `authorization`.
    "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "",
    "access-control-max-age": "600",
  });
  // For a page on the public internet that calls this machine.
  if (request.headers.has("access-control-request-private-network")) {
    headers.set("access-control-allow-private-network", "true");
  }
  return new Response(null, { status: 204, headers });
}
