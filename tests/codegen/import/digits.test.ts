/** Whole numbers beyond 2^53 as text (`as: text`), over HTTP: no digit is lost on any way in or out. */
import { expect, test } from "bun:test";
import { parse } from "yaml";
import { importOpenApi } from "../../../codegen/import/openapi/mod.ts";
import {
  ConflictError,
  definition,
  Digits,
  type DigitsError,
  type Node,
} from "../golden/digits/mod.gen.ts";
import { createChecker } from "../../../src/schema/check.ts";
import { createWorker } from "../../../src/worker/mod.ts";
import { sampleOf } from "../../../src/simulator/sample.ts";
import { collect } from "../../support/streams.ts";
import { Served } from "./served.ts";

const BIG = "9007199254740993";
const served = Served.forThisFile();
const client = (): Digits => new Digits(served.options);
const wire = (text: string, status = 200): void => served.text(text, status, "application/json");

/** As the API writes it, and as a program reads it. */
const SENT =
  `{"id":${BIG},"size":12,"parent":{"id":-${BIG},"parent":null},"children":[{"id":5},{"id": 18446744073709551615 }],
  "sums":{"a \\"b\\": 1":${BIG},"${BIG}":1},"pair":[3,${BIG}],"owner":{"team":${BIG},"size":2},"counts":{"total":4,"odd":${BIG}},
  "note":"{\\"id\\":${BIG}}","extra":{"id":4}}`;
const READ = {
  id: BIG,
  size: 12,
  parent: { id: `-${BIG}`, parent: null },
  children: [{ id: "5" }, { id: "18446744073709551615" }],
  sums: { 'a "b": 1': BIG, [BIG]: "1" },
  pair: [3, BIG],
  owner: { team: BIG, size: 2 },
  counts: { total: 4, odd: BIG },
  note: `{"id":${BIG}}`,
  extra: { id: 4 },
};

test("answers, and what goes into a path and a query", async () => {
  wire(SENT);
  const node: Node = await client().nodes.get({
    id: BIG,
    after: `-${BIG}`,
    filter: { ids: [BIG] },
  });
  expect(node as unknown).toEqual(READ);
  expect(decodeURIComponent(served.last.url)).toBe(
    `/nodes/${BIG}?after=-${BIG}&filter={"ids":[${BIG}]}`,
  );
  wire(`{"data":[${BIG},"${BIG}",1.0,1e3,1.5]}`);
  expect(await client().nodes.root() as unknown).toEqual([BIG, BIG, "1", "1000", 1.5]);
});

test("bodies, as JSON and inside of a form", async () => {
  wire(SENT);
  const body = {
    id: BIG,
    size: 7,
    sums: { '"': BIG, b: "007" },
    children: [{ id: "1", note: BIG }],
  };
  await client().nodes.create(body);
  expect(served.last.body).toBe(
    `{"id":${BIG},"size":7,"sums":{"\\"":${BIG},"b":7},"children":[{"id":1,"note":"${BIG}"}]}`,
  );
  wire("");
  await client().nodes.form(body);
  const form = new URLSearchParams(served.last.body);
  expect([...form]).toEqual([
    ["id", BIG],
    ["size", "7"],
    ["sums", `{"\\"":${BIG},"b":7}`],
    ["children", `[{"id":1,"note":"${BIG}"}]`],
  ]);
});

test("what is not a whole number is refused before anything is sent", async () => {
  const before = served.seen.length;
  const refused = client().nodes.create({ id: "1", children: [{ id: "2", sums: { a: "x1" } }] });
  await expect(Promise.resolve(refused)).rejects.toMatchObject({
    code: "request.body",
    message: expect.stringContaining(
      'children[0].sums.a must be a whole number, as its digits ("42"), not "x1"',
    ),
  });
  expect(served.seen.length).toBe(before);
  const operation = definition.operations.find(({ id }) => id === "nodes.create");
  const mistakes = (id: unknown): number =>
    createChecker(definition.types)("nodes.create", operation?.input, { id }).length;
  expect(mistakes(BIG)).toBe(0);
  expect(mistakes(1)).toBeGreaterThan(0);
  expect(mistakes(sampleOf({ $ref: "#/$defs/Id", $defs: definition.types }, "sample"))).toBe(0);
});

