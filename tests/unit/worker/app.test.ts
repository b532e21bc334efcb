import { describe, expect, test } from "bun:test";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { createWorker, openApi } from "../../../src/worker/mod.ts";
import type { OperationDefinition } from "../../../src/connector/definition/definition.ts";
import { BASE, get, post, testConnector, testOperation, testWorker } from "./support.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const CREATE = "/connectors/notes/notes.create";

describe("a call", () => {
  test("hands the input over and answers with the result", async () => {
    const worker = testWorker({ "notes.create": (input) => ({ got: input }) });
    const response = await post(worker, CREATE, { text: "hi" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({ got: { text: "hi" } });
  });

  test("answers bytes as bytes, nothing with 204, and a page with its body", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
    const worker = testWorker({
      "notes.raw": () => bytes,
      "notes.delete": () => undefined,
      "notes.list": () => ({ data: { data: [1] } }),
    });
    expect(await (await post(worker, "/connectors/notes/notes.raw", {})).bytes()).toEqual(bytes);
    expect((await post(worker, "/connectors/notes/notes.delete", "")).status).toBe(204);
    expect(await (await post(worker, "/connectors/notes/notes.list", {})).json()).toEqual({
      data: [1],
    });
  });

  test("carries the request id and the trace context on, and replaces an id that is not plain", async () => {
    const seen: unknown[] = [];
    const worker = testWorker({
      "notes.create": (_, options) => seen.push([options.traceId, options.traceparent]),
    });
    const headers = {
      "content-type": "application/json",
      "x-request-id": "abc-1",
      traceparent: TRACE,
    };
    const response = await post(worker, CREATE, { text: "hi" }, { headers });
    expect(response.headers.get("x-request-id")).toBe("abc-1");
    expect(seen).toEqual([["abc-1", TRACE]]);
    const odd = await get(worker, "/livez", { headers: { "x-request-id": "a b" } });
    expect(odd.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("ends when the client leaves", async () => {
    const leave = new AbortController();
    const worker = testWorker({
      "notes.create": (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => {
            reject(
              new ConnectorError({
                errorClass: ErrorClass.Permanent,
                code: "call.cancelled",
                message: "gone",
                origin: "caller",
              }),
            );
          });
          leave.abort();
        }),
    });
    expect((await post(worker, CREATE, { text: "hi" }, { signal: leave.signal })).status).toBe(499);
  });
});

describe("form data", () => {
  const upload: OperationDefinition = {
    ...testOperation("files.upload"),
    input: {
      type: "object",
      required: ["file"],
      properties: {
        file: { type: "string", contentMediaType: "application/octet-stream" },
        parts: { type: "array", items: { type: "integer" } },
        keep: { type: "boolean" },
        label: { type: "string" },
        meta: { $ref: "#/$defs/Note" },
      },
    },
    body: { kind: "multipart", contentType: "multipart/form-data", required: true },
  };
  let got: unknown;
  const connector = testConnector({ "files.upload": (input) => (got = input, { ok: true }) });
  const worker = testWorker({}, {
    connectors: [{ ...connector, operations: [upload, ...connector.operations] }],
  });
  const send = (
    form: FormData,
    path = "/connectors/notes/files.upload",
    headers: HeadersInit = {},
  ) => worker.fetch(new Request(BASE + path, { method: "POST", body: form, headers }));
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
  const form = (fields: Record<string, string>, file = true) => {
    const made = new FormData();
    if (file) made.append("file", new File([bytes], "a.bin"));
    for (const [name, value] of Object.entries(fields)) made.append(name, value);
    return made;
  };

  test("becomes the input, with files as files and text as the declared types", async () => {
    const fields = form({ "parts[]": "1", keep: "true", label: "7", meta: '{"text":"x"}' });
    fields.append("parts", "2");
    expect((await send(fields)).status).toBe(200);
    const { file, ...rest } = got as { file: File };
    expect(rest).toEqual({ parts: [1, 2], keep: true, label: "7", meta: { text: "x" } });
    expect(file.name).toBe("a.bin");
    expect(await file.bytes()).toEqual(bytes);
  });

  test("is checked like any input", async () => {
    const response = await send(form({ keep: "perhaps", meta: "{}" }, false));
    expect(response.status).toBe(400);
    const { errors } = await response.json() as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual(["$.file", "$.keep", "$.meta.text"]);
  });

  test("is refused where no bytes are taken, when broken, and from pages of other origins", async () => {
    expect((await send(form({}), CREATE)).status).toBe(415);
    const init = { headers: { "content-type": "multipart/form-data; boundary=x" } };
    // Some runtimes read nothing out of it, some refuse to read it.
    expect((await post(worker, "/connectors/notes/files.upload", "not form data", init)).status)
      .toBe(400);
    expect((await send(form({}), undefined, { origin: "https://evil.example" })).status).toBe(403);
    expect((await send(form({}), undefined, { origin: "null" })).status).toBe(403);
    expect((await send(form({}), undefined, { origin: BASE })).status).toBe(200);
  });
});

describe("a body that is bytes", () => {
  const put: OperationDefinition = {
    ...testOperation("files.put"),
    input: {
      type: "object",
      required: ["name", "content"],
      properties: {
        name: { type: "string" },
        parts: { type: "array", items: { type: "integer" } },
        content: { type: "string", contentMediaType: "application/octet-stream" },
      },
      additionalProperties: false,
    },
    body: {
      kind: "binary",
      contentType: "application/octet-stream",
      required: true,
      key: "content",
    },
  };
  let got: unknown;
  const connector = testConnector({ "files.put": (input) => (got = input, { ok: true }) });
  const worker = testWorker({}, {
    connectors: [{ ...connector, operations: [put, ...connector.operations] }],
    parts: [openApi()],
  });
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
  const send = (query: string, type: string, body: BodyInit = bytes) =>
    worker.fetch(
      new Request(`${BASE}/connectors/notes/files.put${query}`, {
        method: "POST",
        body,
        headers: { "content-type": type },
      }),
    );

  test("is the input's, with the rest of it from the query", async () => {
    expect((await send("?name=a%20b&parts=1&parts=2", "image/png")).status).toBe(200);
    const { content, ...rest } = got as { content: Blob };
    expect(rest).toEqual({ name: "a b", parts: [1, 2] });
    expect(content.type).toBe("image/png");
    expect(await content.bytes()).toEqual(bytes);
    const json = JSON.stringify({ name: "n", content: "text" });
    expect((await send("", "application/json", json)).status).toBe(200);
    expect(got).toEqual({ name: "n", content: "text" });
  });

  test("is checked and limited like any input, and taken only where bytes are", async () => {
    const wrong = await send("?parts=x&other=1", "application/octet-stream");
    const { errors } = await wrong.json() as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual(["$.name", "$.parts[0]", "$.other"]);
    const large = new Uint8Array(11 * 1024 * 1024);
    expect((await send("?name=a", "application/octet-stream", large)).status).toBe(413);
    // What a page may send without being asked whether it may.
    const form = await send("?name=a", "application/x-www-form-urlencoded", "a=b");
    expect(form.status).toBe(415);
    expect((await form.json() as { detail: string }).detail).toContain(
      "application/json or multipart/form-data or the bytes of the body as their own type",
    );
    const other = await post(worker, CREATE, "x", {
      headers: { "content-type": "application/octet-stream" },
    });
    expect(other.status).toBe(415);
  });

  test("is in the OpenAPI document", async () => {
    const document = await (await get(worker, "/openapi.json")).json() as {
      paths: Record<string, { post: { parameters: unknown[]; requestBody: { content: object } } }>;
    };
    const { parameters, requestBody } = document.paths["/connectors/notes/files.put"]!.post;
    expect(Object.keys(requestBody.content)).toEqual([
      "application/json",
      "multipart/form-data",
      "application/octet-stream",
    ]);
    expect(parameters.slice(-2)).toMatchObject([
      { name: "name", in: "query", schema: { type: "string" } },
      { name: "parts", in: "query", schema: { type: "array" } },
    ]);
  });
});

describe("a streamed call", () => {
  test("is sent as events and ends with [DONE]", async () => {
    const worker = testWorker({
      "notes.create": async function* () {
        yield { text: "a" };
        yield { text: "b" };
      },
    });
    const response = await post(worker, CREATE, { text: "hi", stream: true });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(response.headers.get("x-request-id")).not.toBe(null);
    expect(await response.text()).toBe(
      'data: {"text":"a"}\n\ndata: {"text":"b"}\n\ndata: [DONE]\n\n',
    );
  });

  test("that fails before it begins is a problem document", async () => {
    const worker = testWorker({
      "notes.create": () => {
        throw new ConnectorError({
          errorClass: ErrorClass.RateLimited,
          code: "api.error",
          message: "slow",
          status: 429,
          retryAfterMs: 10,
        });
      },
    });
    const response = await post(worker, CREATE, { text: "hi", stream: true });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("1");
  });

  test("that is left ends the call", async () => {
    let ended = false;
    let signal: AbortSignal | undefined;
    const worker = testWorker({
      "notes.create": async function* (_, options) {
        signal = options.signal;
        try {
          for (;;) yield { text: "again" };
        } finally {
          ended = true;
        }
      },
    });
    const response = await post(worker, CREATE, { text: "hi", stream: true });
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(ended).toBe(true);
    expect(signal?.aborted).toBe(true);
  });
});

describe("refusals", () => {
  const worker = testWorker({ "notes.create": () => ({}) }, { maxBodyBytes: 1000 });
  const problem = async (response: Response | Promise<Response>) => {
    const got = await response;
    const body = await got.json() as {
      code: string;
      detail: string;
      known?: string[];
      errors?: unknown;
      requestId: string;
    };
    expect(got.headers.get("content-type")).toBe("application/problem+json");
    expect(got.headers.get("x-request-id")).toBe(body.requestId);
    return { status: got.status, ...body, headers: got.headers };
  };

  test("a mistake in a property of any name is shown where it is", async () => {
    const name = "a/b~c#?%41 é";
    const types = { Note: { type: "object", additionalProperties: { type: "string" } } };
    const connector = { ...testConnector({}), types };
    const got = await problem(
      post(testWorker({}, { connectors: [connector] }), CREATE, { [name]: 5 }),
    );
    expect(got.errors).toEqual([{
      path: `$[${JSON.stringify(name)}]`,
      pointer: "/a~1b~0c#?%41 é",
      message: "is 5: must be a string",
    }]);
  });

  test("a compressed body is refused as such", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const got = await problem(post(worker, CREATE, "{}", { headers }));
    expect([got.status, got.code]).toEqual([415, "input.content_encoding"]);
    expect(got.detail).toContain("compressed (gzip)");
  });

  test("a body that breaks off is the client's affair, and not logged", async () => {
    const logged: string[] = [];
    const worker = testWorker({}, { onError: (text) => logged.push(text) });
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("aborted")),
    });
    const got = await problem(
      post(worker, CREATE, "", { body, duplex: "half" } as RequestInit),
    );
    expect([got.status, got.code, logged]).toEqual([400, "input.incomplete", []]);
  });

  test("an invalid input names every mistake by its path", async () => {
    const got = await problem(post(worker, CREATE, { text: 5, parent: {} }));
    expect(got.status).toBe(400);
    expect(got.code).toBe("input.invalid");
    expect(got.errors).toEqual([
      { path: "$.text", pointer: "/text", message: "is 5: must be a string" },
      { path: "$.parent.text", pointer: "/parent/text", message: "is missing" },
    ]);
    expect(got.detail).toContain("$.text is 5: must be a string and 1 more");
  });

  const cases: [string, BodyInit, string | undefined, number, string][] = [
    ["broken JSON", "{", "application/json", 400, "input.json"],
    [
      "bytes that are not UTF-8",
      Uint8Array.of(0x22, 0xff, 0x22),
      "application/json",
      400,
      "input.encoding",
    ],
    [
      "half a character in a property name",
      '{"text":"x","more":{"\\ud800":5}}',
      "application/json",
      400,
      "input.encoding",
    ],
    ["a form", "{}", "application/x-www-form-urlencoded", 415, "input.content_type"],
    ["plain text", "{}", "text/plain", 415, "input.content_type"],
    [
      "too much",
      JSON.stringify({ text: "x".repeat(1000) }),
      "application/json",
      413,
      "input.too_large",
    ],
  ];
  for (const [name, body, type, status, code] of cases) {
    test(`${name} is ${status} ${code}`, async () => {
      const headers = type === undefined ? {} : { "content-type": type };
      const got = await problem(
        worker.fetch(new Request(BASE + CREATE, { method: "POST", body, headers })),
      );
      expect([got.status, got.code]).toEqual([status, code]);
    });
  }

  test("what is nested without an end is refused before anybody walks into it", async () => {
    const called: unknown[] = [];
    const roomy = testWorker({ "notes.create": (input) => (called.push(input), {}) });
    const nested = (depth: number) =>
      `{"text":"x","more":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    const send = (body: string) =>
      roomy.fetch(
        new Request(BASE + CREATE, {
          method: "POST",
          body,
          headers: { "content-type": "application/json" },
        }),
      );
    expect((await send(nested(300))).status).toBe(200);
    for (const depth of [600, 20_000]) {
      const got = await problem(send(nested(depth)));
      expect([got.status, got.code]).toEqual([400, "input.too_deep"]);
    }
    expect(called).toHaveLength(1);
  });

  test("a body that is streamed beyond the limit is refused too", async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++;
        controller.enqueue(new Uint8Array(400));
      },
    }, { highWaterMark: 0 });
    const init = {
      method: "POST",
      body,
      duplex: "half",
      headers: { "content-type": "application/json" },
    };
    expect((await problem(worker.fetch(new Request(BASE + CREATE, init)))).status).toBe(413);
    expect(sent).toBeLessThan(6);
  });

  test("an input nested without end is refused, not crashed on", async () => {
    const roomy = testWorker({ "notes.create": () => ({}) });
    const deep = '{"text":"x","parent":'.repeat(50_000) + "null" + "}".repeat(50_000);
    const got = await problem(post(roomy, CREATE, deep));
    expect(got.status).toBe(400);
  });

  test("unknown names are answered with the near and the known ones", async () => {
    const connector = await problem(get(worker, "/connectors/nots"));
    expect([connector.status, connector.code, connector.known]).toEqual([404, "connector.unknown", [
      "notes",
    ]]);
    expect(connector.detail).toContain('Did you mean "notes"?');
    const operation = await problem(post(worker, "/connectors/notes/notes.creat", {}));
    expect([operation.status, operation.code]).toEqual([404, "operation.unknown"]);
    expect(operation.detail).toContain('Did you mean "notes.create"?');
    expect((await problem(get(worker, "/connector"))).detail).toContain('"/connectors"');
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect((await problem(get(worker, `/connectors/${name}`))).status).toBe(404);
      expect((await problem(post(worker, `/connectors/notes/${name}`, {}))).status).toBe(404);
    }
  });

  test("a wrong method is told which ones there are", async () => {
    const put = await problem(get(worker, CREATE, { method: "PUT" }));
    expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
    expect((await problem(get(worker, "/connectors", { method: "DELETE" }))).headers.get("allow"))
      .toBe("GET, HEAD");
  });

  test("what fails inside goes to the log, not to the client", async () => {
    const logged: unknown[] = [];
    const broken = testWorker({
      "notes.create": () => Promise.reject(new Error("at /private/file")),
    }, {
      onError: (text, requestId, error) =>
        logged.push([String(error), requestId, text.includes("/private/file")]),
    });
    const got = await problem(post(broken, CREATE, { text: "x" }));
    expect(got.status).toBe(500);
    expect(got.detail).not.toContain("/private/file");
    expect(logged).toEqual([["Error: at /private/file", got.requestId, true]]);
  });

  test("no configured secret is in any answer", async () => {
    const logged: string[] = [];
    const leaky = testWorker({
      "notes.create": () => {
        throw new ConnectorError({
          errorClass: ErrorClass.Transient,
          code: "upstream.reset",
          message: "GET /?key=sk-very-secret",
          origin: "upstream",
        });
      },
    }, { onError: (text) => logged.push(text) });
    for (const input of [{ text: "x" }, { text: "x", stream: true }]) {
      const response = await post(leaky, CREATE, input);
      expect(response.status).toBe(502);
      expect(await response.text()).not.toContain("sk-very-secret");
    }
    expect(logged).toEqual(Array(2).fill("upstream.reset: GET /?key=[redacted]"));
    for (
      const path of ["/", "/connectors", "/connectors/notes", CREATE, "/openapi.json", "/readyz"]
    ) {
      expect(await (await get(leaky, path)).text()).not.toContain("sk-very-secret");
    }
  });

  test("a connector without its key says what to set, also when the environment names the key", async () => {
    const bare = testWorker({ "notes.create": () => ({ ok: true }) }, { config: {} });
    const got = await problem(post(bare, CREATE, { text: "x" }));
    expect([got.status, got.code]).toEqual([503, "config.missing"]);
    expect(got.detail).toContain("NOTES_KEY");
    const list = await (await get(bare, "/connectors")).json() as {
      connectors: { configured: boolean }[];
    };
    expect(list.connectors[0]?.configured).toBe(false);
    const env = (name: string) => name === "NOTES_KEY" ? "sk-from-env" : undefined;
    expect(
      (await post(testWorker({ "notes.create": () => ({}) }, { config: {}, env }), CREATE, {
        text: "x",
      })).status,
    ).toBe(200);
  });
});

describe("descriptions", () => {
  const worker = testWorker({});

  test("list connectors, one connector and one operation", async () => {
    expect(await (await get(worker, "/connectors")).json()).toMatchObject({
      connectors: [{
        id: "notes",
        version: "1.2.3",
        configured: true,
        operations: ["notes.create", "notes.list", "notes.raw", "notes.delete"],
      }],
    });
    expect(await (await get(worker, "/connectors/notes")).json()).toMatchObject({
      config: [{ name: "apiKey", secret: true, env: "NOTES_KEY" }],
      operations: [{ id: "notes.create", streams: true, call: `POST ${CREATE}` }, {}, {}, {}],
    });
    expect(await (await get(worker, CREATE)).json()).toMatchObject({
      id: "notes.create",
      connector: "notes",
    });
    expect((await get(worker, "/connectors", { method: "HEAD" })).status).toBe(200);
  });
});

describe("browsers", () => {
  const origin = "https://app.example";

  test("of other origins get nothing unless they are listed", async () => {
    const closed = await get(testWorker({}), "/livez", { headers: { origin } });
    expect(closed.headers.get("access-control-allow-origin")).toBe(null);
    const open = testWorker({}, { corsOrigins: [origin] });
    expect(
      (await get(open, "/livez", { headers: { origin } })).headers.get(
        "access-control-allow-origin",
      ),
    ).toBe(origin);
    const other = await get(open, "/livez", { headers: { origin: "https://evil.example" } });
    expect(other.headers.get("access-control-allow-origin")).toBe(null);
    const preflight = await get(open, CREATE, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type");
  });

  test("that were pointed here under a stranger's name are refused", async () => {
    const worker = testWorker({}, { allowedHosts: ["worker.internal"] });
    const status = async (host: string) =>
      (await worker.fetch(new Request(`http://${host}/livez`))).status;
    for (
      const host of [
        "localhost:8787",
        "127.0.0.1:8787",
        "[::1]:8787",
        "a.localhost",
        "worker.internal:8787",
      ]
    ) {
      expect(await status(host)).toBe(200);
    }
    const refused = await worker.fetch(new Request("http://evil.example/livez"));
    expect(await refused.json()).toMatchObject({
      code: "host.denied",
      detail: expect.stringContaining("--allow-host"),
    });
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"]) {
      expect(await status(host)).toBe(403);
    }
  });
});

describe("options", () => {
  test("that make no sense are refused", () => {
    expect(() => testWorker({}, { maxBodyBytes: 0 })).toThrow(/maxBodyBytes is 0/);
    expect(() => testWorker({}, { readinessCacheMs: NaN })).toThrow(/readinessCacheMs is NaN/);
    expect(() => testWorker({}, { config: { opnai: {} } })).toThrow(/"opnai"/);
    const twice = [testConnector({}), testConnector({})];
    expect(() =>
      createWorker({ connectors: twice, runtime: { call: () => Promise.reject(new Error()) } })
    ).toThrow(/twice/);
  });
});

test("OPTIONS says what a path allows", async () => {
  const response = await get(testWorker({}), CREATE, { method: "OPTIONS" });
  expect([response.status, response.headers.get("allow")]).toEqual([
    204,
    "GET, HEAD, POST, OPTIONS",
  ]);
});
