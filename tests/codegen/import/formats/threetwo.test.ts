/** What OpenAPI 3.2 added, in the document of golden/imported_threetwo, sent to a server. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { importOpenApi } from "../../../../codegen/import/openapi/mod.ts";
import type { Call, StreamCall } from "../../../../src/connector/mod.ts";
import { type Line, type Lines, Threetwo } from "../../golden/imported_threetwo/mod.gen.ts";
import { Served } from "../served.ts";

const served = Served.forThisFile();

function client(): Threetwo {
  return new Threetwo({ ...served.options, accessToken: "t" });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("itemSchema", () => {
  test("of lines is an item, asked for as declared", async () => {
    served.text('{"text":"a"}\n{"text":"b"}\n', 200, "application/jsonl");
    const lines: Line[] = await all(client().logs.follow());
    expect(lines.map(({ text }) => text)).toEqual(["a", "b"]);
    expect(served.last.headers["accept"]).toBe("application/jsonl");
  });

  test("of a JSON sequence, from `components.mediaTypes`", async () => {
    served.text('\x1e{"text":"a"}\n', 200, "application/geo+json-seq");
    expect(await all(client().sequence())).toEqual([{ text: "a" }]);
    expect(served.last.headers["accept"]).toBe("application/geo+json-seq");
  });

  const sse = (body: string): void => served.text(body, 200, "text/event-stream");

  test("of events: their data, by their names, until the one that ends them", async () => {
    sse(
      'event: line\ndata: {"text":"a"}\n\nevent: other\ndata: x\n\nevent: count\ndata: {"n":2}\n\nevent: end\ndata:\n\n',
    );
    expect(await all(client().events())).toEqual([{ text: "a" }, { n: 2 }]);
    sse("event: error\ndata: it broke\n\n");
    await expect(all(client().events())).rejects.toThrow("it broke");
    sse('event: line\ndata: {"text":"a"}\n\n');
    await expect(all(client().events())).rejects.toMatchObject({ code: "stream.truncated" });
  });

  test("of events that are texts, and of those that a fixed text ends", async () => {
    sse("data: a\n\ndata: {b\n\n");
    const texts: string[] = await all(client().texts());
    expect(texts).toEqual(["a", "{b"]);
    sse('data: {"text":"a"}\n\ndata: [DONE]\n\n');
    expect(await all(client().ended())).toEqual([{ text: "a" }]);
  });
});

describe("an answer that may be whole or a stream", () => {
  test("is chosen by a parameter where there is one", async () => {
    const { watched } = { watched: client().watched.bind(client()) };
    served.json({ items: [] });
    const whole: Call<Lines> = watched();
    expect(await whole).toEqual({ items: [] });
    expect([served.last.url, served.last.headers["accept"]]).toEqual([
      "/watched",
      "application/json",
    ]);
    served.text('{"type":"ADDED"}\n', 200, "application/json");
    const stream: StreamCall<unknown> = watched({ watch: true });
    expect(await all(stream)).toEqual([{ type: "ADDED" }]);
    expect([served.last.url, served.last.headers["accept"]]).toEqual([
      "/watched?watch=true",
      "application/json; stream=watch",
    ]);
  });

  test("is two operations where nothing tells", async () => {
    served.json({ items: [] });
    expect(await client().either()).toEqual({ items: [] });
    served.text('data: {"text":"a"}\n\n', 200, "text/event-stream");
    expect(await all(client().eitherStream())).toEqual([{ text: "a" }]);
    expect(served.last.headers["accept"]).toBe("text/event-stream");
  });
});

describe("methods", () => {
  test("QUERY has a body, and is sent again as GET is", async () => {
    let calls = 0;
    served.answer = (_, response) =>
      response.writeHead(calls++ === 0 ? 503 : 200, { "content-type": "application/json" })
        .end("[]");
    expect(await client().logs.search({ text: "x" })).toEqual([]);
    expect([calls, served.last.method, served.last.body]).toEqual([2, "QUERY", '{"text":"x"}']);
  });

  test("of `additionalOperations` are sent by name", async () => {
    served.answer = (_, response) => response.writeHead(204).end();
    await client().logs.copy();
    expect(served.last.method).toBe("COPY");
  });
});

test("a query string that is a form is the parameters in it", async () => {
  served.answer = (_, response) => response.writeHead(204).end();
  await client().filtered({ a: 1, tags: ["x", "y"] });
  expect(served.last.url).toBe("/filtered?a=1&tags=x&tags=y");
});

test("a query string that is JSON is one input, and all of the query", async () => {
  served.answer = (_, response) => response.writeHead(204).end();
  await client().matched({ selector: { all: [{ "a&b": "c=d é" }] } });
  expect(decodeURIComponent(served.last.url)).toBe('/matched?{"all":[{"a&b":"c=d é"}]}');
  expect(served.last.url.slice("/matched?".length)).not.toMatch(/[&={"]/);
});

test("parts without names are bytes, and how they are written is said to be left out", async () => {
  served.text("--b\r\n\r\n{}\r\n--b--", 200, "multipart/related; boundary=b");
  const headers = { "content-type": "multipart/mixed; boundary=a" };
  const answer = await client().mixed({ body: "--a--" }, { headers });
  expect(new TextDecoder().decode(answer)).toContain("{}");
  expect([served.last.headers["content-type"], served.last.body]).toEqual([
    "multipart/mixed; boundary=a",
    "--a--",
  ]);
  const source = readFileSync("tests/codegen/golden/imported_threetwo/openapi.yaml", "utf8");
  const lost = importOpenApi(source).report.losses.map(({ where, message }) =>
    `${where}: ${message}`
  );
  expect(lost.filter((one) => one.includes("Encoding"))).toEqual([
    "POST /mixed body: `prefixEncoding` is left out: multipart/mixed is taken and given as bytes, parts and all.",
    "POST /mixed body: `itemEncoding` is left out: multipart/mixed is taken and given as bytes, parts and all.",
    "POST /mixed result: `itemEncoding` is left out: multipart/related is taken and given as bytes, parts and all.",
  ]);
});

test("a token from a device is sent as it is", () => {
  expect(served.last.headers["authorization"]).toBe("Bearer t");
});

test("tags: badges name nothing, and a parent stands for what is in it", () => {
  const source = readFileSync("tests/codegen/golden/imported_threetwo/openapi.yaml", "utf8");
  const { report, yaml } = importOpenApi(source, { include: ["tag:Records"] });
  expect(report.operations).toBe(3);
  expect(yaml).toContain("  logs.follow: ");
});
