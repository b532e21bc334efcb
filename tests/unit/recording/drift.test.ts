/** Each way in which an API may differ from its spec is found, once, with what the spec would have to say. */
import { describe, expect, test } from "bun:test";
import type { Json } from "../../../src/core/json.ts";
import {
  type DriftConnector,
  type Exchange,
  findDrift,
  proposeOverlay,
} from "../../../src/recording/mod.ts";

const CONNECTOR: DriftConnector = {
  servers: { default: "https://api.example/v1" },
  operations: [
    {
      id: "users.get",
      method: "GET",
      path: "/users/{id}",
      result: { kind: "json", schema: { $ref: "#/$defs/User" } },
      errors: [{ status: [{ from: 404, to: 404 }], schema: { $ref: "#/$defs/Failure" } }],
    },
    {
      id: "chat",
      method: "POST",
      path: "/chat",
      result: { kind: "json", schema: true },
      stream: { format: "sse", item: { $ref: "#/$defs/Piece" }, done: "[DONE]" },
      errors: [],
    },
  ],
  types: {
    User: {
      type: "object",
      required: ["id", "name", "role"],
      properties: {
        id: { type: "integer" },
        // Read `as: text`.
        serial: { type: "string", pattern: "^-?\\d+$" },
        name: { type: "string", maxLength: 10 },
        role: { enum: ["admin", "member"] },
        manager: { anyOf: [{ $ref: "#/$defs/User" }, { type: "null" }] },
        address: { type: "object", properties: { city: { type: "string" } } },
        tags: { type: "array", items: { type: "string" } },
        labels: { type: "object", additionalProperties: { type: "string" } },
        pet: { oneOf: [{ $ref: "#/$defs/Cat" }, { $ref: "#/$defs/Dog" }] },
      },
    },
    Cat: {
      type: "object",
      required: ["kind"],
      properties: { kind: { const: "cat" }, lives: { type: "integer" } },
    },
    Dog: { type: "object", required: ["kind"], properties: { kind: { const: "dog" } } },
    Piece: { type: "object", properties: { text: { type: "string" } } },
    Failure: { type: "object", required: ["message"], properties: { message: { type: "string" } } },
  },
};

const USER = {
  id: 1,
  serial: 5,
  name: "Ada",
  role: "admin",
  manager: null,
  address: { city: "London" },
  tags: ["a"],
  labels: { anything: "goes" },
  pet: { kind: "cat", lives: 9 },
};

interface Answer {
  readonly method?: string;
  readonly target?: string;
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Exchange["response"]["headers"];
  readonly text?: string;
}

function exchange(body: Json | undefined, answer: Answer = {}): Exchange {
  const { method = "GET", target = "/v1/users/1", status = 200, type = "application/json" } =
    answer;
  return {
    request: { method, target, headers: [] },
    response: {
      status,
      afterMs: 1,
      headers: [["content-type", type], ...answer.headers ?? []],
      chunks: [{
        afterMs: 0,
        text: answer.text ?? (body === undefined ? "" : JSON.stringify(body)),
      }],
    },
  };
}

const drift = (...exchanges: Exchange[]) =>
  findDrift(CONNECTOR, [{ connector: "c", version: "1", exchanges }]);

const stream = (text: string): Exchange =>
  exchange(undefined, { method: "POST", target: "/v1/chat", type: "text/event-stream", text });

