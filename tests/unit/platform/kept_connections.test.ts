/** Connections that are reused, and those that must not be. Runs on the current runtime. */
import { afterEach, describe, expect, test } from "bun:test";
import type { Upstream, UpstreamOptions } from "../../../src/core/platform.ts";
import {
  openUpstream,
  type RawConnection,
  type RawServer,
  requestTo,
  startRaw,
  textOf,
} from "../../support/raw_server.ts";
import { until } from "../../support/upstream.ts";
import { failure } from "../engine/support.ts";

const answerWith = (body: string, ...headers: string[]): string =>
  ["HTTP/1.1 200 OK", ...headers, `Content-Length: ${body.length}`, "", body].join("\r\n");
const OK = answerWith("ok");

let server: RawServer;
let upstream: Upstream;
afterEach(async () => {
  await upstream.close();
  await server.close();
});

async function start(
  answer: (connection: RawConnection) => void,
  options: Partial<UpstreamOptions> = {},
): Promise<(part?: Parameters<typeof requestTo>[1]) => Promise<string>> {
  server = await startRaw(answer);
  upstream = await openUpstream(options);
  return async (part) => await textOf(await upstream.exchange(requestTo(server.url, part)));
}

describe("an upstream that closes a kept connection when a request comes", () => {
  /** The first request of each connection is answered, the second one meets the end of it. */
  const closing = ({ socket, request }: RawConnection): void => {
    if (request === 1) socket.write(OK);
    else socket.destroy();
  };

  test.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])(
    "%s is sent again, on a new connection",
    async (method) => {
      const send = await start(({ socket, request }) => {
        if (request > 1) socket.destroy();
        else socket.write(method === "HEAD" ? OK.slice(0, -2) : OK);
      });
      await send({ method });
      await send({ method });
      expect([server.connections, server.received.length]).toEqual([2, 3]);
    },
  );

  test.each(["POST", "PATCH"])("%s is not: it may have arrived", async (method) => {
    const send = await start(closing);
    await send();
    const error = await failure(send({ method, body: new Uint8Array(3) }));
    expect(error).toMatchObject({ code: "upstream.reset", errorClass: 1, sent: "maybe" });
    expect(server.received.filter((text) => text.startsWith(method))).toHaveLength(1);
  });

  test("a new connection that closes is not tried again", async () => {
    const send = await start(({ socket }) => void socket.destroy());
    expect(await failure(send())).toMatchObject({ code: "upstream.reset", sent: "maybe" });
    expect(server.connections).toBe(1);
  });

  test("once is enough", async () => {
    let requests = 0;
    const send = await start(({ socket }) => {
      if (++requests === 1) socket.write(OK);
      else socket.destroy();
    });
    await send();
    expect((await failure(send())).code).toBe("upstream.reset");
    expect(server.connections).toBe(2);
  });

  test("not after a part of an answer", async () => {
    const send = await start(({ socket, request }) => {
      if (request === 1) socket.write(OK);
      else socket.end("HTTP/1.1 100 Continue\r\n\r\n");
    });
    await send();
    expect((await failure(send())).code).toBe("upstream.reset");
    expect(server.received).toHaveLength(2);
  });
});

describe("a connection is closed", () => {
  test.each([
    ["when the answer says so", answerWith("ok", "Connection: close")],
    ["when HTTP/1.0 does not ask to keep it", OK.replace("1.1", "1.0")],
    ["when more came than the answer", `${OK}HTTP/1.1 200 OK\r\n`],
    ["when its keep-alive is nearly over", answerWith("ok", "Keep-Alive: timeout=1")],
  ])("%s", async (_, text) => {
    const send = await start(({ socket }) => void socket.write(text));
    expect([await send(), await send()]).toEqual(["ok", "ok"]);
    expect(server.connections).toBe(2);
    await until(() => server.open === 0, "both to be closed");
  });

  test("when bytes come that nobody asked for", async () => {
    const send = await start(({ socket, number }) => {
      socket.write(OK);
      if (number === 1) setTimeout(() => socket.write(answerWith("evil")), 5);
    });
    expect(await send()).toBe("ok");
    await until(() => server.open === 0, "the connection to be closed");
    expect(await send()).toBe("ok");
    expect(server.connections).toBe(2);
  });

  test("when it was not used for so long", async () => {
    const send = await start(({ socket }) => void socket.write(OK), { keepAliveMs: 30 });
    await send();
    await until(() => server.open === 0, "the connection to be closed");
  });

  test("when the answer came before the end of the request", async () => {
    const send = await start(({ socket }) => void socket.write(OK));
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: () => new Promise(() => {}),
      cancel: () => void (cancelled = true),
    });
    expect(await send({ method: "POST", body })).toBe("ok");
    await until(() => cancelled && server.open === 0, "upload and connection to end");
  });
});

describe("how many connections there are", () => {
  test("a host gets no more than its limit; further requests wait in order", async () => {
    const order: string[] = [];
    const send = await start(({ socket, text }) => {
      order.push(text.split(" ")[1] ?? "");
      setTimeout(() => socket.write(OK), 2);
    }, { maxOpenPerHost: 2 });
    const paths = Array.from({ length: 20 }, (_, i) => `/${String(i).padStart(2, "0")}`);
    await Promise.all(paths.map((path) => send({ url: new URL(server.url + path) })));
    expect(server.connections).toBe(2);
    expect(order.toSorted()).toEqual(paths);
    expect(Math.abs(order.indexOf("/19") - 19)).toBeLessThan(2);
  });

  test("a waiting request can be cancelled, and does not hold up others", async () => {
    const waiting: (() => void)[] = [];
    const send = await start(
      ({ socket }) => void waiting.push(() => socket.write(OK)),
      { maxOpenPerHost: 1 },
    );
    const controller = new AbortController();
    const first = send();
    const second = send({ signal: controller.signal });
    const third = send();
    await until(() => waiting.length === 1, "the first");
    controller.abort(new Error("given up"));
    await expect(second).rejects.toThrow("given up");
    waiting[0]?.();
    await until(() => waiting.length === 2, "the third");
    waiting[1]?.();
    expect(await Promise.all([first, third])).toEqual(["ok", "ok"]);
    expect(server.received).toHaveLength(2);
  });

  test("600 at a time, and few are kept", async () => {
    let waiting: (() => void)[] = [];
    const send = await start(({ socket }) => {
      waiting.push(() => socket.write(OK));
    }, { maxSocketsPerHost: 5 });
    const all = Array.from({ length: 600 }, () => send());
    await until(() => waiting.length === 600, "all requests", 20_000);
    for (const go of waiting) go();
    waiting = [];
    expect(new Set(await Promise.all(all))).toEqual(new Set(["ok"]));
    await until(() => server.open === 5, "the others to be closed");
  }, 30_000);
});
