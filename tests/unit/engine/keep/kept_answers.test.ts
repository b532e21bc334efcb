/** Answers that outlive the connection of whoever asked for them. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { CallReply, CallRequest } from "../../../../src/core/call.ts";
import type { EngineOptions } from "../../../../src/engine/engine.ts";
import { answer, callTo, failure, rig } from "../support.ts";
import { halfOf } from "../../../support/share.ts";

const encoder = new TextEncoder();
const settle = () => new Promise((resolve) => setTimeout(resolve));

/** An API that streams what a test gives it, and tells how much was taken and whether it was left. */
function setup(options: EngineOptions["keep"] = {}) {
  const streams: {
    send(text: string): void;
    end(): void;
    fail(error: Error): void;
    cancelled: boolean;
    pulls: number;
  }[] = [];
  const { engine, clock } = rig(() => {
    let out: ReadableStreamDefaultController<Uint8Array>;
    const state = {
      send: (text: string) => out.enqueue(encoder.encode(text)),
      end: () => out.close(),
      fail: (error: Error) => out.error(error),
      cancelled: false,
      pulls: 0,
    };
    streams.push(state);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (out = controller),
      pull: () => void state.pulls++,
      cancel: () => void (state.cancelled = true),
    }, { highWaterMark: 0 });
    return Promise.resolve({ status: 200, headers: [["content-type", "text/event-stream"]], body });
  }, { keep: options });
  const ask = (keep: CallRequest["keep"], part: Partial<CallRequest> = {}): Promise<CallReply> =>
    engine.call(callTo("https://a.example/", { keep, ...part }));
  return { engine, clock, streams, ask };
}

const readerOf = ({ body }: CallReply) => {
  if (!(body instanceof ReadableStream)) throw new Error("not streamed");
  const reader = body.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? undefined : new TextDecoder().decode(value);
    },
    leave: () => reader.cancel(),
  };
};

