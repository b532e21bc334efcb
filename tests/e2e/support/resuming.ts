/** An API that streams as far as a test lets it, and clients that come back when they lose the connection. */
import type { HttpServer } from "../../../src/core/serve/http_server.ts";
import { serveHttp } from "../../../src/platform/serve.ts";

export interface GatedApi {
  readonly server: HttpServer;
  /** Streams that were asked for. */
  asked(): number;
  /** Streams that whoever read them has left before their end. */
  left(): number;
  /** Lets every stream go on to this event. */
  allow(events: number): void;
}

/** Each stream has `events` chat completion chunks, numbered, and ends with `[DONE]`. */
export async function gatedApi(events: number): Promise<GatedApi> {
  let [asked, left, allowed] = [0, 0, 0];
  let wake: (() => void)[] = [];
  const encoder = new TextEncoder();
  const server = await serveHttp({
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    async fetch(request) {
      const { user } = await request.json() as { user?: string };
      asked++;
      let at = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          while (at >= allowed) await new Promise<void>((resolve) => wake.push(resolve));
          if (at === events) {
            controller.enqueue(encoder.encode("data: [DONE]\n\n"));
            controller.close();
            return;
          }
          // Several in one piece, and pieces that end in the middle of one.
          const text = chunk(`${user}:${at++}`) +
            (at < Math.min(allowed, events) ? chunk(`${user}:${at++}`) : "");
          const half = text.length >> 1;
          controller.enqueue(encoder.encode(text.slice(0, half)));
          controller.enqueue(encoder.encode(text.slice(half)));
        },
        cancel: () => void left++,
      }, { highWaterMark: 0 });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    },
  });
  return {
    server,
    asked: () => asked,
    left: () => left,
    allow(upTo) {
      // The end is one more.
      allowed = upTo >= events ? Infinity : upTo;
      const waiting = wake;
      wake = [];
      for (const one of waiting) one();
    },
  };
}

function chunk(content: string): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }];
  const head = { id: "c", object: "chat.completion.chunk", created: 0, model: "m" };
  return `data: ${JSON.stringify({ ...head, choices })}\n\n`;
}

export interface ResumingClient {
  /** What came, in order. */
  readonly got: string[];
  /** How often it came back. */
  returns: number;
  lastId: string | undefined;
  readonly finished: Promise<void>;
}

/** Streams `user`'s completion from wherever the worker is, to its end. */
export function resumingClient(
  path: string,
  user: string,
  urlOf: () => string,
  headers: Record<string, string> = {},
): ResumingClient {
  const body = JSON.stringify({
    model: "m",
    messages: [{ role: "user", content: "x" }],
    stream: true,
    user,
  });
  const client = {
    got: [] as string[],
    returns: -1,
    lastId: undefined as string | undefined,
    finished: Promise.resolve(),
  };
  const take = (event: string): boolean => {
    let id: string | undefined;
    for (const line of event.split("\n")) {
      if (line.startsWith("id: ")) id = line.slice(4);
      if (line.startsWith("event: error")) throw new Error(event);
      if (!line.startsWith("data: ")) continue;
      if (line === "data: [DONE]") return true;
      const { choices } = JSON.parse(line.slice(6)) as {
        choices: { delta: { content: string } }[];
      };
      client.got.push(choices[0]?.delta.content ?? "");
      client.lastId = id;
    }
    return false;
  };
  const once = async (): Promise<boolean> => {
    const resume: Record<string, string> = client.lastId === undefined
      ? {}
      : { "last-event-id": client.lastId };
    const response = await fetch(urlOf() + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers, ...resume },
      body,
    }).catch(() => undefined);
    if (response === undefined) return false;
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    client.returns++;
    let text = "";
    const decoder = new TextDecoder();
    const reader = response.body!.getReader();
    for (;;) {
      // A worker that was killed breaks the connection.
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done) return false;
      text += decoder.decode(value, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const whole = take(text.slice(0, end));
        text = text.slice(end + 2);
        if (whole) return true;
      }
    }
  };
  client.finished = (async () => {
    while (!(await once())) await new Promise((resolve) => setTimeout(resolve, 10));
  })();
  return client;
}
