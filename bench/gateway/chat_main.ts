/** The API behind the gateways: chat completions, whole or as a stream whose first event comes at once. */
const WHOLE: string = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{
    index: 0,
    message: { role: "assistant", content: "Hello! How can I help?", refusal: null },
    logprobs: null,
    finish_reason: "stop",
  }],
  usage: { prompt_tokens: 9, completion_tokens: 7, total_tokens: 16 },
});
const EVENT: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  `data: ${
    JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1,
      model: "gpt-4o-mini",
      choices: [{ index: 0, delta: { content: "Hello" }, logprobs: null, finish_reason: null }],
    })
  }\n\n`,
);
const DONE: Uint8Array<ArrayBuffer> = new TextEncoder().encode("data: [DONE]\n\n");
const EVENTS = 64;
const PAUSE_MS = 20;

function events(): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent > 0) await Bun.sleep(PAUSE_MS);
      if (sent++ < EVENTS) return controller.enqueue(EVENT);
      controller.enqueue(DONE);
      controller.close();
    },
  });
}

const server: Bun.Server<undefined> = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  async fetch(request) {
    const { stream } = await request.json() as { readonly stream?: boolean };
    return stream === true
      ? new Response(events(), { headers: { "content-type": "text/event-stream" } })
      : new Response(WHOLE, { headers: { "content-type": "application/json" } });
  },
});

console.log(`chat ready on ${server.port}`);
