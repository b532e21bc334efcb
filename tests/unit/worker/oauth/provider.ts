/** An OAuth 2.0 authorization server, as far as logins need one. */
import type { HttpServer } from "../../../../src/core/serve/http_server.ts";
import { serveHttp } from "../../../../src/platform/serve.ts";

export interface FakeProvider {
  readonly server: HttpServer;
  /** Forms that the token endpoint got. */
  readonly grants: Record<string, string>[];
  /** How often a device is told to wait before it gets its token. */
  pending: number;
  /** What the token endpoint refuses with; undefined: nothing. */
  refusal: string | undefined;
}

export async function fakeProvider(): Promise<FakeProvider> {
  const grants: Record<string, string>[] = [];
  const provider: FakeProvider = {
    grants,
    pending: 0,
    refusal: undefined,
    server: await serveHttp({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      fetch: (request) => answer(request),
    }),
  };
  async function answer(request: Request): Promise<Response> {
    const { url } = provider.server;
    const { pathname } = new URL(request.url);
    if (pathname === "/.well-known/oauth-authorization-server") {
      return Response.json({
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        device_authorization_endpoint: `${url}/device`,
      });
    }
    if (pathname === "/device") {
      return Response.json({
        device_code: "d-1",
        user_code: "ABCD-EFGH",
        verification_uri: `${url}/enter`,
        expires_in: 600,
        interval: 0.001,
      });
    }
    if (pathname !== "/token") return new Response(null, { status: 404 });
    grants.push(Object.fromEntries(new URLSearchParams(await request.text())));
    const error = provider.refusal ??
      (provider.pending-- > 0 ? "authorization_pending" : undefined);
    return error === undefined
      ? Response.json({
        access_token: "at",
        token_type: "bearer",
        refresh_token: `rt-secret-${grants.length}`,
      })
      : Response.json({ error }, { status: 400 });
  }
  return provider;
}
