/** TLS to a pinned address: the name is still the one that is checked. Runs on whatever runs the tests. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type AddressInfo, createServer } from "node:net";
import { platform } from "#platform";
import type { Upstream, UpstreamOptions, UpstreamResponse } from "../../../src/core/platform.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";
import { ADDRESS, CA, EXPIRED, NAMED } from "../../support/certificates.ts";
import { failure } from "../engine/support.ts";

const options: UpstreamOptions = {
  maxSocketsPerHost: 64,
  maxOpenPerHost: 4_096,
  keepAliveMs: 30_000,
  maxInflationRatio: 100,
  maxHeadBytes: 65_536,
  wholeBodyBytes: 65_536,
};

let named: UpstreamServer;
let address: UpstreamServer;
let expired: UpstreamServer;
let trusting: Upstream;
let plain: Upstream;

beforeAll(async () => {
  [named, address, expired] = await Promise.all(
    [NAMED, ADDRESS, EXPIRED].map((tls) => startUpstream({ tls })),
  ) as [
    UpstreamServer,
    UpstreamServer,
    UpstreamServer,
  ];
  trusting = await platform.createUpstream({ ...options, ca: [CA] });
  plain = await platform.createUpstream(options);
});
afterAll(async () => {
  await Promise.all([trusting, plain, named, address, expired].map((each) => each.close()));
});

function get(
  upstream: Upstream,
  server: { readonly port: number },
  host: string,
  path = "/request",
): Promise<UpstreamResponse> {
  return upstream.exchange({
    method: "GET",
    url: new URL(`https://${host}:${server.port}${path}`),
    pinned: { address: "127.0.0.1", family: 4 },
    headers: [],
    body: null,
    signal: new AbortController().signal,
    connectTimeoutMs: 5_000,
  });
}

describe("TLS at a pinned address", () => {
  test.each(["good.example", "GOOD.example", "a.wild.example"])(
    "%s is who it says",
    async (host) => {
      const { status, body } = await get(trusting, named, host);
      expect(status).toBe(200);
      const seen = JSON.parse(new TextDecoder().decode(body as Uint8Array)) as {
        headers: [string, string][];
      };
      const hosts = seen.headers.filter(([name]) => name.toLowerCase() === "host");
      expect(hosts.map(([, value]) => value)).toEqual([`${host.toLowerCase()}:${named.port}`]);
    },
  );

  test.each(["evil.example", "wild.example", "a.b.wild.example"])(
    "%s has another certificate",
    async (host) => {
      expect(await failure(get(trusting, named, host))).toMatchObject({
        code: "tls.name",
        errorClass: 2,
        sent: "no",
        origin: "upstream",
      });
    },
  );

  test("a connection made for one name is not used for another", async () => {
    await get(trusting, named, "good.example");
    const before = named.connections;
    await get(trusting, named, "good.example");
    expect(named.connections).toBe(before);
    expect((await failure(get(trusting, named, "evil.example"))).code).toBe("tls.name");
  });

  test("an address is checked as an address", async () => {
    expect((await get(trusting, address, "127.0.0.1")).status).toBe(200);
    expect((await failure(get(trusting, named, "127.0.0.1"))).code).toBe("tls.name");
    expect((await failure(get(trusting, address, "good.example"))).code).toBe("tls.name");
  });

  test("an authority that nobody trusts", async () => {
    expect(await failure(get(plain, named, "good.example"))).toMatchObject({
      code: "tls.untrusted",
      errorClass: 2,
      sent: "no",
    });
  });

  test("a certificate of the past", async () => {
    expect(await failure(get(trusting, expired, "good.example"))).toMatchObject({
      code: "tls.expired",
      errorClass: 2,
      sent: "no",
    });
  });

  test("a server that speaks no TLS", async () => {
    const http = createServer((socket) => {
      socket.on("error", () => {});
      socket.once(
        "data",
        () => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
      );
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    expect(await failure(get(trusting, { port }, "good.example"))).toMatchObject({
      code: "tls.failed",
      errorClass: 2,
      sent: "no",
    });
    http.close();
  });

  test("failures in the middle are the same as without TLS", async () => {
    expect((await failure(get(trusting, named, "good.example", "/truncate"))).code).toBe(
      "upstream.truncated",
    );
    expect((await failure(get(trusting, named, "good.example", "/close"))).code).toBe(
      "upstream.reset",
    );
  });
});
