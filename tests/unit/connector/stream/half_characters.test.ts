/** Half of a surrogate pair in a value: URLs cannot carry it, and UTF-8 would replace it. */
import { describe, expect, test } from "bun:test";
import {
  apiKey,
  awsSigV4,
  binaryBody,
  call,
  deepObject,
  fillServer,
  form,
  formBody,
  jsonBody,
  label,
  matrix,
  multipartBody,
  type OperationData,
  placeParameters,
  simple,
  textBody,
} from "../../../../src/connector/mod.ts";
import { connectors } from "../../../../src/platform/entry/connectors.ts";
import { createWorker } from "../../../../src/worker/mod.ts";
import { post as postTo } from "../../worker/support.ts";
import { bodyText, client, FakeRuntime, GET, rejection } from "../support.ts";

type Parameter = NonNullable<OperationData["parameters"]>[number];

const HALF = "a\ud83d";

async function refused(
  spec: OperationData,
  input: Record<string, unknown>,
  options = {},
): Promise<unknown> {
  const runtime = new FakeRuntime();
  const error = await rejection(call(client(runtime), spec, input, options));
  expect(runtime.calls).toEqual([]);
  return error;
}

describe("in a parameter", () => {
  const places: readonly [string, Partial<Parameter>, unknown][] = [
    ["path", { in: "path", encode: simple }, HALF],
    ["path, a list", { in: "path", encode: label }, ["ok", HALF]],
    ["path, an object", { in: "path", encode: matrix, explode: true }, { [HALF]: "ok" }],
    ["query", { in: "query", encode: form }, HALF],
    ["query, deep", { in: "query", encode: deepObject }, { a: { b: HALF } }],
    ["header", { in: "header" }, HALF],
    ["cookie", { in: "cookie" }, HALF],
  ];
  for (const [name, parameter, value] of places) {
    test(name, async () => {
      const spec: OperationData = {
        ...GET,
        path: parameter.in === "path" ? ["/things/", 0] : "/things",
        place: placeParameters,
        parameters: [{ name: "color", in: "query", ...parameter }],
      };
      const error = await refused(spec, { color: value });
      expect(error).toMatchObject({ code: "request.parameter", errorClass: 5, sent: "no" });
      expect(String(error)).toContain("color contains half of a surrogate pair");
    });
  }

  test("a query given with the call", async () => {
    expect(await refused(GET, {}, { query: { color: HALF } })).toMatchObject({
      code: "request.parameter",
    });
  });
});

describe("in a body", () => {
  const rows: readonly [string, Record<string, unknown>, OperationData["body"]][] = [
    ["form", { color: HALF }, { encode: formBody, contentType: "x" }],
    ["form, a name", { [HALF]: "ok" }, { encode: formBody, contentType: "x" }],
    ["multipart", { color: HALF }, { encode: multipartBody, contentType: "x" }],
    ["multipart, a name", { [HALF]: "ok" }, { encode: multipartBody, contentType: "x" }],
    ["multipart, a file's name", { file: { data: "ok", name: HALF } }, {
      encode: multipartBody,
      contentType: "x",
    }],
    ["multipart, a file's text", { file: { data: HALF } }, {
      encode: multipartBody,
      contentType: "x",
    }],
    ["text", { body: HALF }, { encode: textBody, contentType: "x", key: "body" }],
    ["bytes given as text", { body: HALF }, { encode: binaryBody, contentType: "x", key: "body" }],
  ];
  for (const [name, input, body] of rows) {
    test(name, async () => {
      expect(await refused({ ...GET, method: "POST", body } as OperationData, input)).toMatchObject(
        { code: "request.parameter", errorClass: 5 },
      );
    });
  }

  test("JSON can carry it, escaped", async () => {
    const runtime = new FakeRuntime();
    const body = { encode: jsonBody, contentType: "application/json" };
    await call(client(runtime), { ...GET, method: "POST", body }, { color: HALF });
    expect(bodyText(runtime.last)).toBe('{"color":"a\\ud83d"}');
  });
});

test("in the configuration: refused when the client is made, without the value", () => {
  const auth = [apiKey("query", "key", [{ get: ["config", "key"] }])];
  const make = () =>
    client(new FakeRuntime(), { auth, config: [{ name: "key", secret: true }] }, {
      key: `sk-secret${HALF}`,
    });
  expect(make).toThrow("key of test contains half of a surrogate pair");
  expect(make).not.toThrow("sk-secret");
});

test("in the variable of a server", () => {
  const server = {
    url: "https://api.test/{zone}",
    variables: [{ name: "zone" }],
    fill: fillServer,
  };
  expect(() => client(new FakeRuntime(), { servers: { default: server } }, { zone: HALF })).toThrow(
    "must be an http or https URL",
  );
});

test("the worker answers 400 and names the parameter", async () => {
  const runtime = new FakeRuntime();
  const worker = createWorker({
    connectors,
    runtime,
    config: { github: { token: "ghp_1234567" } },
  });
  const response = await postTo(
    worker,
    "/connectors/github/repos.get",
    '{"owner":"a\\ud83d","repo":"r"}',
  );
  expect(response.status).toBe(400);
  const problem = await response.json() as { code: string; detail: string };
  expect(problem.code).toBe("request.parameter");
  expect(problem.detail).toContain("owner contains half of a surrogate pair");
  expect(runtime.calls).toEqual([]);
});

test("a next page whose URL holds a bare percent sign can be signed", async () => {
  const keys = { accessKeyId: ["id"], secretAccessKey: ["secret"] };
  const step = awsSigV4({ ...keys, region: ["eu"], service: "x" });
  const runtime = new FakeRuntime();
  await call(client(runtime, { auth: [step] }), { ...GET, path: "/things?after=100%" });
  expect(runtime.last.url).toContain("after=100%");
});
