/** One exchange over a socket that takes and brings what a test says. */
import { describe, expect, test } from "bun:test";
import { fakeNet, OK, read, settled } from "./fake_net.ts";
import { failure } from "../engine/support.ts";

const POST = { method: "POST" } as const;
const reset = (): Error => Object.assign(new Error("reset"), { code: "ECONNRESET" });

describe("a request", () => {
  test("is one write, head and body", async () => {
    const net = fakeNet();
    const pending = net.send({
      ...POST,
      url: new URL("http://a.example:81//p?q=1#f"),
      headers: [["x-a", "1"], ["x-a", "é"]],
      body: new TextEncoder().encode("hello"),
    });
    expect(net.last().sent).toBe(
      "POST //p?q=1 HTTP/1.1\r\nhost: a.example:81\r\nconnection: keep-alive\r\nx-a: 1\r\nx-a: é\r\n" +
        "content-length: 5\r\n\r\nhello",
    );
    net.last().say(OK);
    expect(await read(await pending)).toBe("ok");
  });

  test.each([["GET", ""], ["DELETE", ""], ["POST", "content-length: 0\r\n"], [
    "PUT",
    "content-length: 0\r\n",
  ]])("%s without a body", (method, framing) => {
    const net = fakeNet();
    void net.send({ method });
    expect(net.last().sent.split("keep-alive\r\n")[1]).toBe(`${framing}\r\n`);
  });

  test.each([0, 1, 5, 16_384, 16_385, 100_000])(
    "of %d bytes goes on where the socket stopped taking it",
    async (size) => {
      const net = fakeNet({ open: false });
      const body = new Uint8Array(size).map((_, i) => 97 + i % 26);
      const pending = net.send({ ...POST, body });
      net.last().room = 10;
      net.last().open();
      for (let i = 0; i < 10; i++) net.last().drain(1 + i * 7);
      net.last().drain();
      const [head, ...rest] = net.last().sent.split("\r\n\r\n");
      expect(head).toContain(`content-length: ${size}`);
      expect(rest.join() === new TextDecoder().decode(body)).toBe(true);
      net.last().say(OK);
      await pending;
      expect(net.last().destroyed).toBe(false);
    },
  );

  test("long heads and other letters arrive as they are", async () => {
    const net = fakeNet();
    const value = "x".repeat(30_000) + "\xe9";
    const pending = net.send({
      ...POST,
      headers: [["x-a", value]],
      body: new Uint8Array(3).fill(65),
    });
    expect(net.last().sent.endsWith(`x-a: ${value}\r\ncontent-length: 3\r\n\r\nAAA`)).toBe(true);
    net.last().say(OK);
    await pending;
  });

  test("streamed: in chunks, none of them empty, as fast as the socket takes them", async () => {
    const net = fakeNet();
    const pieces = ["hello", "", "x".repeat(300)];
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces[pulled++];
        if (piece === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(piece));
      },
    }, { highWaterMark: 0 });
    const pending = net.send({ ...POST, body });
    net.last().room = 3;
    await settled();
    expect(pulled).toBe(1);
    net.last().drain();
    await settled();
    expect(net.last().sent.split("\r\n\r\n").slice(1).join("\r\n\r\n")).toBe(
      `5\r\nhello\r\n12c\r\n${"x".repeat(300)}\r\n0\r\n\r\n`,
    );
    net.last().say(OK);
    expect(await read(await pending)).toBe("ok");
    expect(net.last().destroyed).toBe(false);
  });

  test("streamed with a length that the caller knows", async () => {
    const net = fakeNet();
    const send = (text: string) =>
      net.send({
        ...POST,
        headers: [["content-length", "5"]],
        body: new Response(text).body as ReadableStream<Uint8Array>,
      });
    const right = send("hello");
    await settled();
    expect(net.last().sent).toMatch(/content-length: 5\r\n\r\nhello$/);
    net.last().say(OK);
    await right;
    for (const wrong of ["hell", "hello!"]) {
      const error = await failure(send(wrong));
      expect(error).toMatchObject({ code: "request.body_failed", origin: "caller" });
      expect(net.last().destroyed).toBe(true);
      expect(net.last().sent).not.toContain("hello!");
    }
  });

  test("streamed from a source that is already being read", async () => {
    const net = fakeNet();
    const body = new ReadableStream<Uint8Array>();
    body.getReader();
    expect((await failure(net.send({ ...POST, body }))).code).toBe("request.body_failed");
    expect(net.last().destroyed).toBe(true);
  });
});

