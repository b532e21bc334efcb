import { describe, expect, test } from "bun:test";
import { fakeNet, OK, read, settled } from "./fake_net.ts";
import { failure } from "../engine/support.ts";

const late = <T>(work: Promise<T>): Promise<T> => {
  work.catch(() => {});
  return work;
};

describe("connections", () => {
  test("are shared by requests to one origin at one address, and by no others", async () => {
    const net = fakeNet();
    const urls = [
      "http://a.example/1",
      "http://a.example/2",
      "http://b.example/",
      "https://a.example/",
    ];
    for (const url of urls) {
      const pending = net.send({ url: new URL(url) });
      net.last().say(OK);
      expect(await read(await pending)).toBe("ok");
    }
    expect(net.sockets).toHaveLength(3);
    const elsewhere = net.send({ pinned: { address: "192.0.2.2", family: 4 } });
    net.last().say(OK);
    await elsewhere;
    expect(net.sockets.map(({ endpoint: { host, port, tls } }) => [host, port, tls?.name])).toEqual(
      [
        ["192.0.2.1", 80, undefined],
        ["192.0.2.1", 80, undefined],
        ["192.0.2.1", 443, "a.example"],
        ["192.0.2.2", 80, undefined],
      ],
    );
  });

  test("keep the process alive only while something is in progress", async () => {
    const net = fakeNet();
    const first = net.send();
    expect(net.last().held).toBe(true);
    net.last().say(OK);
    await first;
    expect(net.last().held).toBe(false);
    const second = net.send();
    expect(net.last().held).toBe(true);
    net.last().say(OK);
    await second;
    expect(net.sockets).toHaveLength(1);
  });

  test("are closed when unused for keepAliveMs, or sooner where the upstream says so", async () => {
    const net = fakeNet({ keepAliveMs: 30_000 });
    const [a, b] = [net.send(), net.send()];
    net.sockets[0]?.say(OK);
    net.sockets[1]?.say(OK.replace("\r\n", "\r\nKeep-Alive: timeout=5, max=100\r\n"));
    await Promise.all([a, b]);
    net.clock.advance(3_999);
    const again = net.send();
    expect(net.sockets).toHaveLength(2);
    net.sockets[1]?.say(OK.replace("\r\n", "\r\nkeep-alive: timeout=5\r\n"));
    await again;
    // The timer comes once a keepAliveMs: what is too old before is not used.
    net.clock.advance(4_000);
    const fresh = net.send();
    expect(net.sockets).toHaveLength(2);
    net.sockets[0]?.say(OK);
    await fresh;
    net.clock.advance(60_000);
    expect(net.sockets.map(({ destroyed }) => destroyed)).toEqual([true, true]);
    expect(net.clock.pending).toBe(0);
  });

  test("are not kept with bytes of a request still in the socket's hands", async () => {
    const net = fakeNet();
    const pending = net.send();
    net.last().whole = false;
    net.last().say(OK);
    await pending;
    expect(net.last().destroyed).toBe(true);
  });

  test("that are ready go to the first waiter, whoever asked for them", async () => {
    const net = fakeNet({ open: false });
    const [a, b] = [net.send(), net.send()];
    net.sockets[1]?.open();
    expect(net.sockets[1]?.sent).toContain("GET /x ");
    net.sockets[1]?.say(OK);
    expect(await read(await a)).toBe("ok");
    net.sockets[1]?.say(OK);
    expect(await read(await b)).toBe("ok");
    // The other one comes when nobody needs it any more, and is kept.
    net.sockets[0]?.open();
    const c = net.send();
    net.sockets[0]?.say(OK);
    expect(await read(await c)).toBe("ok");
  });
});

describe("connecting", () => {
  test("is given up after the request's own time", async () => {
    const net = fakeNet({ open: false });
    const slow = late(net.send({ connectTimeoutMs: 2_000 }));
    const slower = late(net.send({ connectTimeoutMs: 4_000 }));
    net.clock.advance(2_000);
    expect(await failure(slow)).toMatchObject({
      code: "timeout.connect",
      errorClass: 1,
      sent: "no",
    });
    expect(net.sockets.map(({ givenUp }) => givenUp)).toEqual([true, false]);
    net.clock.advance(2_000);
    expect((await failure(slower)).code).toBe("timeout.connect");
  });

  test("ends with its request, unless another one waits", async () => {
    const net = fakeNet({ open: false, maxOpenPerHost: 1 });
    const controller = new AbortController();
    const first = late(net.send({ signal: controller.signal }));
    const second = net.send();
    controller.abort(new Error("given up"));
    await expect(first).rejects.toThrow("given up");
    expect(net.last().givenUp).toBe(false);
    net.last().open();
    net.last().say(OK);
    expect(await read(await second)).toBe("ok");
    const other = new AbortController();
    const third = late(net.send({ signal: other.signal, url: new URL("http://b.example/") }));
    other.abort(new Error("given up"));
    await expect(third).rejects.toThrow("given up");
    expect(net.last().givenUp).toBe(true);
  });

  test("that fails only affects the request that asked for it; those waiting for room continue", async () => {
    const net = fakeNet({ open: false, maxOpenPerHost: 1 });
    const first = late(net.send());
    const second = net.send();
    expect(net.sockets).toHaveLength(1);
    net.last().handlers.failed(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
    expect(await failure(first)).toMatchObject({ code: "connect.refused", sent: "no" });
    expect(net.sockets).toHaveLength(2);
    net.last().open();
    net.last().say(OK);
    expect(await read(await second)).toBe("ok");
  });

  test("a connection that closes makes room", async () => {
    const net = fakeNet({ maxOpenPerHost: 1 });
    const first = late(net.send());
    const second = net.send();
    net.last().handlers.close(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    expect((await failure(first)).code).toBe("upstream.reset");
    expect(net.sockets).toHaveLength(2);
    net.last().say(OK);
    expect(await read(await second)).toBe("ok");
  });
});

describe("closing", () => {
  test("ends what is in progress, waiting or idle", async () => {
    const net = fakeNet({ maxOpenPerHost: 2 });
    const idle = net.send({ url: new URL("http://b.example/") });
    net.last().say(OK);
    await idle;
    const streaming = net.send();
    net.last().say("HTTP/1.1 200 OK\r\n\r\nsome");
    const { body } = await streaming;
    const all = [late(net.send()), late(net.send())];
    net.client.close();
    for (const one of all) expect((await failure(one)).code).toBe("client.closed");
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).value?.length).toBe(4);
    await expect(reader.read()).rejects.toMatchObject({ code: "client.closed" });
    expect(net.sockets.every(({ destroyed }) => destroyed)).toBe(true);
    expect((await failure(net.send())).code).toBe("client.closed");
    await settled();
    expect(net.sockets).toHaveLength(3);
  });
});
