/** Generated clients at work: over HTTP, through the engine in this process, against a server that reports what it got. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { RuntimeClient } from "../../../src/client/mod.ts";
import {
  ConnectorError,
  OperationFailedError,
  TruncatedStreamError,
} from "../../../src/connector/mod.ts";
import { collect } from "../../support/streams.ts";
import { Accumulate } from "../golden/accumulate/mod.gen.ts";
import { Auth } from "../golden/auth/mod.gen.ts";
import { Bodies } from "../golden/bodies/mod.gen.ts";
import {
  Errors,
  GlobalLimitError,
  NoThingError,
  NotOkError,
  QuotaError,
  ServerError,
} from "../golden/errors/mod.gen.ts";
import { Hooks } from "../golden/hooks/mod.gen.ts";
import { Names } from "../golden/names/mod.gen.ts";
import { Pages } from "../golden/pages/mod.gen.ts";
import * as parametersModule from "../golden/parameters/mod.gen.ts";
import { definition, itemsList, Parameters } from "../golden/parameters/mod.gen.ts";
import { Policy } from "../golden/policy/mod.gen.ts";
import { Results } from "../golden/results/mod.gen.ts";
import { Servers } from "../golden/servers/mod.gen.ts";
import { Streams } from "../golden/streams/mod.gen.ts";
import { Wait } from "../golden/wait/mod.gen.ts";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

type Handler = (seen: Seen, response: ServerResponse) => void;

let server: Server;
let runtime: RuntimeClient;
let baseURL = "";
let seen: Seen[] = [];
let handler: Handler = () => {};

beforeAll(async () => {
  server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      seen.push(one);
      handler(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  baseURL = `http://127.0.0.1:${port}`;
  runtime = new RuntimeClient({
    address: "embedded:",
    engine: { egress: { allow: [`127.0.0.1:${port}`] } },
  });
});

afterAll(async () => {
  await runtime.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Answers to the next calls. */
function answer(next: Handler): void {
  seen = [];
  handler = next;
}

function json(value: unknown, status = 200, headers: Record<string, string> = {}): Handler {
  return (_, response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(
      JSON.stringify(value),
    );
}

function last(): Seen {
  const one = seen.at(-1);
  if (one === undefined) throw new Error("The server saw nothing");
  return one;
}

async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return expect(await promise).toBe("a failure");
  } catch (error) {
    return error;
  }
}

const common = () => ({ runtime, baseURL });

