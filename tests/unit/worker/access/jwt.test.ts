/** Tokens of an identity provider, with keys that it publishes over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { HttpServer } from "../../../../src/core/serve/http_server.ts";
import { serveHttp } from "../../../../src/platform/serve.ts";
import { jwt } from "../../../../src/worker/mod.ts";
import { get, post, testWorker } from "../support.ts";

const ISSUER = "https://id.example";
const AUDIENCE = "https://worker.example/mcp";

describe("a token", () => {
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let provider: HttpServer;
  let fetched = 0;
  beforeAll(async () => {
    keys = await generateKeyPair("ES256");
    const jwk = { ...await exportJWK(keys.publicKey), kid: "one", alg: "ES256" };
    provider = await serveHttp({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      fetch: () => (fetched++, Response.json({ keys: [jwk] })),
    });
  });
  afterAll(() => provider.stop(0));

  const setup = (jwks = `${provider.url}/jwks.json`) =>
    testWorker({ "notes.create": (_, { tenantId }) => ({ tenantId }) }, {
      access: [jwt({ issuer: ISSUER, audience: AUDIENCE, jwks })],
      publicUrl: "https://worker.example",
    });
  const token = (claims: JWTPayload, alter: (made: SignJWT) => SignJWT = (made) => made) =>
    alter(
      new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "one" }).setIssuer(ISSUER)
        .setAudience(AUDIENCE).setSubject("u1").setExpirationTime("5m"),
    ).sign(keys.privateKey);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const unsigned = (header: object) =>
    `${part(header)}.${part({ iss: ISSUER, aud: AUDIENCE, exp: 9e9, tenant: "a" })}.`;
  const send = (worker: ReturnType<typeof setup>, credential: string) =>
    post(worker, "/connectors/notes/notes.create", { text: "x" }, {
      headers: { "content-type": "application/json", authorization: `Bearer ${credential}` },
    });
  const call = async (worker: ReturnType<typeof setup>, credential: string) => {
    const response = await send(worker, credential);
    const { code, detail, tenantId } = await response.json() as Record<string, string>;
    return [response.status, code ?? tenantId, detail];
  };

  test("is its tenant's, for what its claims name", async () => {
    const worker = setup();
    expect(await call(worker, await token({ tenant: "acme" }))).toEqual([200, "acme", undefined]);
    const narrow = { tenant: "acme", operations: "notes.notes.list other.*" };
    expect(await call(worker, await token(narrow))).toMatchObject([
      403,
      "access.denied",
      expect.any(String),
    ]);
    expect(await call(worker, await token({ tenant: "acme", connectors: ["notes"] })))
      .toEqual([200, "acme", undefined]);
    expect(await call(worker, await token({ tenant: "acme", methods: ["GET"] })))
      .toEqual([403, "access.denied", 'The credential "u1" may not use the method POST.']);
    expect(fetched).toBe(1);
  });

  test("that does not hold is refused, with the reason as far as it helps", async () => {
    const worker = setup();
    const other = await generateKeyPair("ES256");
    const cases: [string, string, RegExp][] = [
      [
        await token({ tenant: "a" }, (made) => made.setExpirationTime(1)),
        "access.expired",
        /another/,
      ],
      [await token({ tenant: "a" }, (made) => made.setAudience("x")), "access.invalid", /"aud"/],
      [
        await token({ tenant: "a" }, (made) => made.setIssuer("x")),
        "access.invalid",
        /tokens are those of https:\/\/id\.example/,
      ],
      [await token({ tenant: "a" }, (made) => made.setNotBefore("5m")), "access.invalid", /"nbf"/],
      [
        await new SignJWT({ tenant: "a" }).setProtectedHeader({ alg: "ES256", kid: "unknown" })
          .setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime("5m").sign(keys.privateKey),
        "access.invalid",
        /was not signed by/,
      ],
      [unsigned({ alg: "none" }), "access.invalid", /was not signed by/],
      [unsigned({ alg: "ES256", kid: "one" }), "access.invalid", /was not signed by/],
      [
        unsigned({ alg: "ES256", kid: "one", crit: ["x"], x: 1 }),
        "access.invalid",
        /not signed by/,
      ],
      [`${part({ alg: "none" })}.e30.`, "access.invalid", /not of a kind/],
      [`${part({ alg: "ES256" })}.bm90IGpzb24.x`, "access.invalid", /not of a kind/],
      [`${part({ alg: "ES256" })}.${part([])}.x`, "access.invalid", /not of a kind/],
      [await token({}), "access.invalid", /does not name a tenant/],
      [await token({ tenant: "a", methods: { GET: true } }), "access.invalid", /"methods"/],
      [
        await new SignJWT({ tenant: "a" }).setProtectedHeader({ alg: "ES256", kid: "one" })
          .setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime("5m").sign(other.privateKey),
        "access.invalid",
        /not signed by https:\/\/id\.example/,
      ],
      [
        await new SignJWT({ tenant: "a" }).setProtectedHeader({ alg: "HS256" }).setIssuer(ISSUER)
          .setAudience(AUDIENCE).setExpirationTime("5m").sign(new Uint8Array(32)),
        "access.invalid",
        /was not signed by/,
      ],
      [
        await new SignJWT({ tenant: "a" }).setProtectedHeader({ alg: "ES256", kid: "one" })
          .setIssuer(ISSUER).setAudience(AUDIENCE).sign(keys.privateKey),
        "access.invalid",
        /"exp"/,
      ],
    ];
    for (const [credential, code, detail] of cases) {
      expect(await call(worker, credential)).toEqual([401, code, expect.stringMatching(detail)]);
    }
  });

  test("is judged by its own issuer, whichever is listed first", async () => {
    const [first, second] = [await generateKeyPair("ES256"), await generateKeyPair("ES256")];
    const down = jwt({
      issuer: "https://a.example",
      audience: AUDIENCE,
      jwks: "http://127.0.0.1:1/",
    });
    const jwks = { keys: [await exportJWK(first.publicKey), await exportJWK(second.publicKey)] };
    const worker = testWorker({ "notes.create": (_, { tenantId }) => ({ tenantId }) }, {
      access: [down, jwt({ issuer: "https://b.example", audience: AUDIENCE, jwks, tenant: "b" })],
    });
    const sign = (issuer: string, key = second.privateKey, audience = AUDIENCE) =>
      new SignJWT({}).setProtectedHeader({ alg: "ES256" }).setIssuer(issuer).setAudience(audience)
        .setExpirationTime("5m").sign(key);
    // Neither of them names its key, and both keys are the issuer's.
    for (const { privateKey } of [first, second]) {
      expect(await call(worker, await sign("https://b.example", privateKey)))
        .toEqual([200, "b", undefined]);
    }
    expect(await call(worker, await sign("https://b.example", keys.privateKey))).toEqual([
      401,
      "access.invalid",
      "The token was not signed by https://b.example.",
    ]);
    expect(await call(worker, await sign("https://b.example", second.privateKey, "x")))
      .toMatchObject([401, "access.invalid", expect.stringMatching(/"aud"/)]);
    const text = expect.any(String);
    expect(await call(worker, await sign("https://a.example")))
      .toEqual([503, "access.unavailable", text]);
    expect(await call(worker, await sign("https://c.example")))
      .toEqual([401, "access.invalid", text]);
  });

  test("cannot be judged while the keys cannot be fetched: 503, and not the caller's fault", async () => {
    const worker = setup("http://127.0.0.1:1/jwks.json");
    expect(await call(worker, await token({ tenant: "a" }))).toEqual([
      503,
      "access.unavailable",
      expect.any(String),
    ]);
    const again = await send(worker, await token({ tenant: "a" }));
    expect(await again.json()).toMatchObject({ class: "Transient", retryable: true, sent: "no" });
  });

  test("is asked for where the metadata says", async () => {
    const worker = setup();
    const refused = await get(worker, "/connectors");
    const url = "https://worker.example/.well-known/oauth-protected-resource/mcp";
    expect(refused.headers.get("www-authenticate")).toBe(
      `Bearer realm="vastar", resource_metadata="${url}"`,
    );
    const metadata = await get(worker, new URL(url).pathname);
    expect(await metadata.json()).toEqual({
      resource: AUDIENCE,
      resource_name: "Vastar Connector",
      authorization_servers: [ISSUER],
      bearer_methods_supported: ["header"],
    });
    expect((await get(testWorker({}), new URL(url).pathname)).status).toBe(404);
  });
});
