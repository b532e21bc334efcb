/** The upstream of the benchmarks: as fast as Bun serves, so that it is not what is measured. */
const SMALL = '{"id":"chatcmpl-1","object":"chat.completion","ok":true,"tokens":[1,2,3]}\n';

const EVENT: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n',
);
const PAUSE_MS = 3;

/** The first event at once and a second one later: a reader that collects the whole body shows. */
function twoEvents(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(EVENT);
      await Bun.sleep(PAUSE_MS);
      controller.enqueue(EVENT);
      controller.close();
    },
  });
}

export function serve(): number | undefined {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    routes: {
      "/small": () => new Response(SMALL, { headers: { "content-type": "application/json" } }),
      "/stream": () =>
        new Response(twoEvents(), { headers: { "content-type": "text/event-stream" } }),
    },
  });
  return server.port;
}

console.log(`upstream ready on ${serve()}`);