describe("requests", () => {
  test("parameters of every place and style", async () => {
    answer(json([]));
    const client = new Parameters(common());
    await client.items.list({
      user: "a/b",
      perPage: 5,
      tags: ["x", "y z"],
      ids: [1, 2],
      words: ["a", "b"],
      fields: ["c", "d"],
      filter: { min: 1 },
      trace: "t",
      session: "s",
    });
    expect(last().url).toBe(
      "/users/a%2Fb/items?per_page=5&tags=x&tags=y%20z&ids=1,2&words=a%7Cb&fields=c%20d&filter%5Bmin%5D=1",
    );
    expect(last().headers).toMatchObject({
      "x-trace": "t",
      cookie: "session=s",
      accept: "application/json",
    });
    await client.versions.get({ version: "2", date: "2030-01-01" });
    expect(last().url).toBe("/versions.2/;date=2030-01-01");
  });

  test("the function, the class and the definition do the same", async () => {
    answer(json(["a"]));
    const client = new Parameters(common());
    expect(await itemsList(client, { user: "u" })).toEqual(["a"]);
    expect(await definition.invoke(client, "items.list", { user: "u" })).toEqual(["a"]);
    expect(seen.map((one) => one.url)).toEqual([
      "/users/u/items",
      "/users/u/items",
    ]);
    expect(() => definition.invoke(client, "items.lists", {})).toThrow(
      'Did you mean "items.list"?',
    );
  });

  test("nothing is exported that only generated code needs", () => {
    const names = Object.keys(parametersModule);
    expect(names).toContain("createParametersCore");
    expect(names.filter((name) => /Data$|Schemas$|Connector$/.test(name))).toEqual([]);
  });

  test("bodies of every kind", async () => {
    answer(json({ name: "n" }));
    const { things, forms, files, blobs, notes } = new Bodies(common());
    await things.create({ name: "n" });
    expect(last()).toMatchObject({ method: "POST", url: "/things" });
    expect(last().body.toString()).toBe('{"name":"n"}');
    await things.update({ id: "7", name: "n", size: 3 });
    expect(last()).toMatchObject({ method: "PATCH", url: "/things/7" });
    expect(last().body.toString()).toBe('{"name":"n","size":3}');
    await things.inline({ id: "7", name: "n", note: null });
    expect(last().body.toString()).toBe('{"name":"n","note":null}');
    await things.replaceAll({ things: [{ name: "a" }] });
    expect(last().body.toString()).toBe('[{"name":"a"}]');
    await things.maybe();
    expect(last().headers["content-type"]).toBeUndefined();
    await forms.send({ name: "a b", size: 2 });
    expect(last().headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(last().body.toString()).toBe("name=a+b&size=2");
    const all = Uint8Array.from({ length: 256 }, (_, value) => value);
    await blobs.put({ name: "b", content: all });
    expect([...last().body]).toEqual([...all]);
    await files.upload({
      file: { data: all, name: "a.bin" },
      purpose: "batch",
      meta: { k: "v" },
      more: [new Blob(["1"]), new Blob(["2"])],
    });
    const text = last().body.toString("latin1");
    expect(text).toContain('name="file"; filename="a.bin"');
    expect(text).toContain(String.fromCharCode(...all));
    expect(text.match(/data; name="more"/g)?.length).toBe(2);
    await notes.put({ text: "# ü" });
    expect(last().headers["content-type"]).toContain("text/markdown");
    expect(last().body.toString()).toBe("# ü");
  });

  test("auth of every kind", async () => {
    answer((one, response) =>
      json(one.url === "/token" ? { access_token: "t", expires_in: 60 } : {})(one, response)
    );
    const client = new Auth({ ...common(), key: "k", user: "u", debug: true });
    await client.bearer();
    expect(last().headers["authorization"]).toBe("Bearer k");
    await client.none();
    expect(last().headers["authorization"]).toBeUndefined();
    await client.header();
    expect(last().headers["x-key"]).toBe("k");
    await client.query();
    expect(last().url).toBe("/query?key=k");
    await client.cookie();
    expect(last().headers["cookie"]).toBe("key=k");
    await client.basic();
    expect(last().headers["authorization"]).toBe(`Basic ${btoa("u:k")}`);
    await client.aws();
    expect(last().headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=k\/\d{8}\/eu-west-1\/execute-api\/aws4_request/,
    );
    await client.signed({ a: 1 });
    expect(last().headers["x-signature"]).toMatch(/^[A-Za-z0-9+/]{86}==$/);
    await client.values();
    expect(last().headers).toMatchObject({ "x-limit": "3", "x-debug": "true" });
  });

  test("idempotency keys, servers, hooks", async () => {
    answer(json({}));
    const policy = new Policy(common());
    await policy.things.create({});
    expect(last().headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
    await policy.things.safe({}, { idempotencyKey: "mine" });
    expect(last().headers["x-key"]).toBe("mine");
    await policy.check();
    expect(last()).toMatchObject({ method: "GET", url: "/things" });
    await new Servers(common()).things.get();
    expect(last().headers["x-region"]).toBe("eu");
    await new Hooks({ ...common(), key: "k" }).things.get();
    expect(last().headers).toMatchObject({ "x-signed-by": "k", "x-prepared": "yes" });
  });

  test("names that clash with everything", async () => {
    answer(json({ a: "x" }));
    const client = new Names(common());
    expect(await client.delete()).toEqual({ a: "x" });
    await client.new.default.class({ body: { constructor: "c", then: true } });
    expect(last().body.toString()).toBe('{"constructor":"c","then":true}');
  });
});

describe("results", () => {
  test("of every kind", async () => {
    const { things, files, pages } = new Results(common());
    answer(json({ id: 1 }));
    expect(await things.get()).toEqual({ id: 1 });
    answer((_, response) => response.writeHead(204).end());
    expect(await things.maybe()).toBeUndefined();
    expect(await things.delete()).toBeUndefined();
    answer(json({ data: [{ id: 1 }] }));
    expect(await things.names()).toEqual([{ id: 1 }]);
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    answer((_, response) =>
      response.writeHead(200, { "content-type": "application/pdf" }).end(bytes)
    );
    expect([...await files.content()]).toEqual([...bytes]);
    answer((_, response) => response.end("<p>ü"));
    expect(await pages.text()).toBe("<p>ü");
    const { response } = await things.exists().withResponse();
    expect([response.status, last().method]).toEqual([200, "HEAD"]);
  });

  test("errors by rule", async () => {
    const client = new Errors(common());
    const rows: [unknown, number, Record<string, string>, new (...args: never[]) => Error][] = [
      [{ ok: false, reason: "no" }, 200, {}, NotOkError],
      [{ error: { code: "credit", message: "m" } }, 429, {}, QuotaError],
      [{ error: {} }, 429, { "x-scope": "global" }, GlobalLimitError],
      [{ error: {} }, 404, {}, NoThingError],
      [{ error: {} }, 503, {}, ServerError],
    ];
    for (const [body, status, headers, type] of rows) {
      answer(json(body, status, headers));
      const error = await rejection(client.things.get());
      expect(error).toBeInstanceOf(type);
      expect(error).toBeInstanceOf(ConnectorError);
    }
    answer(json({ ok: true }));
    expect(await client.things.get()).toEqual({ ok: true });
  });
});

describe("lists", () => {
  test("item by item over all pages", async () => {
    const client = new Pages(common());
    answer((one, response) => {
      const at = Number(new URL(one.url, baseURL).searchParams.get("p") ?? 0);
      json(
        [{ id: `${at}` }],
        200,
        at < 2 ? { link: `<${baseURL}/linked?p=${at + 1}>; rel="next"` } : {},
      )(one, response);
    });
    expect((await collect(client.linked({ perPage: 1 }))).map(({ id }) => id)).toEqual([
      "0",
      "1",
      "2",
    ]);
    expect(seen.map((one) => one.url)).toEqual(["/linked?perPage=1", "/linked?p=1", "/linked?p=2"]);
    answer((one, response) => {
      const { page } = JSON.parse(one.body.toString()) as { page?: { after?: string } };
      json({
        data: [{ id: page?.after ?? "first" }],
        cursor: page?.after === undefined ? "c1" : undefined,
      })(one, response);
    });
    expect((await collect(client.search({ q: "x" }))).map(({ id }) => id)).toEqual(["first", "c1"]);
  });
});

describe("streams", () => {
  const events = (...data: string[]): string => data.map((one) => `data: ${one}\n\n`).join("");

  test("by a literal of the input", async () => {
    const client = new Streams(common());
    answer((one, response) =>
      one.body.includes('"stream":true')
        ? response.writeHead(200, { "content-type": "text/event-stream" }).end(
          events('{"text":"Hel"}', '{"text":"lo"}', "[DONE]"),
        )
        : json({ text: "Hello" })(one, response)
    );
    expect(await client.chat({ prompt: "p" })).toEqual({ text: "Hello" });
    expect(last().headers["accept"]).toBe("application/json");
    expect(await client.chat({ prompt: "p", stream: true }).text()).toBe("Hello");
    expect(last().headers["accept"]).toBe("text/event-stream");
  });

  test("the first item comes before the last is sent, and leaving ends the request", async () => {
    const closed = Promise.withResolvers<void>();
    answer((_, response) => {
      response.on("close", () => closed.resolve());
      response.write('{"n":1}\n');
    });
    for await (const item of new Streams(common()).events.watch({ since: 3 })) {
      expect(item).toEqual({ n: 1 });
      break;
    }
    await closed.promise;
    expect(last().url).toBe("/events?since=3");
  });

  test("a cut is not an end", async () => {
    const cut = Promise.withResolvers<void>();
    answer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(events('{"text":"a"}'));
      void cut.promise.then(() => response.destroy());
    });
    const texts: string[] = [];
    const error = await rejection((async () => {
      const { textStream } = new Streams(common()).chat({ prompt: "p", stream: true });
      for await (const text of textStream) {
        texts.push(text);
        cut.resolve();
      }
    })());
    expect(texts).toEqual(["a"]);
    expect(error).toBeInstanceOf(ConnectorError);
    answer((_, response) => response.end(events('{"text":"a"}')));
    expect(await rejection(new Streams(common()).chat({ prompt: "p", stream: true }).text()))
      .toBeInstanceOf(TruncatedStreamError);
  });

  test("other formats, and sums", async () => {
    const client = new Streams(common());
    answer((_, response) =>
      response.end("event: line\ndata: one\n\nevent: other\ndata: x\n\nevent: line\ndata: two\n\n")
    );
    expect(await collect(client.log.tail())).toEqual(["one", "two"]);
    answer((_, response) => response.end('\x1e{"text":"a"}\n\x1e{"text":"b"}\n'));
    expect(await collect(client.records.read())).toEqual([{ text: "a" }, { text: "b" }]);
    answer((_, response) => response.end(Uint8Array.of(0, 255, 128)));
    const audio = await collect(client.audio.speak({ input: "x" }));
    expect(audio.flatMap((chunk) => [...chunk])).toEqual([0, 255, 128]);
    const sums = new Accumulate(common());
    answer((_, response) =>
      response.end(
        events('{"parts":[{"index":0,"text":"a"}]}', '{"parts":[{"index":0,"text":"b"}]}'),
      )
    );
    expect(await sums.merged().finalResult()).toEqual({
      pieces: [{ index: 0, text: "ab" }],
      object: "whole",
    });
    answer((_, response) =>
      response.end(
        events(
          '{"type":"start","response":{"pieces":[{"index":0,"text":""}]}}',
          '{"type":"delta","index":0,"text":"x"}',
          '{"type":"completed","response":{"object":"whole"}}',
        ),
      )
    );
    expect(await sums.ruled().finalResult()).toEqual({
      pieces: [{ index: 0, text: "x" }],
      object: "whole",
    });
    answer((_, response) => response.end("1\n2\n3\n"));
    expect(await new Hooks({ ...common(), key: "k" }).things.watch().finalResult()).toBe(6);
  });
});

describe("long-running operations", () => {
  test("are waited for", async () => {
    let looks = 0;
    answer((one, response) =>
      json(
        one.method === "POST"
          ? { id: "j", status: "running" }
          : { id: "j", status: ++looks < 2 ? "running" : "done", output: { answer: 42 } },
      )(one, response)
    );
    expect(await new Wait(common()).jobs.start({ task: "t" }).waitFor({ timeoutMs: 30_000 }))
      .toEqual({ answer: 42 });
    answer((one, response) =>
      json({ id: "j", status: one.method === "POST" ? "running" : "cancelled" })(one, response)
    );
    const error = await rejection(
      new Wait(common()).jobs.start({ task: "t" }).waitFor({ timeoutMs: 30_000 }),
    );
    expect(error).toBeInstanceOf(OperationFailedError);
  });
});
