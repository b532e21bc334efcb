/**
 * Streams of a generated client, over HTTP and the engine in this process, against an API that sends every form that the
 * standard allows and every failure that networks know: never a silent success, never a retry without an end.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  AuthenticationError,
  type ChatChunk,
  type ChatCompletion,
  OpenAI,
  OpenAIError,
  ServerError,
} from "../../connectors/openai/mod.gen.ts";
import { type ConnectorError, ErrorClass, RuntimeClient } from "../../mod.ts";
import {
  type ConnectorRuntime,
  type EventStream,
  type StreamCall,
  TruncatedStreamError,
} from "../../src/connector/mod.ts";
import { until } from "../support/upstream.ts";
import { failure, within } from "./context.ts";
import { type Script, type ScriptedApi, startScriptedApi } from "./generated_streams_upstream.ts";

const encoder = new TextEncoder();
const MESSAGES = [{ role: "user" as const, content: "Hello" }];

function chunk(content: string): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  });
}
const event = (content: string): string => `data: ${chunk(content)}\n\n`;
const DONE = "data: [DONE]\n\n";

let api: ScriptedApi;
let runtime: RuntimeClient;
let openai: OpenAI;
let before = 0;
/** What the policy of the connector allows for one call. */
let attemptsAllowed = 3;

beforeAll(async () => {
  api = await startScriptedApi();
  runtime = new RuntimeClient({ address: "embedded:", egress: { allow: [api.authority] } });
  openai = clientOn(runtime);
});
afterAll(async () => {
  await runtime.close();
  await api.close();
});
beforeEach(() => {
  before = api.requests.length;
});
afterEach(() => expect(api.requests.length - before).toBeLessThanOrEqual(attemptsAllowed));

function clientOn(at: ConnectorRuntime, maxEventBytes?: number): OpenAI {
  return new OpenAI({
    runtime: at,
    baseURL: `http://${api.authority}/v1`,
    apiKey: "sk-test",
    maxEventBytes,
  });
}

function chat(
  script: Script,
  options: { client?: OpenAI; signal?: AbortSignal; timeoutMs?: number } = {},
): StreamCall<ChatChunk, ChatCompletion> {
  api.script = script;
  const { client = openai, ...rest } = options;
  return client.chat.completions.create({ model: "m", messages: MESSAGES, stream: true }, rest);
}

/** The same client with shorter patience than its spec has. */
function impatient(idleTimeoutMs: number): OpenAI {
  return clientOn({
    call: (call) => runtime.call({ ...call, policy: { ...call.policy, idleTimeoutMs } }),
  });
}

const contentOf = (item: ChatChunk): string => item.choices[0]?.delta.content ?? "";

/** What arrived before a failure, and the failure. */
async function partly(
  stream: AsyncIterable<ChatChunk>,
): Promise<{ seen: string[]; error: ConnectorError }> {
  const seen: string[] = [];
  const error = await within(
    failure((async () => {
      for await (const item of stream) seen.push(contentOf(item));
    })()),
    "the end of the stream",
  );
  return { seen, error };
}

