/** What drift makes of unions, secrets, many values of one field, and answers without a body. */
import { describe, expect, test } from "bun:test";
import type { Json } from "../../../src/core/json.ts";
import {
  type DriftConnector,
  type Exchange,
  findDrift,
  proposeOverlay,
} from "../../../src/recording/mod.ts";

type DriftOperation = DriftConnector["operations"][number];

const operation = (id: string, errors: DriftOperation["errors"] = []): DriftOperation => ({
  id,
  method: "GET",
  path: `/${id}`,
  result: { kind: "json", schema: { $ref: `#/$defs/${id}` } },
  errors,
});

const cat = { type: "object", required: ["cat"], properties: { cat: { type: "string" } } };
const dog = { type: "object", required: ["dog"], properties: { dog: { type: "string" } } };
const tagged = (name: string) => ({
  type: "object",
  required: [name],
  properties: { [name]: { const: "1" } },
});

const CONNECTOR: DriftConnector = {
  servers: { default: "https://api.example/" },
  operations: [
    operation("User", [
      {
        status: [{ from: 400, to: 499 }],
        schema: { type: "object", properties: { why: { type: "string" } } },
      },
      { status: [], schema: { type: "object", properties: { why: { type: "string" } } } },
    ]),
    operation("Pet"),
    operation("Strict"),
    operation("Mixed"),
    operation("Two"),
  ],
  types: {
    User: {
      type: "object",
      properties: {
        role: { enum: ["admin", "member"] },
        amount: { type: "number", multipleOf: 0.01 },
        key: { type: "string", pattern: "^sk_[a-z]+$", maxLength: 8 },
        pin: { type: "integer", maximum: 99_999 },
        odd: { type: "string", pattern: "[\\_]" },
        since: { type: "string", format: "date-time" },
        uuid: { type: "string", format: "uuid" },
        tags: { type: "array", items: { type: "string" }, uniqueItems: true },
        labels: { type: "object", additionalProperties: { type: "string" }, maxProperties: 1 },
      },
    },
    // Base and alternatives hold at once.
    Pet: {
      type: "object",
      required: ["id"],
      properties: { id: { type: "integer" } },
      oneOf: [cat, dog],
    },
    Strict: {
      type: "object",
      required: ["id"],
      oneOf: [{ type: "object", properties: { id: { type: "integer" } } }],
    },
    Mixed: { anyOf: [cat, dog] },
    Two: { allOf: [{ oneOf: [tagged("a")] }, { oneOf: [tagged("b")] }] },
  },
};

interface Answer {
  readonly method?: string;
  readonly status?: number;
  readonly type?: string;
  readonly text?: string;
}

function exchange(id: string, body: Json | undefined, answer: Answer = {}): Exchange {
  const { method = "GET", status = 200, type = "application/json" } = answer;
  const text = answer.text ?? (body === undefined ? "" : JSON.stringify(body));
  return {
    request: { method, target: `/${id}`, headers: [] },
    response: {
      status,
      afterMs: 0,
      headers: [["content-type", type]],
      chunks: text === "" ? [] : [{ afterMs: 0, text }],
    },
  };
}

const drift = (...exchanges: Exchange[]) =>
  findDrift(CONNECTOR, [{ connector: "c", version: "1", exchanges }]);

async function seen(id: string, body: Json | undefined, answer?: Answer): Promise<string[]> {
  const found = await drift(exchange(id, body, answer));
  return found.map(({ kind, place }) => `${kind} ${place}`);
}

async function overlayOf(...bodies: Json[]): Promise<unknown> {
  const found = await drift(...bodies.map((body) => exchange("User", body)));
  return proposeOverlay(found);
}

describe("a union", () => {
  test("beside properties holds together with them", async () => {
    expect(await seen("Pet", { id: 1, cat: "a" })).toEqual([]);
    expect(await seen("Pet", { id: 1, dog: "a" })).toEqual([]);
    expect(await seen("Pet", { cat: "a" })).toEqual(["field-missing Pet.id"]);
    expect(await seen("Pet", { id: "1", cat: "a" })).toEqual(["type-changed Pet.id"]);
    expect(await seen("Pet", { id: 1, cat: "a", age: 2 })).toEqual(["field-new Pet.age"]);
  });

  test("beside what is required, without properties, leaves that in force", async () => {
    expect(await seen("Strict", { id: 1 })).toEqual([]);
    expect(await seen("Strict", {})).toEqual(["field-missing Strict.id"]);
  });

  test("of any may have fields of several", async () => {
    expect(await seen("Mixed", { cat: "a", dog: "b" })).toEqual([]);
    expect(await seen("Mixed", { cat: "a", bird: "b" })).toEqual(["field-new Mixed.bird"]);
  });

  test("of two that hold at once is looked at in both", async () => {
    expect(await seen("Two", { a: "1", b: "1" })).toEqual([]);
    for (const body of [{ a: "2", b: "1" }, { a: "1", b: "2" }]) {
      expect(await seen("Two", body)).toEqual(["variant-new Two result"]);
    }
  });
});