/** A change of the API, what is found, and the overlay for it. */
const MUTATIONS: readonly (readonly [Exchange, kind: string, place: string, overlay?: object])[] = [
  [
    exchange({ ...USER, email: "a@b.example" }),
    "field-new",
    "User.email",
    { types: { User: { properties: { email: { type: "string" } } } } },
  ],
  [
    exchange({ ...USER, address: { city: "x", geo: { lat: 1.5 } } }),
    "field-new",
    "User.address.geo",
    {
      types: {
        User: {
          properties: {
            address: {
              properties: { geo: { type: "object", properties: { lat: { type: "number" } } } },
            },
          },
        },
      },
    },
  ],
  [
    exchange({ id: 1, role: "admin" }),
    "field-missing",
    "User.name",
    { types: { User: { required: ["id", "role"] } } },
  ],
  [
    exchange({ ...USER, id: "1" }),
    "type-changed",
    "User.id",
    { types: { User: { properties: { id: { type: "string" } } } } },
  ],
  [
    exchange({ ...USER, id: 1.5 }),
    "type-changed",
    "User.id",
    { types: { User: { properties: { id: { type: "number" } } } } },
  ],
  [
    exchange({ ...USER, tags: [1] }),
    "type-changed",
    "User.tags[]",
    { types: { User: { properties: { tags: { items: { type: "integer" } } } } } },
  ],
  [
    exchange({ ...USER, name: null }),
    "null-new",
    "User.name",
    { types: { User: { properties: { name: { nullable: true } } } } },
  ],
  [
    exchange({ ...USER, role: "guest" }),
    "enum-new",
    "User.role",
    { types: { User: { properties: { role: { enum: ["admin", "member", "guest"] } } } } },
  ],
  [exchange({ ...USER, pet: { kind: "bird" } }), "variant-new", "User.pet"],
  [
    exchange({ ...USER, manager: { ...USER, role: "guest" } }),
    "enum-new",
    "User.role",
    { types: { User: { properties: { role: { enum: ["admin", "member", "guest"] } } } } },
  ],
  [
    exchange({ ...USER, name: "a name that is long" }),
    "limit-exceeded",
    "User.name",
    { types: { User: { properties: { name: { maxLength: null } } } } },
  ],
  [exchange({}, { target: "/v1/teams" }), "path-unknown", "path"],
  [exchange({}, { method: "DELETE" }), "method-unknown", "path"],
  [exchange(undefined, { status: 301, headers: [["location", "/v2"]] }), "path-moved", "location"],
  [
    exchange(USER, { headers: [["deprecation", "@1767225600"]] }),
    "operation-deprecated",
    "deprecation",
  ],
  [exchange({ error: 1 }, { status: 418 }), "status-undeclared", "status"],
  [exchange({}, { status: 404 }), "field-missing", "Failure.message", {
    types: { Failure: { required: [] } },
  }],
  [exchange(USER, { type: "text/html" }), "content-type-changed", "content-type"],
  [exchange(undefined, { text: "<html>" }), "body-unreadable", "body"],
  [exchange(undefined), "body-empty", "body"],
  [stream(`data: {"text":"a"}\n\n`), "stream-unended", "end of the stream"],
  [
    stream(`data: {"text":"a","index":0}\n\ndata: [DONE]\n\n`),
    "field-new",
    "Piece.index",
    { types: { Piece: { properties: { index: { type: "integer" } } } } },
  ],
];

describe("drift", () => {
  test("is nothing where the API does as the spec says", async () => {
    const same = [
      exchange(USER),
      exchange({ id: 1, name: "A", role: "member" }),
      exchange({ message: "no" }, { status: 404 }),
      stream(`: hello\n\ndata: {"text":"a"}\n\ndata: [DONE]\n\n`),
    ];
    expect(await drift(...same)).toEqual([]);
  });

  for (const [mutated, kind, place, overlay] of MUTATIONS) {
    test(`${kind} at ${place}: ${JSON.stringify(overlay ?? "for people to decide")}`, async () => {
      const found = await drift(mutated);
      expect(found.map((one) => [one.kind, one.place])).toEqual([[kind, place]]);
      expect(proposeOverlay(found)).toEqual({ ...overlay });
    });
  }

  test("that shows often is one difference, counted; several make one overlay", async () => {
    const found = await drift(
      exchange({ ...USER, role: "guest" }),
      exchange({ ...USER, role: "guest" }),
      exchange({ ...USER, role: "owner" }),
      exchange({ id: 1 }),
    );
    expect(found.map(({ kind, times }) => [kind, times])).toEqual([
      ["enum-new", 2],
      ["enum-new", 1],
      ["field-missing", 1],
      ["field-missing", 1],
    ]);
    expect(proposeOverlay(found)).toEqual({
      types: {
        User: {
          properties: { role: { enum: ["admin", "member", "guest", "owner"] } },
          required: ["id"],
        },
      },
    });
  });
});