describe("a kept answer", () => {
  test("goes on while its caller is away, and is read on from any byte that is kept", async () => {
    const { streams, ask, engine } = setup();
    const first = await ask({ id: "s" });
    expect(first.kept).toBe(true);
    const reader = readerOf(first);
    streams[0]?.send("one ");
    expect(await reader.next()).toBe("one ");
    await reader.leave();
    streams[0]?.send("two ");
    streams[0]?.end();
    await settle();
    expect(streams[0]?.cancelled).toBe(false);
    for (
      const [from, rest] of [[4, "two "], [0, "one two "], [8, ""], [6, "o "]] as const
    ) {
      const later = readerOf(await ask({ id: "s", from }));
      let got = "";
      for (let piece = await later.next(); piece !== undefined; piece = await later.next()) {
        got += piece;
      }
      expect(got).toBe(rest);
    }
    expect(streams).toHaveLength(1);
    expect(engine.admission().kept).toEqual({ streams: 1, bytes: 8 });
  });

  test("may have come whole, and is kept all the same", async () => {
    const text = "data: 1\n\n".repeat(4_000);
    const { engine } = rig(() => Promise.resolve(answer(200, text)));
    const ask = (keep: CallRequest["keep"]) => engine.call(callTo("https://a.example/", { keep }));
    const first = await ask({ id: "s" });
    expect(first.kept).toBe(true);
    expect(await new Response(first.body as ReadableStream<Uint8Array>).text()).toBe(text);
    const { body } = await ask({ id: "s", from: 18 });
    expect(await new Response(body as ReadableStream<Uint8Array>).text()).toBe(text.slice(18));
    const refused = rig(() => Promise.resolve(answer(400, "no"))).engine;
    const kept = await refused.call(callTo("https://a.example/", { keep: { id: "s" } }));
    expect([kept.kept, kept.body instanceof Uint8Array]).toEqual([undefined, true]);
  });

  test("is taken over: the reader of before ends with an error", async () => {
    const { streams, ask } = setup();
    const old = readerOf(await ask({ id: "s" }));
    const pending = old.next().then(() => undefined, (error: { code: string }) => error.code);
    const now = readerOf(await ask({ id: "s", from: 0 }));
    streams[0]?.send("x");
    expect([await pending, await now.next()]).toEqual(["stream.taken_over", "x"]);
  });

  test("outlives the signal of its call once the head is here, and not before", async () => {
    const { streams, ask } = setup();
    const gone = new AbortController();
    const reader = readerOf(await ask({ id: "s" }, { signal: gone.signal }));
    gone.abort(new Error("disconnected"));
    await expect(reader.next()).rejects.toThrow("disconnected");
    streams[0]?.send("still");
    expect(await readerOf(await ask({ id: "s", from: 0 })).next()).toBe("still");
    const early = new AbortController();
    early.abort();
    expect((await failure(ask({ id: "t" }, { signal: early.signal }))).code).toBe("call.cancelled");
  });

  test("passes on how it ended", async () => {
    const { streams, ask } = setup();
    await readerOf(await ask({ id: "s" })).leave();
    streams[0]?.send("x");
    await settle();
    streams[0]?.fail(new Error("reset"));
    const later = readerOf(await ask({ id: "s", from: 0 }));
    expect(await later.next()).toBe("x");
    await expect(later.next()).rejects.toMatchObject({ sent: "committed" });
  });

  test("is stopped on request, and dropped when its caller stays away", async () => {
    const { streams, ask, clock, engine } = setup({ ageMs: 1_000 });
    await ask({ id: "s" });
    expect((await ask({ id: "s", stop: true })).status).toBe(204);
    await readerOf(await ask({ id: "t" })).leave();
    clock.advance(999);
    expect(streams[1]?.cancelled).toBe(false);
    clock.advance(1);
    await settle();
    expect(streams.map(({ cancelled }) => cancelled)).toEqual([true, true]);
    for (const id of ["s", "t", "never"]) {
      expect(await failure(ask({ id, from: 0 }))).toMatchObject({
        code: "stream.gone",
        sent: "committed",
      });
    }
    expect(streams).toHaveLength(2);
    expect(engine.admission().kept).toEqual({ streams: 0, bytes: 0 });
  });

  test("is its tenant's and its operation's alone", async () => {
    const { ask } = setup();
    await ask({ id: "s" });
    for (const part of [{ tenantId: "u" }, { operation: "other" }, { connector: "other" }]) {
      expect((await failure(ask({ id: "s", from: 0 }, part))).code).toBe("stream.gone");
      expect((await failure(ask({ id: "s", stop: true }, part))).code).toBe("stream.gone");
    }
  });
});