describe("a value", () => {
  test("of an enum that is null, or of another type, is not one more value", async () => {
    expect(await seen("User", { role: null })).toEqual(["null-new User.role"]);
    expect(await overlayOf({ role: null })).toEqual({
      types: { User: { properties: { role: { nullable: true } } } },
    });
    expect(await seen("User", { role: 5 })).toEqual(["type-changed User.role"]);
    expect(await overlayOf({ role: 5 })).toEqual({});
  });

  test("is a multiple as exactly as numbers are", async () => {
    expect(await seen("User", { amount: 1_234_567.89 })).toEqual([]);
    expect(await seen("User", { amount: 0.005 })).toEqual(["limit-exceeded User.amount"]);
  });

  test("that hides a secret has a type and nothing else", async () => {
    expect(await seen("User", { key: "***********", role: "******", pin: 9_999_999 })).toEqual([]);
    expect(await seen("User", { key: 999_999 })).toEqual(["type-changed User.key"]);
    expect(await seen("User", { pin: 100_000 })).toEqual(["limit-exceeded User.pin"]);
  });

  test("of another format, that comes twice, or with too many fields is beyond a limit", async () => {
    for (const since of ["2026-01-01T00:00:00Z", "2026-01-01t00:00:00.5+02:00"]) {
      expect(await seen("User", { since })).toEqual([]);
    }
    expect(await seen("User", { since: "2026-01-01" })).toEqual(["limit-exceeded User.since"]);
    expect(await seen("User", { uuid: "7" })).toEqual(["limit-exceeded User.uuid"]);
    expect(await seen("User", { tags: ["a", "a"] })).toEqual(["limit-exceeded User.tags"]);
    expect(await seen("User", { labels: { a: "1", b: "2" } })).toEqual([
      "limit-exceeded User.labels",
    ]);
  });

  test("is not held against a pattern that cannot be read", async () => {
    expect(await seen("User", { odd: "a" })).toEqual([]);
  });
});

describe("many values", () => {
  test("of a new field are one difference, and one schema for all of them", async () => {
    const found = await drift(
      ...["a", "b", null].map((email) => exchange("User", { email })),
      exchange("User", { key: "sk_aaaaaaaaa" }),
      exchange("User", { key: "sk_bbbbbbbbb" }),
    );
    expect(found.map(({ kind, place, times }) => [kind, place, times])).toEqual([
      ["field-new", "User.email", 3],
      ["limit-exceeded", "User.key", 2],
    ]);
  });

  test.each<[readonly Json[], Json]>([
    [["a", null], { type: "string", nullable: true }],
    [[null, "a", "b"], { type: "string", nullable: true }],
    [[1, 1.5, 2], { type: "number" }],
    [[1, "a"], "unknown"],
    [[1, "a", "b", null], "unknown"],
    [[null], "unknown"],
    [[[]], { type: "array", items: "unknown" }],
    [[[], [1]], { type: "array", items: { type: "integer" } }],
    [[[{ a: 1 }, { b: null }]], {
      type: "array",
      items: {
        type: "object",
        properties: { a: { type: "integer" }, b: "unknown" },
      },
    }],
    [[{ a: 1 }, { a: null, b: true }], {
      type: "object",
      properties: { a: { type: "integer", nullable: true }, b: { type: "boolean" } },
    }],
  ])("%j", async (values, schema) => {
    expect(await overlayOf(...values.map((it) => ({ it })))).toEqual({
      types: { User: { properties: { it: schema } } },
    });
  });

  test("of names that objects have anyway make fields all the same", async () => {
    const body = JSON.parse('{"__proto__":1,"constructor":1,"hasOwnProperty":1}') as Json;
    const text = JSON.stringify(await overlayOf(body));
    for (const name of ["__proto__", "constructor", "hasOwnProperty"]) {
      expect(text).toContain(`"${name}":{"type":"integer"}`);
    }
  });
});

describe("an answer", () => {
  test("without a body differs, unless its status has none", async () => {
    for (const status of [200, 201]) {
      expect(await seen("User", undefined, { status })).toEqual(["body-empty body"]);
    }
    for (const status of [202, 204, 205]) {
      expect(await seen("User", undefined, { status })).toEqual([]);
    }
  });

  test("that says what went wrong in another form differs; that of a proxy on the way does not", async () => {
    const html = { type: "text/html", text: "<p>" };
    expect(await seen("User", undefined, { ...html, status: 404 })).toEqual([
      "content-type-changed content-type",
    ]);
    expect(await seen("User", undefined, { status: 404, text: "{" })).toEqual([
      "body-unreadable body",
    ]);
    expect(await seen("User", undefined, { ...html, status: 502 })).toEqual([]);
    expect(await seen("User", { why: 1 }, { status: 502 })).toEqual([
      "type-changed User error 502.why",
    ]);
  });

  test("to a browser that asks first, or for the head alone, tells nothing", async () => {
    expect(await seen("User", undefined, { method: "OPTIONS", status: 204 })).toEqual([]);
    expect(await seen("User", undefined, { method: "HEAD" })).toEqual([]);
    expect(await seen("User", {}, { method: "DELETE" })).toEqual(["method-unknown path"]);
  });
});
