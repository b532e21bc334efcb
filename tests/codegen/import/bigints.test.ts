/** Whole numbers beyond 2^53 as `bigint` (`as: bigint`), over HTTP: no digit is lost, and JSON for others has text. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { documentConnector } from "../../../codegen/docs/mod.ts";
import { importOpenApi } from "../../../codegen/import/openapi/mod.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import { defineConnector } from "../../../src/connector/mod.ts";
import { createWorker } from "../../../src/worker/mod.ts";
import {
  Bigints,
  type BigintsError,
  ConflictError,
  definition,
  type Node,
} from "../golden/bigints/mod.gen.ts";
import { bigintsConnector } from "../golden/bigints/data.gen.ts";
import { collect } from "../../support/streams.ts";
import { Served } from "./served.ts";

const BIG = "9007199254740993";
const N = BigInt(BIG);
const served = Served.forThisFile();
const client = (): Bigints => new Bigints(served.options);
const wire = (text: string, status = 200): void => served.text(text, status, "application/json");

test("answers, and what goes into a path and a query", async () => {
  wire(
    `{"id":${BIG},"size":12,"text":${BIG},"parent":{"id":-${BIG},"parent":null},"children":[{"id":"5"},{"id": 1e3 }],
    "sums":{"a":${BIG},"__proto__":${BIG}},"pair":[3,${BIG}],"extra":{"id":4}}`,
  );
  const node: Node = await client().nodes.get({
    id: N,
    after: -N,
    ids: [1n, N],
    filter: { ids: [N] },
  });
  expect(Object.entries(node.sums ?? {})).toEqual([["a", N], ["__proto__", N]]);
  expect({ ...node, sums: undefined } as unknown).toEqual({
    id: N,
    size: 12,
    text: BIG,
    parent: { id: -N, parent: null },
    children: [{ id: 5n }, { id: 1000n }],
    pair: [3, N],
    sums: undefined,
    extra: { id: 4 },
  });
  expect(decodeURIComponent(served.last.url)).toBe(
    `/nodes/${BIG}?after=-${BIG}&ids=1&ids=${BIG}&filter={"ids":[${BIG}]}`,
  );
});

test("bodies, as JSON and inside of a form", async () => {
  wire(`{"id":1}`);
  const body: Node = { id: N, size: 7, sums: { b: 7n }, children: [{ id: -1n }], text: BIG };
  await client().nodes.create(body);
  expect(served.last.body).toBe(
    `{"id":${BIG},"size":7,"sums":{"b":7},"children":[{"id":-1}],"text":${BIG}}`,
  );
  wire("");
  await client().nodes.form(body);
  expect([...new URLSearchParams(served.last.body)]).toEqual([
    ["id", BIG],
    ["size", "7"],
    ["sums", `{"b":7}`],
    ["children", `[{"id":-1}]`],
    ["text", BIG],
  ]);
});

test("pages, whose cursor is one", async () => {
  const pages = [`{"nodes":[{"id":1}],"next":${BIG}}`, `{"nodes":[{"id":${BIG}}]}`];
  served.answer = (_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(pages.shift());
  };
  expect(await collect(client().nodes.list())).toEqual([{ id: 1n }, { id: N }]);
  expect(served.last.url).toBe(`/nodes?after=${BIG}`);
});

test("pages that repeat are still found", async () => {
  let next = 0;
  served.answer = (_, response) => {
    response.writeHead(200, { "content-type": "application/json" })
      .end(`{"nodes":[{"id":${BIG}}],"next":${++next}}`);
  };
  await expect(collect(client().nodes.list())).rejects.toMatchObject({ code: "pages.loop" });
});

test("conditions: of a stream's end, of a wait, of an error", async () => {
  served.text(`{"id":${BIG}}\n{"id":0}\n`, 200, "application/x-ndjson");
  expect(await collect(await client().nodes.watch())).toEqual([{ id: N }, { id: 0n }]);
  wire(`{"id":${BIG},"state":1}`);
  expect(await client().nodes.start().waitFor({ timeoutMs: 10_000 })).toEqual({ id: N, state: 1n });
  expect(served.last.url).toBe(`/nodes/${BIG}`);
  wire(`{"code":7,"message":"taken"}`, 409);
  const taken = await client().nodes.get({ id: 1n }).then(undefined, (error: unknown) => error);
  expect(taken).toBeInstanceOf(ConflictError);
  expect((taken as ConflictError).body).toEqual({ code: 7n, message: "taken" });
  wire(`{"code":${BIG}}`, 400);
  const other = await client().nodes.get({ id: 1n }).then(undefined, (error: unknown) => error);
  expect((other as BigintsError).body).toEqual({ code: N });
});

test("messages of webhooks", async () => {
  const known = await client().webhooks.verify({
    headers: {},
    body: `{"type":"node.changed","id":${BIG}}`,
  });
  expect(known.payload).toEqual({ type: "node.changed", id: N });
});

test("more digits than any integer format has stay text", async () => {
  const long = "9".repeat(500);
  wire(`{"id":"${long}"}`);
  expect((await client().nodes.get({ id: 1n })).id as unknown).toBe(long);
});

test("in the worker they are text, in and out, also on pages, in streams and in what is waited for", async () => {
  const { runtime, baseURL } = served.options;
  const worker = createWorker({
    connectors: [definition],
    runtime,
    config: { bigints: { baseURL } },
  });
  const call = async (operation: string, body: string): Promise<[number, string]> => {
    const response = await worker.fetch(
      new Request(`http://localhost:8787/connectors/bigints/${operation}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      }),
    );
    return [response.status, await response.text()];
  };
  wire(`{"id":${BIG}}`);
  expect(await call("nodes.create", `{"id":"${BIG}"}`)).toEqual([200, `{"id":"${BIG}"}`]);
  expect(served.last.body).toBe(`{"id":${BIG}}`);
  const [status, problem] = await call("nodes.create", `{"id":${BIG}}`);
  expect([status, problem.includes("must be a string")]).toEqual([400, true]);
  wire(`{"nodes":[{"id":${BIG}}],"next":null}`);
  expect((await call("nodes.list", "{}"))[1]).toContain(`"id":"${BIG}"`);
  served.text(`{"id":${BIG}}\n{"id":0}\n`, 200, "application/x-ndjson");
  expect((await call("nodes.watch", "{}"))[1]).toContain(`{"id":"${BIG}"}`);
  wire(`{"code":${BIG}}`, 400);
  expect((await call("nodes.get", `{"id":"1"}`))[0]).toBe(400);
});

test("the values of a definition become JSON, also those that are waited for", async () => {
  const made = definition.create(served.options);
  wire(`{"id":${BIG},"state":1}`);
  const started = definition.invoke(made, "nodes.start", {});
  const waiting = started as unknown as { waitFor(options: { timeoutMs: number }): Promise<Node> };
  expect(JSON.stringify(await waiting.waitFor({ timeoutMs: 10_000 }))).toBe(
    `{"id":"${BIG}","state":"1"}`,
  );
});

test("documentation shows how a program writes them", () => {
  const path = fileURLToPath(new URL("../golden/bigints/connector.yaml", import.meta.url));
  const { model } = loadConnector({ path, text: readFileSync(path, "utf8") });
  const page = model === undefined ? "" : documentConnector(model);
  expect(page).toContain(`bigints.nodes.get({ id: ${BIG}n, filter: { ids: [ 7n ] } })`);
  expect(page).toContain("`bigint`");
});

test("an import reads integers of 64 bits so where it is told to", () => {
  const schema = { type: "integer", format: "int64", default: 5, minimum: 1 };
  const { yaml, report } = importOpenApi({
    openapi: "3.1.0",
    info: { title: "Big" },
    servers: [{ url: "https://api.example.com" }],
    paths: {
      "/n": {
        get: {
          operationId: "n",
          parameters: [{ name: "after", in: "query", schema }],
          responses: { 204: { description: "" } },
        },
      },
    },
  }, { int64: "bigint" });
  expect(yaml).toMatch(/"?as"?: ?"?bigint/);
  expect(yaml).toMatch(/"?default"?: ?"5"/);
  expect(report.losses.map(({ message }) => message)).toEqual([
    "The limits of a whole number are left out, as it is read as bigint.",
  ]);
});

test("what is worked out for an operation serves all calls of its definition", () => {
  const seen: unknown[] = [];
  const data = { id: "a.b", method: "GET", path: "/", result: () => undefined };
  const made = defineConnector(bigintsConnector, {
    title: "A",
    className: "A",
    types: {},
    schemas: {},
    operations: [[data, (_, operation) => {
      seen.push(operation);
      return undefined as never;
    }, {}]],
  });
  const owner = made.create(served.options);
  made.invoke(owner, "a.b", {});
  made.invoke(owner, "a.b", {});
  expect(seen[0]).toBe(seen[1]);
  expect(seen[0]).toEqual({ ...data, json: true });
});