describe("bounds", () => {
  test("the upstream waits when nobody reads and the window is full", async () => {
    const { streams, ask, engine } = setup({ bytesPerStream: 8 });
    await readerOf(await ask({ id: "s" })).leave();
    for (let piece = 0; piece < 8; piece++) streams[0]?.send("1234");
    await settle();
    expect(engine.admission().kept.bytes).toBe(8);
    const reader = readerOf(await ask({ id: "s", from: 0 }));
    for (let piece = 0; piece < 8; piece++) expect(await reader.next()).toBe("1234");
    // Half of the window is kept behind the reader.
    expect((await failure(ask({ id: "s", from: 24 }))).code).toBe("stream.gone");
    expect((await ask({ id: "s", from: 28 })).kept).toBe(true);
  });

  test("beyond so many, answers are streamed but not kept", async () => {
    const { streams, ask } = setup({ perTenant: 1 });
    await ask({ id: "s" });
    const second = await ask({ id: "t" });
    expect(second.kept).toBe(undefined);
    await readerOf(second).leave();
    expect(streams[1]?.cancelled).toBe(true);
    expect((await ask({ id: "s" }, { tenantId: "other" })).kept).toBe(true);
  });

  test("of bytes: the one that was alone longest goes first", async () => {
    const { streams, ask, engine } = setup({ bytes: 10, bytesPerStream: 8 });
    for (const [at, id] of ["a", "b"].entries()) {
      await readerOf(await ask({ id })).leave();
      streams[at]?.send("1234");
      await settle();
    }
    await readerOf(await ask({ id: "c" })).leave();
    streams[2]?.send("1234");
    await settle();
    expect(engine.admission().kept).toEqual({ streams: 2, bytes: 8 });
    expect((await failure(ask({ id: "a", from: 0 }))).code).toBe("stream.gone");
    expect((await ask({ id: "b", from: 0 })).kept).toBe(true);
  });

  test("of bytes: a tenant that holds more than its part makes room, however long another's is alone", async () => {
    const { streams, ask, engine } = setup({ bytes: 10, bytesPerStream: 8 });
    const tenants = ["quiet", "loud", "loud", "loud"];
    for (const [at, tenantId] of tenants.entries()) {
      await readerOf(await ask({ id: `${at}` }, { tenantId })).leave();
      streams[at]?.send("1234");
      await settle();
    }
    expect(engine.admission().kept).toEqual({ streams: 2, bytes: 8 });
    expect((await ask({ id: "0", from: 0 }, { tenantId: "quiet" })).kept).toBe(true);
    expect((await ask({ id: "3", from: 0 }, { tenantId: "loud" })).kept).toBe(true);
    expect((await failure(ask({ id: "2", from: 0 }, { tenantId: "loud" }))).code).toBe(
      "stream.gone",
    );
  });

  test("of all tenants, whatever names are made up: whoever keeps most makes place, one that is read stays", async () => {
    const { ask, engine } = setup({ streams: 3, perTenant: 2 });
    const read = await ask({ id: "0" }, { tenantId: "reader" });
    for (const tenantId of ["loud", "loud", "other", "another"]) {
      await readerOf(await ask({ id: `${tenantId}${Math.random()}` }, { tenantId })).leave();
    }
    expect(engine.admission().kept.streams).toBe(3);
    expect(read.kept).toBe(true);
    expect((await ask({ id: "0", from: 0 }, { tenantId: "reader" })).kept).toBe(true);
    await ask({ id: "1" }, { tenantId: "reader" });
    const last = await ask({ id: "2" }, { tenantId: "last" });
    expect([last.status, engine.admission().kept.streams]).toEqual([200, 3]);
  });

  test("switched off, nothing is kept, and nothing is called in place of it", async () => {
    const { streams, ask } = setup(false);
    expect((await ask({ id: "s" })).kept).toBe(undefined);
    expect((await failure(ask({ id: "s", from: 0 }))).code).toBe("stream.gone");
    expect(streams).toHaveLength(1);
  });
});

test("however often a reader leaves and comes back, it gets each byte once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, maxLength: 9 }), { maxLength: 20 }),
      fc.array(fc.nat(4), { maxLength: 12 }),
      async (pieces, stays) => {
        const { streams, ask } = setup({ bytesPerStream: 1 << 16 });
        let reader = readerOf(await ask({ id: "s" }));
        const bytes = pieces.map((piece) => encoder.encode(piece).length);
        let [sent, got, at] = [0, "", 0];
        const send = () => void (sent < pieces.length && streams[0]?.send(pieces[sent++] ?? ""));
        for (const stay of stays) {
          send();
          for (
            let read = 0;
            read < stay && at < bytes.slice(0, sent).reduce((a, b) => a + b, 0);
            read++
          ) {
            const piece = await reader.next() ?? "";
            got += piece;
            at += encoder.encode(piece).length;
          }
          send();
          await reader.leave();
          reader = readerOf(await ask({ id: "s", from: at }));
        }
        while (sent < pieces.length) send();
        streams[0]?.end();
        for (let piece = await reader.next(); piece !== undefined; piece = await reader.next()) {
          got += piece;
        }
        expect(got).toBe(pieces.join(""));
      },
    ),
    halfOf(60),
  );
});
