/** TLS to a pinned address still checks the name. Runs on the current runtime. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { platform } from "#platform";
import type { Upstream, UpstreamOptions, UpstreamResponse } from "../../../src/core/platform.ts";
import { requestTo } from "../../support/raw_server.ts";
import { startUpstream, until, type UpstreamServer } from "../../support/upstream.ts";
import { ADDRESS, CA, EXPIRED, NAMED } from "../../support/certificates.ts";
import { titled } from "../../support/runtimes.ts";
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

async function get(
  upstream: Upstream,
  server: { readonly port: number },
  host: string,
  path = "/request",
): Promise<UpstreamResponse> {
  return await upstream.exchange({
    method: "GET",
    url: new URL(`https://${host}:${server.port}${path}`),
    pinned: { address: "127.0.0.1", family: 4 },
    headers: [],
    body: null,
    signal: new AbortController().signal,
    connectTimeoutMs: 5_000,
  });
}

/** Answers each request with this text, and then does as it is told. */
async function answering(
  text: string,
  then: (socket: TLSSocket) => void,
): Promise<{ port: number; close(): Promise<unknown> }> {
  const server = createTlsServer({ ...NAMED }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(text);
      then(socket);
    });
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

const unable = platform.name === "deno" ? "Deno offers no session of an earlier one" : undefined;
test.skipIf(unable !== undefined)(
  titled("a second connection resumes the session of the first, for the same name only", unable),
  async () => {
    const reused: boolean[] = [];
    const text = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    const server = await answering(text, (socket) => {
      reused.push(socket.isSessionReused());
      socket.end();
    });
    const upstream = await platform.createUpstream({ ...options, ca: [CA] });
    for (const host of ["good.example", "good.example", "a.wild.example"]) {
      expect((await get(upstream, server, host)).status).toBe(200);
    }
    expect(reused).toEqual([false, true, false]);
    expect((await failure(get(upstream, server, "evil.example"))).code).toBe("tls.name");
    await upstream.close();
    await server.close();
  },
);

test("a connection that is reset in the middle of a body without a length", async () => {
  const server = await answering("HTTP/1.1 200 OK\r\n\r\nhalf", () => {});
  // Between the two, because a TLS socket cannot reset its connection everywhere.
  let client: Socket | undefined;
  const between = createServer((socket) => {
    client = socket;
    const onward = connect(server.port, "127.0.0.1");
    for (const one of [socket, onward]) one.on("error", () => {});
    socket.pipe(onward).pipe(socket);
    socket.on("close", () => onward.destroy());
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  const { port } = between.address() as AddressInfo;
  const { body } = await get(trusting, { port }, "good.example");
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("half");
  client?.resetAndDestroy();
  expect((await failure(reader.read())).code).toBe("upstream.truncated");
  await new Promise((resolve) => between.close(resolve));
  await server.close();
});

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

  test("an untrusted authority", async () => {
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

  test("a server that accepts and then says nothing does not take the connection in time", async () => {
    const open = new Set<Socket>();
    let talks = false;
    const silent = createServer((socket) => {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => open.delete(socket));
      if (!talks) return void socket.on("data", () => {});
      const onward = connect(named.port, "127.0.0.1");
      onward.on("error", () => {});
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const url = `https://good.example:${port}/json`;
    for (let i = 0; i < 5; i++) {
      expect(
        await failure(Promise.resolve(trusting.exchange(requestTo(url, { connectTimeoutMs: 50 })))),
      )
        .toMatchObject({ code: "timeout.connect", errorClass: 1, sent: "no" });
    }
    // Deno cannot close a connection in its handshake; it makes no second one of that kind.
    const left = platform.name === "deno" ? 1 : 0;
    await until(() => open.size === left, "the connections to be closed");
    talks = true;
    expect((await trusting.exchange(requestTo(url))).status).toBe(200);
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
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
