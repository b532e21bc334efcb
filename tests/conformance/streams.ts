/** Slow bodies and slow readers. */
import { expect } from "bun:test";
import { until } from "../support/upstream.ts";
import { type Behaviour, failure, within } from "./context.ts";

const encoder = new TextEncoder();

export const streams: readonly Behaviour[] = [
  {
    name: "the first byte of a download is here before the last is sent",
    async run({ client, upstream }) {
      const response = await client.streamHTTP({ url: `${upstream.url}/hang-mid` });
      const reader = response.body.getReader();
      const { value } = await within(reader.read(), "the first piece of a body that never ends");
      expect(new TextDecoder().decode(value)).toBe("first");
      await reader.cancel();
    },
  },
  {
    name: "pieces arrive in order and complete",
    async run({ client, upstream }) {
      const response = await client.streamHTTP({
        url: `${upstream.url}/chunks?n=50&size=10000&ms=1`,
      });
      const bytes = await response.bytes();
      expect(bytes.length).toBe(500_000);
      for (let i = 0; i < 50; i++) {
        expect([bytes[i * 10_000], bytes[i * 10_000 + 9999]]).toEqual([i, i]);
      }
    },
  },
  {
    name: "server-sent events are events, one by one",
    async run({ client, upstream }) {
      const response = await client.streamHTTP({ url: `${upstream.url}/sse?n=5&ms=5` });
      const seen: string[] = [];
      for await (const event of response.events()) seen.push(event.data);
      expect(seen).toEqual([0, 1, 2, 3, 4].map((i) => JSON.stringify({ i })).concat("[DONE]"));
    },
  },
  {
    name: "a streamed upload leaves as it is produced",
    async run({ client, upstream }) {
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
      const body = new ReadableStream<Uint8Array>({ start: (c) => void (controller = c) });
      const url = `${upstream.url}/echo?upload=${Math.random()}`;
      const call = client.executeHTTP({ method: "POST", url, body });
      controller?.enqueue(encoder.encode("one "));
      const find = () => upstream.requests.find((request) => url.endsWith(request.target));
      await until(() => (find()?.chunks.length ?? 0) > 0, "the first piece at the upstream");
      controller?.enqueue(encoder.encode("two"));
      controller?.close();
      expect((await call).text()).toBe("one two");
    },
  },
  {
    name: "ten megabytes stream up and down",
    async run({ client, upstream }) {
      const piece = new Uint8Array(100_000).fill(7);
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (sent++ === 100) controller.close();
          else controller.enqueue(piece);
        },
      });
      const response = await client.streamHTTP({
        method: "POST",
        url: `${upstream.url}/echo`,
        body,
      });
      let received = 0;
      for await (const bytes of response) {
        received += bytes.length;
        expect(bytes[0]).toBe(7);
      }
      expect(received).toBe(10_000_000);
    },
  },
  {
    name: "a slow call does not delay a fast one",
    async run({ client, upstream }) {
      const order: string[] = [];
      const slow = client.executeHTTP({ url: `${upstream.url}/slow?ms=400` }).then(() =>
        order.push("slow")
      );
      await upstream.request("/slow");
      await client.executeHTTP({ url: `${upstream.url}/json` }).then(() => order.push("fast"));
      await slow;
      expect(order).toEqual(["fast", "slow"]);
    },
  },
  {
    name: "a stalled reader does not delay others, and its upstream sends a bounded amount",
    async run({ client, upstream, endless }) {
      const before = endless.sent;
      const stalled = await Promise.all(
        [1, 2, 3].map(() => client.streamHTTP({ url: endless.url })),
      );
      const readers = stalled.map((response) => response.body.getReader());
      for (const reader of readers) {
        await within(reader.read(), "the first piece of an endless body");
      }
      for (let i = 0; i < 20; i++) {
        const fast = client.executeHTTP({ url: `${upstream.url}/json` });
        expect((await within(fast, "a small answer beside stalled readers")).statusCode).toBe(200);
      }
      const other = client.executeHTTP({ url: `${upstream.url}/bytes?n=2000000&chunked` });
      expect((await within(other, "a large body beside stalled readers")).body.length).toBe(
        2_000_000,
      );
      await until(quiet(() => endless.sent), "the upstream to stop sending");
      // Windows of all stages and the buffers of two kernels' sockets; without a bound it is gigabytes.
      expect(endless.sent - before).toBeLessThan(3 * 16 * 1024 * 1024);

      const paused = endless.sent;
      for (let read = 0; read < 20_000_000;) read += (await readers[0]!.read()).value?.length ?? 0;
      expect(endless.sent).toBeGreaterThan(paused);
      for (const reader of readers) await reader.cancel();
    },
  },
  {
    name: "aborting a call closes its upstream connection",
    async run({ client, upstream }) {
      const controller = new AbortController();
      const url = `${upstream.url}/hang?${Math.random()}`;
      const call = client.executeHTTP({ url, signal: controller.signal });
      const find = () => upstream.requests.find((request) => url.endsWith(request.target));
      await until(() => find() !== undefined, "the request");
      controller.abort();
      const error = await within(failure(call), "the failure of an aborted call");
      expect(error).toMatchObject({
        code: "call.cancelled",
        origin: "caller",
        message: "The caller cancelled the call",
      });
      await within(find()!.closed, "the upstream connection to close");
    },
  },
  {
    name: "giving up a body closes its upstream connection: cancel, break, abort and fetch",
    async run({ client, upstream }) {
      for (const how of ["cancel", "break", "abort", "fetch"] as const) {
        const url = `${upstream.url}/hang-mid?${how}${Math.random()}`;
        const controller = new AbortController();
        const find = () => upstream.requests.find((request) => url.endsWith(request.target));
        if (how === "fetch") {
          const response = await client.fetch(url, { signal: controller.signal });
          const reader = response.body!.getReader();
          await reader.read();
          controller.abort();
          const error: unknown = await reader.read().catch((thrown: unknown) => thrown);
          expect((error as Error).name).toBe("AbortError");
        } else {
          const response = await client.streamHTTP({ url, signal: controller.signal });
          if (how === "cancel") await response.cancel();
          if (how === "break") { for await (const _ of response) break; }
          if (how === "abort") {
            controller.abort();
            expect(await failure(response.bytes())).toMatchObject({ code: "call.cancelled" });
          }
        }
        await within(find()!.closed, `the upstream connection to close after ${how}`);
      }
    },
  },
  {
    name: "a body that breaks off errors its reader after what arrived",
    async run({ client, upstream }) {
      for (const path of ["/reset-mid", "/truncate-chunked"]) {
        const response = await client.streamHTTP({ url: `${upstream.url}${path}` });
        const error = await within(failure(response.bytes()), `the end of ${path}`);
        expect(error.sent).toBe("committed");
      }
    },
  },
];

/** True once a figure has stayed the same for 100 ms. */
function quiet(figure: () => number): () => boolean {
  let last = figure();
  let since = performance.now();
  return () => {
    if (figure() !== last) {
      last = figure();
      since = performance.now();
    }
    return performance.now() - since > 100;
  };
}
