import { describe, expect, test } from "bun:test";
import {
  call,
  deepObject,
  form,
  jsonQuery,
  jsonResult,
  jsonText,
  label,
  matrix,
  type OperationData,
  pipeDelimited,
  placeParameters,
  simple,
  spaceDelimited,
} from "../../../src/connector/mod.ts";
import { client, FakeRuntime, header, rejection } from "./support.ts";

type Parameter = NonNullable<OperationData["parameters"]>[number];

async function sent(
  parameters: readonly Parameter[],
  input: Record<string, unknown>,
  path: OperationData["path"] = "/x",
) {
  const runtime = new FakeRuntime();
  const spec: OperationData = {
    id: "op",
    method: "GET",
    path,
    result: jsonResult,
    place: placeParameters,
    parameters,
  };
  await call(client(runtime), spec, input);
  return { url: runtime.last.url.replace("https://api.test/v1", ""), call: runtime.last };
}

const color = ["blue", "black"];
const rgb = { R: 100, G: 200 };

// The rows are those of the table in OpenAPI's "Style Examples".
describe("query styles", () => {
  const rows: [string, Partial<Parameter>, unknown, string][] = [
    ["form, explode, list", {}, color, "?color=blue&color=black"],
    ["form, list", { explode: false }, color, "?color=blue,black"],
    ["form, explode, object", {}, rgb, "?R=100&G=200"],
    ["form, object", { explode: false }, rgb, "?color=R,100,G,200"],
    ["space", { encode: spaceDelimited, explode: false }, color, "?color=blue%20black"],
    ["pipe", { encode: pipeDelimited, explode: false }, color, "?color=blue%7Cblack"],
    [
      "deep object",
      { encode: deepObject },
      { a: { b: 1 }, c: [2, 3] },
      "?color%5Ba%5D%5Bb%5D=1&color%5Bc%5D=2&color%5Bc%5D=3",
    ],
    [
      "deep object, objects in a list",
      { encode: deepObject },
      { c: [{ d: 1, e: 2 }, { d: 3 }] },
      "?color%5Bc%5D%5B0%5D%5Bd%5D=1&color%5Bc%5D%5B0%5D%5Be%5D=2&color%5Bc%5D%5B1%5D%5Bd%5D=3",
    ],
    ["deep object, a list", { encode: deepObject }, color, "?color%5B0%5D=blue&color%5B1%5D=black"],
    ["JSON", { encode: jsonQuery }, { a: 1 }, "?color=%7B%22a%22%3A1%7D"],
    ["text", {}, "a b&c=d/é", "?color=a%20b%26c%3Dd%2F%C3%A9"],
    [
      "reserved characters allowed",
      { allowReserved: true },
      "a/b:c&d=e#f",
      "?color=a/b:c%26d%3De%23f",
    ],
    [
      "number, boolean, date",
      {},
      [1, true, new Date(0)],
      "?color=1&color=true&color=1970-01-01T00%3A00%3A00.000Z",
    ],
    ["an empty text", {}, "", "?color="],
    ["an empty list", {}, [], ""],
    ["null", {}, null, ""],
    ["undefined", {}, undefined, ""],
  ];
  for (const [name, options, value, url] of rows) {
    test(name, async () => {
      expect((await sent([{ name: "color", in: "query", ...options }], { color: value })).url).toBe(
        `/x${url}`,
      );
    });
  }

  test("names on the wire, constants and what the spec sends", async () => {
    const parameters: Parameter[] = [
      { name: "perPage", wire: "per_page", in: "query", send: 30 },
      { name: "state", in: "query", send: "open" },
    ];
    expect((await sent(parameters, { state: "all" })).url).toBe("/x?per_page=30&state=all");
  });

  test("what is missing is refused by name", async () => {
    const error = await rejection(sent([{ name: "q", in: "query", required: true }], {}));
    expect(error).toMatchObject({ code: "request.parameter" });
    expect(String(error)).toContain("op needs q");
  });
});

describe("path", () => {
  const rows: [string, Partial<Parameter>, unknown, string][] = [
    ["text", {}, "a/b?c#d e", "a%2Fb%3Fc%23d%20e"],
    ["simple list", {}, color, "blue,black"],
    ["simple object", {}, rgb, "R,100,G,200"],
    ["simple object, explode", { encode: simple, explode: true }, rgb, "R=100,G=200"],
    ["label list", { encode: label }, color, ".blue,black"],
    ["label list, explode", { encode: label, explode: true }, color, ".blue.black"],
    ["label object, explode", { encode: label, explode: true }, rgb, ".R=100.G=200"],
    ["matrix", { encode: matrix }, 5, ";id=5"],
    ["matrix list", { encode: matrix }, color, ";id=blue,black"],
    ["matrix list, explode", { encode: matrix, explode: true }, color, ";id=blue;id=black"],
    ["matrix object, explode", { encode: matrix, explode: true }, rgb, ";R=100;G=200"],
    ["matrix object", { encode: matrix }, rgb, ";id=R,100,G,200"],
    ["JSON", { encode: jsonText }, { a: 1 }, "%7B%22a%22%3A1%7D"],
    ["what looks encoded", {}, "%2e%2e", "%252e%252e"],
    ["dots inside", {}, "v1.2..3", "v1.2..3"],
  ];
  for (const [name, options, value, text] of rows) {
    test(name, async () => {
      const { url } = await sent([{ name: "id", in: "path", ...options }], { id: value }, [
        "/x/",
        0,
        "/y",
      ]);
      expect(url).toBe(`/x/${text}/y`);
      // What was sent is what a URL parser makes of it: nothing walked up.
      expect(new URL(`https://api.test/v1${url}`).pathname).toBe(`/v1/x/${text}/y`);
    });
  }

  for (const value of [undefined, null, "", ".", "..", []]) {
    test(`${JSON.stringify(value) ?? "undefined"} is refused`, async () => {
      const runtime = new FakeRuntime();
      const spec: OperationData = {
        id: "op",
        method: "GET",
        path: ["/x/", 0],
        result: jsonResult,
        place: placeParameters,
        parameters: [{ name: "id", in: "path", required: true }],
      };
      const error = await rejection(call(client(runtime), spec, { id: value }));
      expect(error).toMatchObject({ code: "request.path" });
      expect(runtime.calls).toEqual([]);
    });
  }

  test("two values that only together make dots are refused", async () => {
    const parameters: Parameter[] = [{ name: "a", in: "path" }, { name: "b", in: "path" }];
    expect(await rejection(sent(parameters, { a: ".", b: "." }, ["/x/", 0, 1]))).toMatchObject({
      code: "request.path",
    });
  });
});

test("headers and cookies", async () => {
  const parameters: Parameter[] = [
    { name: "trace", wire: "X-Trace", in: "header" },
    { name: "list", wire: "X-List", in: "header" },
    { name: "session", in: "cookie" },
    { name: "theme", in: "cookie", encode: form },
  ];
  const { call } = await sent(parameters, {
    trace: "a b",
    list: [1, 2],
    session: "s;1",
    theme: "dark",
  });
  expect(header(call, "x-trace")).toBe("a b");
  expect(header(call, "x-list")).toBe("1,2");
  expect(header(call, "cookie")).toBe("session=s%3B1; theme=dark");
});

test("inherited properties are not input", async () => {
  expect((await sent([{ name: "toString", in: "query" }], {})).url).toBe("/x");
});
