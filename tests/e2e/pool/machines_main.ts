/**
 * Two programs of the scene of two machines. `api HOST` is a stand-in for an API: it prints its port, and answers `GET /seen` with how
 * often it got and answered each message. `load WORKER COUNT` has a worker make so many chat completions, prints how many are done now and then,
 * and last what became of each.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";

export interface Seen {
  /** When it came first, by the API's clock, ms. */
  readonly at: number;
  requests: number;
  answered: number;
}

export interface Ended {
  readonly id: string;
  /** Undefined if the worker did not answer. */
  readonly status: number | undefined;
  /** The answer is that of this very message, and whole. */
  readonly right: boolean;
  readonly code?: string | undefined;
  readonly sent?: string | undefined;
}

const ANSWER_MS = 15;
const AT_ONCE = 16;
const REPORT_EVERY = 20;

function api(host: string): void {
  const seen: Record<string, Seen> = {};
  const server = createServer((request, response) => {
    if (request.url === "/seen") return void response.end(JSON.stringify(seen));
    void answer(request, response, seen);
  });
  server.listen(0, host, () => console.log((server.address() as AddressInfo).port));
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  seen: Record<string, Seen>,
): Promise<void> {
  let text = "";
  for await (const bytes of request) text += String(bytes);
  const { messages, stream, model } = JSON.parse(text) as {
    messages: { content: string }[];
    stream?: boolean;
    model: string;
  };
  const content = messages[0]?.content ?? "";
  const one = seen[content] ??= { at: Date.now(), requests: 0, answered: 0 };
  one.requests++;
  await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  one.answered++;
  const head = { id: "c", created: 1, model };
  if (stream !== true) {
    response.setHeader("content-type", "application/json");
    const message = { role: "assistant", content, refusal: null };
    const choices = [{ index: 0, message, finish_reason: "stop", logprobs: null }];
    return void response.end(JSON.stringify({ ...head, object: "chat.completion", choices }));
  }
  response.setHeader("content-type", "text/event-stream");
  for (const part of [content, "."]) {
    const choices = [{ index: 0, delta: { content: part }, finish_reason: null }];
    response.write(
      `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices })}\n\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  }
  response.end("data: [DONE]\n\n");
}

async function load(worker: string, count: number): Promise<void> {
  const ended: Ended[] = [];
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const number = next++;
      ended.push(await one(worker, `message-${number}`, number % 3 === 0));
      if (ended.length % REPORT_EVERY === 0) console.log(`done ${ended.length}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  console.log(`ended ${JSON.stringify(ended)}`);
}

async function one(worker: string, id: string, stream: boolean): Promise<Ended> {
  try {
    const response = await fetch(`${worker}/connectors/openai/chat.completions.create`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: id }] }),
    });
    const text = await response.text();
    if (response.status !== 200) {
      const { code, sent } = JSON.parse(text) as { code?: string; sent?: string };
      return { id, status: response.status, right: false, code, sent };
    }
    const whole = !stream || text.includes("[DONE]");
    if (text.includes(`"${id}"`) && whole) return { id, status: 200, right: true };
    // The worker tells what broke a stream in its last event.
    const { code, sent } = /"code":"(?<code>[^"]+)".*"sent":"(?<sent>[^"]+)"/.exec(text)?.groups ??
      {};
    return { id, status: 200, right: false, code, sent };
  } catch {
    return { id, status: undefined, right: false };
  }
}

const [role, where = "", count] = process.argv.slice(2);
if (role === "api") api(where);
else if (role === "load") await load(where, Number(count));