describe("every form of an event stream", () => {
  const pretty = JSON.stringify(JSON.parse(chunk("漢字 and 😀")), null, 1).split("\n");
  const lines = [
    ": a comment",
    "retry: 10",
    "id: 1",
    "event: message",
    `data: ${chunk("é")}`,
    "",
    ":",
    "",
    "unknown: field",
    ...pretty.map((line) => `data:${line}`),
    "",
    `data: ${chunk("!")}`,
    "",
    "data: [DONE]",
  ];
  const forms = Object.entries({ LF: "\n", CRLF: "\r\n", CR: "\r" }).flatMap(([name, end]) => [
    { name, bytes: encoder.encode(lines.join(end) + end + end) },
    {
      name: `${name}, a byte order mark`,
      bytes: encoder.encode(`\uFEFF${lines.join(end)}${end}${end}`),
    },
    { name: `${name}, no final blank line`, bytes: encoder.encode(lines.join(end) + end) },
    { name: `${name}, no final line end`, bytes: encoder.encode(lines.join(end)) },
  ]);
  beforeAll(() => {
    attemptsAllowed = Number.POSITIVE_INFINITY;
  });
  afterAll(() => {
    attemptsAllowed = 3;
  });

  for (const { name, bytes } of forms) {
    test(`${name}: split at every byte`, async () => {
      // Which piece a connection gets is told by the request, since they run side by side.
      api.script = async (answer, request) => {
        const at = Number(request.header("x-split"));
        answer.head().send(bytes.subarray(0, at));
        // The pieces must not leave in one packet; that they sometimes do makes the test weaker, not wrong.
        await new Promise((resolve) => setTimeout(resolve, 2));
        answer.send(bytes.subarray(at));
        answer.end();
      };
      const read = async (at: number): Promise<string> => {
        const input = { model: "m", messages: MESSAGES, stream: true } as const;
        const headers = { "x-split": String(at) };
        return `${at}: ${await openai.chat.completions.create(input, { headers }).text()}`;
      };
      for (let at = 0; at <= bytes.length; at += 32) {
        const splits = Array.from(
          { length: Math.min(32, bytes.length + 1 - at) },
          (_, i) => at + i,
        );
        expect(await Promise.all(splits.map(read))).toEqual(
          splits.map((split) => `${split}: é漢字 and 😀!`),
        );
      }
    });

    test(`${name}: byte by byte`, async () => {
      const text = await chat(async (answer) => {
        answer.head();
        for (const byte of bytes) {
          answer.send(Uint8Array.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
        answer.end();
      }).text();
      expect(text).toBe("é漢字 and 😀!");
    });
  }

  test("an event of 2 MB in pieces of 4 KB", async () => {
    const content = "0123456789abcdef".repeat(131_072);
    const bytes = encoder.encode(event(content) + DONE);
    const text = await chat(async (answer) => {
      answer.head();
      for (let at = 0; at < bytes.length; at += 4096) {
        if (!answer.send(bytes.subarray(at, at + 4096))) await answer.drained();
      }
      answer.end();
    }).text();
    expect(text.length).toBe(content.length);
    expect(text === content).toBe(true);
  });

  test("what follows the sentinel is not read as an item", async () => {
    const text = await chat((answer) => {
      answer.head().send(event("a") + DONE + event("b"));
      answer.end();
    }).text();
    expect(text).toBe("a");
  });

  test("the end is at the sentinel, not when the connection closes", async () => {
    const text = await within(
      chat((answer) => void answer.head().send(event("a") + DONE)).text(),
      "the end of a stream whose connection stays open",
    );
    expect(text).toBe("a");
  });
});

describe("failures before the stream reject the awaited call", () => {
  const cases = [
    { status: 401, error: AuthenticationError, errorClass: ErrorClass.Permanent },
    { status: 500, error: ServerError, errorClass: ErrorClass.Transient },
  ];
  for (const { status, error, errorClass } of cases) {
    test(String(status), async () => {
      const body = JSON.stringify({ error: { message: "No.", code: "some_code" } });
      const call = chat((answer) =>
        answer.whole(status, body, ["Content-Type: application/json", "X-Request-Id: req_1"])
      );
      const thrown = await failure(Promise.resolve(call));
      expect(thrown).toBeInstanceOf(error);
      expect(thrown).toMatchObject({
        status,
        errorClass,
        apiCode: "some_code",
        message: "No.",
        requestId: "req_1",
      });
    });
  }

  test("an error whose body is cut off", async () => {
    const call = chat(async (answer) => {
      answer.head(401, ["Content-Type: application/json"]).send('{"error":');
      await new Promise((resolve) => setTimeout(resolve, 50));
      answer.cut();
    });
    const thrown = await within(failure(Promise.resolve(call)), "the failure");
    expect(thrown).toBeInstanceOf(AuthenticationError);
    expect(thrown.status).toBe(401);
  });

  test("an endless error page is not read to its end", async () => {
    const call = chat(async (answer) => {
      answer.head(500, ["Content-Type: text/html"]);
      const piece = new Uint8Array(65_536).fill(32);
      while (!answer.gone) if (!answer.send(piece)) await answer.drained();
    });
    const thrown = await within(failure(Promise.resolve(call)), "the failure", 10_000);
    expect(thrown).toBeInstanceOf(ServerError);
    expect(thrown.status).toBe(500);
    await until(() => api.answer?.gone === true, "the connection to close");
  });
});

describe("failures inside the stream reject the read, after what had come", () => {
  test("an error event", async () => {
    const { seen, error } = await partly(chat((answer) => {
      answer.head().send(event("a"));
      answer.send('data: {"error":{"message":"Overloaded.","code":"overloaded"}}\n\n');
      answer.send(event("b") + DONE);
      answer.end();
    }));
    expect(seen).toEqual(["a"]);
    expect(error).toBeInstanceOf(OpenAIError);
    expect(error).toMatchObject({ message: "Overloaded.", apiCode: "overloaded" });
  });

  test("an end before the sentinel", async () => {
    const { seen, error } = await partly(chat((answer) => {
      answer.head().send(event("a") + event("b"));
      answer.end();
    }));
    expect(seen).toEqual(["a", "b"]);
    expect(error).toBeInstanceOf(TruncatedStreamError);
    expect(error.code).toBe("stream.truncated");
  });

  for (
    const [name, type, body] of [
      ["nothing", "text/event-stream", ""],
      ["a page", "text/html", "<p>Welcome to the hotel's network.</p>"],
      ["a whole completion", "application/json", '{"choices":[{"message":{"content":"a"}}]}'],
    ] as const
  ) {
    test(`${name} in place of events`, async () => {
      const { seen, error } = await partly(
        chat((answer) => answer.whole(200, body, [`Content-Type: ${type}`])),
      );
      expect(seen).toEqual([]);
      expect(error).toBeInstanceOf(TruncatedStreamError);
    });
  }

  const readers: Record<
    string,
    (stream: EventStream<ChatChunk, ChatCompletion>) => Promise<unknown>
  > = {
    "text()": (stream) => stream.text(),
    "textStream": (stream) => drain(stream.textStream),
    "finalResult()": (stream) => stream.finalResult(),
    "toReadableStream()": (stream) => drain(stream.toReadableStream()),
    "tee()": (stream) => Promise.all(stream.tee().map((branch) => drain(branch))),
  };
  for (const [name, read] of Object.entries(readers)) {
    test(`an end before the sentinel, read by ${name}`, async () => {
      const stream = await chat((answer) => {
        answer.head().send(event("a"));
        answer.end();
      });
      expect(await within(failure(read(stream)), "the failure")).toBeInstanceOf(
        TruncatedStreamError,
      );
    });
  }

  // Runtimes do not tell the two apart. Not to be tried again by itself: a part has been handed out.
  const LOST = {
    code: "upstream.truncated",
    errorClass: ErrorClass.Permanent,
    origin: "upstream",
    sent: "committed",
  };
  // An end throws away what the client has not read yet.
  const arrived = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

  test("a connection that ends inside the body", async () => {
    const { seen, error } = await partly(chat(async (answer) => {
      answer.head().send(event("a"));
      await arrived();
      answer.cut();
    }));
    expect(seen).toEqual(["a"]);
    expect(error).toMatchObject(LOST);
  });

  test("a connection that is reset", async () => {
    const { seen, error } = await partly(chat(async (answer) => {
      answer.head().send(event("a"));
      await arrived();
      answer.reset();
    }));
    expect(seen).toEqual(["a"]);
    expect(error).toMatchObject(LOST);
  });

  test("an item that is no JSON", async () => {
    const { seen, error } = await partly(chat((answer) => {
      answer.head().send(event("a") + "data: {oops\n\n" + DONE);
      answer.end();
    }));
    expect(seen).toEqual(["a"]);
    expect(error.code).toBe("stream.bad_item");
  });

  test("an event above the limit, and the call behind it ends", async () => {
    const { error } = await partly(chat(async (answer) => {
      answer.head().send("data: ");
      const piece = new Uint8Array(4096).fill(120);
      while (!answer.gone) if (!answer.send(piece)) await answer.drained();
    }, { client: clientOn(runtime, 100_000) }));
    expect(error.code).toBe("stream.event_too_large");
    await until(() => api.answer?.gone === true, "the connection to close");
  });

  test("silence longer than the limit, and the call behind it ends", async () => {
    const { seen, error } = await partly(
      chat((answer) => void answer.head().send(event("a")), { client: impatient(100) }),
    );
    expect(seen).toEqual(["a"]);
    expect(error).toMatchObject({ code: "timeout.idle", errorClass: ErrorClass.Timeout });
    await until(() => api.answer?.gone === true, "the connection to close");
  });

  test("comments that keep the connection alive are not silence", async () => {
    const text = await chat(async (answer) => {
      answer.head().send(event("a"));
      for (let i = 0; i < 8; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        answer.send(": still here\n\n");
      }
      answer.send(event("b") + DONE);
      answer.end();
    }, { client: impatient(500) }).text();
    expect(text).toBe("ab");
  });

  test("the deadline of the call, however busy the stream", async () => {
    const { seen, error } = await partly(chat(async (answer) => {
      answer.head();
      while (!answer.gone) {
        answer.send(event("a"));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }, { timeoutMs: 300 }));
    expect(seen.length).toBeGreaterThan(0);
    expect(error).toMatchObject({ code: "deadline.exceeded", errorClass: ErrorClass.Timeout });
  });
});

describe("leaving a stream ends the call upstream", () => {
  const endless: Script = async (answer) => {
    answer.head();
    while (!answer.gone) {
      answer.send(event("a"));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const gone = (): Promise<void> =>
    until(() => api.answer?.gone === true, "the upstream connection to close");

  test("by break", async () => {
    for await (const item of chat(endless)) {
      expect(contentOf(item)).toBe("a");
      break;
    }
    await gone();
  });

  test("by break out of its text", async () => {
    for await (const text of chat(endless).textStream) {
      expect(text).toBe("a");
      break;
    }
    await gone();
  });

  test("by an error of the reader", async () => {
    const mine = new Error("mine");
    const thrown: unknown = await (async () => {
      for await (const _ of chat(endless)) throw mine;
    })().catch((error: unknown) => error);
    expect(thrown).toBe(mine);
    await gone();
  });

  test("by await using", async () => {
    {
      await using stream = await chat(endless);
      expect((await stream[Symbol.asyncIterator]().next()).done).toBe(false);
    }
    await gone();
  });

  test("by cancelling it as a web stream", async () => {
    const reader = (await chat(endless)).toReadableStream().getReader();
    await reader.read();
    await reader.cancel();
    await gone();
  });

  test("by an abort signal, whose reason the reader gets", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const seen: string[] = [];
    const thrown: unknown = await within(
      (async () => {
        for await (const item of chat(endless, { signal: controller.signal })) {
          seen.push(contentOf(item));
          controller.abort(reason);
        }
      })().catch((error: unknown) => error),
      "the end of an aborted stream",
    );
    expect(seen.length).toBe(1);
    expect(thrown).toBe(reason);
    await gone();
  });

  test("by an abort signal while it waits for the next event", async () => {
    const controller = new AbortController();
    const stream = await chat((answer) => void answer.head().send(event("a")), {
      signal: controller.signal,
    });
    const items = stream[Symbol.asyncIterator]();
    await items.next();
    const next = items.next().then(() => undefined, (error: unknown) => error);
    controller.abort();
    expect(await within(next, "the end of an aborted read")).toBeInstanceOf(Error);
    await gone();
  });
});

describe("a stream is read once", () => {
  const short: Script = (answer) => {
    answer.head().send(event("a") + DONE);
    answer.end();
  };
  test("iterating it twice says so", async () => {
    const stream = await chat(short);
    expect(await drain(stream)).toBe(1);
    const error = await failure(drain(stream));
    expect(error).toMatchObject({ code: "stream.consumed", errorClass: ErrorClass.InvalidRequest });
    expect(error.message).toContain("tee()");
  });

  test("so does iterating the call twice, which sends once", async () => {
    const call = chat(short);
    expect(await drain(call)).toBe(1);
    expect((await failure(drain(call))).code).toBe("stream.consumed");
    expect(api.requests.length - before).toBe(1);
  });
});

test("a slow reader costs a bounded amount: the API is made to wait", async () => {
  const piece = event("x".repeat(1000)).repeat(64);
  const stream = await chat(async (answer) => {
    answer.head();
    while (!answer.gone) if (!answer.send(piece)) await answer.drained();
  });
  const items = stream[Symbol.asyncIterator]();
  await items.next();
  const answer = api.answer;
  let last = -1;
  let since = performance.now();
  await until(
    () => {
      if (answer?.written !== last) since = performance.now();
      last = answer?.written ?? 0;
      return performance.now() - since > 200;
    },
    "the API to stop sending",
    10_000,
  );
  // The buffers of two kernels' sockets and of one HTTP client; without a bound it never stops.
  expect(last).toBeLessThan(64 * 1024 * 1024);
  for (let i = 0; i < 20_000; i++) expect((await items.next()).done).toBe(false);
  expect(answer?.written).toBeGreaterThan(last);
  await items.return?.();
  await until(() => answer?.gone === true, "the upstream connection to close");
});

async function drain(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count++;
  return count;
}