describe("given up", () => {
  const reason = new Error("given up");

  test.each(["while the request is written", "before the head", "in the head", "in a short body"])(
    "%s, it closes the socket and fails with the reason",
    async (when) => {
      const net = fakeNet();
      const controller = new AbortController();
      const pending = net.send({
        ...POST,
        signal: controller.signal,
        body: new Uint8Array(100_000),
      });
      if (when === "while the request is written") net.last().room = 0;
      if (when === "in the head") net.last().say("HTTP/1.1 200 O");
      if (when === "in a short body") net.last().say(OK.slice(0, -1));
      controller.abort(reason);
      await expect(pending).rejects.toBe(reason);
      expect(net.last().destroyed).toBe(true);
      // What still comes reaches nobody.
      net.last().say("HTTP/1.1 200 OK\r\n\r\n");
      net.last().handlers.close(reset());
    },
  );

  test("in a stream, the reader gets the reason and not what had come", async () => {
    const net = fakeNet();
    const controller = new AbortController();
    const pending = net.send({ signal: controller.signal });
    net.last().say("HTTP/1.1 200 OK\r\n\r\nsome");
    const { body } = await pending;
    net.last().say("more");
    controller.abort(reason);
    await expect(read({ status: 200, headers: [], body, encoding: undefined })).rejects.toBe(
      reason,
    );
    expect(net.last().destroyed).toBe(true);
  });

  test("by its reader, it closes the socket", async () => {
    const net = fakeNet();
    const pending = net.send();
    net.last().say("HTTP/1.1 200 OK\r\n\r\nsome");
    await ((await pending).body as ReadableStream<Uint8Array>).cancel();
    expect(net.last().destroyed).toBe(true);
  });

  test("after its end, it leaves the socket to the next", async () => {
    const net = fakeNet();
    const controller = new AbortController();
    const pending = net.send({ signal: controller.signal });
    const long = "x".repeat(70_000);
    net.last().say(`HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n${long}`);
    const { body } = await pending;
    const next = net.send();
    controller.abort(reason);
    await (body as ReadableStream<Uint8Array>).cancel();
    net.last().say(OK);
    expect(await read(await next)).toBe("ok");
    expect(net.sockets).toHaveLength(1);
  });
});

describe("a streamed answer", () => {
  const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const chunk = (size: number): string => `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`;

  test("pauses the socket while nobody reads, and resumes it afterwards", async () => {
    const net = fakeNet();
    const pending = net.send();
    net.last().say(HEAD);
    const reader = ((await pending).body as ReadableStream<Uint8Array>).getReader();
    for (let i = 0; i < 15; i++) net.last().say(chunk(4_096));
    expect(net.last().paused).toBe(false);
    net.last().say(chunk(4_096));
    expect(net.last().paused).toBe(true);
    // All that came is one piece.
    expect((await reader.read()).value?.length).toBe(65_536);
    expect(net.last().paused).toBe(false);
    net.last().say(`${chunk(3)}0\r\n\r\n`);
    expect((await reader.read()).value?.length).toBe(3);
    expect((await reader.read()).done).toBe(true);
  });

  test("that ends while the socket is paused leaves it reading", async () => {
    const net = fakeNet();
    const pending = net.send();
    net.last().say(HEAD);
    await pending;
    net.last().say(chunk(70_000));
    expect(net.last().paused).toBe(true);
    net.last().say("0\r\n\r\n");
    expect(net.last().paused).toBe(false);
    const next = net.send();
    net.last().say(OK);
    expect(await read(await next)).toBe("ok");
  });

  test("of single bytes that nobody reads is kept in few pieces", async () => {
    const net = fakeNet();
    const pending = net.send();
    net.last().say(HEAD);
    const { body } = await pending;
    for (let i = 0; i < 5_000; i++) net.last().say("1\r\nx\r\n");
    net.last().say("0\r\n\r\n");
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).value?.length).toBe(5_000);
    expect((await reader.read()).done).toBe(true);
  });

  test("that came with its head is whole, when it is short", async () => {
    const net = fakeNet();
    const short = net.send();
    net.last().say(`${HEAD}${chunk(5)}${chunk(6)}0\r\n\r\n`);
    expect((await short).body).toEqual(new TextEncoder().encode("x".repeat(11)));
    const long = net.send();
    net.last().say(`${HEAD}${chunk(70_000)}0\r\n\r\n`);
    expect((await long).body).toBeInstanceOf(ReadableStream);
  });
});

describe("how far it got", () => {
  test("nothing was taken: not sent", async () => {
    const net = fakeNet({ open: false });
    const pending = net.send(POST);
    net.last().room = 0;
    net.last().open();
    net.last().handlers.close(reset());
    expect(await failure(pending)).toMatchObject({ code: "upstream.reset", sent: "no" });
  });

  test("nothing of a POST was taken on a kept connection: it is sent on a new one", async () => {
    const net = fakeNet();
    const first = net.send();
    net.last().say(OK);
    await first;
    net.last().room = 0;
    const second = net.send({ ...POST, body: new Uint8Array(3) });
    net.last().handlers.close();
    expect(net.sockets).toHaveLength(2);
    net.last().say(OK);
    expect(await read(await second)).toBe("ok");
  });

  test("a part was taken: maybe, and no second time", async () => {
    const net = fakeNet();
    const first = net.send();
    net.last().say(OK);
    await first;
    net.last().room = 20;
    const second = net.send({ ...POST, body: new Uint8Array(3) });
    net.last().handlers.close();
    expect(await failure(second)).toMatchObject({ code: "upstream.reset", sent: "maybe" });
    expect(net.sockets).toHaveLength(1);
  });
});