test("items of a stream", async () => {
  served.text(
    `{"id":${BIG}}\n{"id":2,"children":[{"id":${BIG}}]}\n{"id":0}\n`,
    200,
    "application/x-ndjson",
  );
  expect(await collect(await client().nodes.watch())).toEqual([
    { id: BIG },
    { id: "2", children: [{ id: BIG }] },
    { id: "0" },
  ]);
});

test("bodies of errors, which a condition still finds", async () => {
  wire(`{"code":7,"message":"taken"}`, 409);
  const taken = await client().plain.get().then(undefined, (error: unknown) => error);
  expect(taken).toBeInstanceOf(ConflictError);
  expect((taken as ConflictError).body).toEqual({ code: "7", message: "taken" });
  wire(`{"code":${BIG}}`, 400);
  const other = await client().plain.get().then(undefined, (error: unknown) => error);
  expect((other as DigitsError).body).toEqual({ code: BIG });
});

test("messages of webhooks", async () => {
  const message = (type: string) => ({ headers: {}, body: `{"type":"${type}","id":${BIG}}` });
  const known = await client().webhooks.verify(message("node.changed"));
  expect(known.payload).toEqual({ type: "node.changed", id: BIG });
  const unknown = await client().webhooks.verify(message("node.gone"));
  expect(unknown.payload).toEqual({ type: "node.gone", id: Number(BIG) });
});

test("in the worker they are text, in and out", async () => {
  const { runtime, baseURL } = served.options;
  const worker = createWorker({
    connectors: [definition],
    runtime,
    config: { digits: { baseURL } },
  });
  const create = async (body: string): Promise<[number, string]> => {
    const response = await worker.fetch(
      new Request("http://localhost:8787/connectors/digits/nodes.create", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      }),
    );
    return [response.status, await response.text()];
  };
  wire(`{"id":${BIG}}`);
  expect(await create(`{"id":"${BIG}"}`)).toEqual([200, `{"id":"${BIG}"}`]);
  expect(served.last.body).toBe(`{"id":${BIG}}`);
  const [status, problem] = await create(`{"id":${BIG}}`);
  expect([status, problem.includes("must be a string")]).toEqual([400, true]);
});

test("an answer that is not JSON is reported as without them", async () => {
  wire(`{"id":${BIG},}`);
  await expect(Promise.resolve(client().nodes.get({ id: "1" }))).rejects.toMatchObject({
    code: "response.not_json",
  });
});

const DOCUMENT = {
  openapi: "3.1.0",
  info: { title: "Big" },
  servers: [{ url: "https://api.example.com" }],
  paths: {
    "/n/{id}": {
      post: {
        operationId: "n",
        parameters: [
          {
            name: "id",
            in: "path",
            required: true,
            schema: { type: "number", format: "int64" },
            example: 4,
          },
        ],
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: {
                type: "object",
                properties: { n: { type: "integer", format: "int64", minimum: 1, default: 5 } },
              },
              example: { n: 6 },
            },
          },
        },
        responses: {
          200: {
            description: "",
            content: {
              "application/json": {
                schema: { type: "array", items: { type: ["integer", "null"], format: "uint64" } },
                example: [7],
              },
            },
          },
        },
      },
    },
  },
};

test("an import reads integers of 64 bits as text where it is told to", () => {
  const { yaml, report } = importOpenApi(DOCUMENT, { int64: "text" });
  const { operations: { n } } = parse(yaml) as { operations: Record<string, unknown> };
  expect(n).toMatchObject({
    input: { id: { type: "integer", as: "text" } },
    result: { items: { type: "integer", format: "uint64", as: "text", nullable: true } },
    examples: [{ input: { id: "4", n: "6" }, output: ["7"] }],
  });
  expect(yaml).toContain('"default":"5"');
  expect(report.losses.map(({ message }) => message)).toEqual([
    "The limits of a whole number are left out, as it is read as text.",
  ]);
  const usual = importOpenApi(DOCUMENT);
  expect(usual.yaml).not.toContain('"as":"text"');
  expect(usual.report.losses.map(({ where }) => where)).toEqual(["format int64", "format uint64"]);
});
