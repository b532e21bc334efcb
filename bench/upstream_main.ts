/** The upstream of the benchmarks: as fast as Bun can serve, so that it is not the bottleneck. */
const SMALL = '{"id":"chatcmpl-1","object":"chat.completion","ok":true,"tokens":[1,2,3]}\n';

const EVENT: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n',
);
const PAUSE_MS = 3;

/** The first event at once and a second one later, which exposes readers that collect the whole body. */
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

const EVENTS = 100;
const EVENT_PAUSE_MS = 10;

/** Numbered events with a pause after each. */
function manyEvents(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      await Bun.sleep(EVENT_PAUSE_MS);
      controller.enqueue(encoder.encode(`data: ${next++}\n\n`));
      if (next === EVENTS) controller.close();
    },
  });
}

const EVENT_STREAM: ResponseInit = { headers: { "content-type": "text/event-stream" } };

const ANSWER_MS = 10;

let unavailable = 0;

export function serve(): number | undefined {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    routes: {
      "/small": () => new Response(SMALL, { headers: { "content-type": "application/json" } }),
      "/pause": async () => {
        await Bun.sleep(ANSWER_MS);
        return new Response(SMALL, { headers: { "content-type": "application/json" } });
      },
      "/stream": () => new Response(twoEvents(), EVENT_STREAM),
      "/hang": () => new Promise<Response>(() => {}),
      "/unavailable": () => {
        unavailable++;
        return new Response("later", { status: 503 });
      },
      /** Of these, so far. */
      "/count": () => new Response(String(unavailable)),
      "/events": () => new Response(manyEvents(), EVENT_STREAM),
    },
  });
  return server.port;
}

console.log(`upstream ready on ${serve()}`);
