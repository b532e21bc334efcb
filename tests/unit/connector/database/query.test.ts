/** What is asked of a database for an input: the statement or command as it is written, values beside it. */
import { describe, expect, test } from "bun:test";
import type { CallReply, RuntimeCall } from "../../../../src/core/call.ts";
import {
  call,
  command,
  ConnectorClient,
  type ConnectorData,
  databaseServer,
  jsonBody,
  jsonResult,
  type OperationData,
  statement,
} from "../../../../src/connector/mod.ts";
import { ApiError } from "../../../../src/connector/mod.ts";
import { ConnectorError } from "../../../../src/core/errors.ts";

const connector: ConnectorData = {
  id: "shop",
  version: "1.0.0",
  servers: { default: databaseServer("SHOP_DB", "postgres", "pglite") },
  config: [{ name: "url", env: "SHOP_DB", secret: true, optional: true }],
  errors: { error: ApiError },
};
const URL = "postgres://user:p%40ssword@db.example/shop";

function operation(place: NonNullable<OperationData["place"]>): OperationData {
  return {
    id: "orders.get",
    method: "POST",
    path: "/orders.get",
    place,
    body: { encode: jsonBody, contentType: "application/json", required: true },
    accept: "application/json",
    result: jsonResult,
  };
}

interface Sent {
  readonly url: string;
  readonly body: unknown;
}

async function sent(
  place: NonNullable<OperationData["place"]>,
  input: unknown,
  options: Record<string, unknown> = { url: URL },
): Promise<Sent> {
  let seen: Sent | undefined;
  const runtime = {
    call(request: RuntimeCall): Promise<CallReply> {
      const body = new TextDecoder().decode(request.body as Uint8Array);
      seen = { url: request.url, body: JSON.parse(body) as unknown };
      return Promise.resolve({
        requestId: "1",
        status: 200,
        headers: [],
        body: new TextEncoder().encode("null"),
        attempts: 1,
        durationUs: 1,
      });
    },
  };
  const client = new ConnectorClient(connector, { ...options, runtime });
  await call(client, operation(place), input);
  return seen as Sent;
}

async function refusal(work: Promise<unknown> | (() => unknown)): Promise<ConnectorError> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectorError);
    return error as ConnectorError;
  }
  throw new Error("Expected a refusal.");
}

describe("a statement", () => {
  const place = statement({
    statement: "select * from orders where customer = $1 and at < $2 and note = $3",
    inputs: [{ name: "customer" }, { name: "before", fallback: null }, {
      name: "photo",
      fallback: "",
      bytes: true,
    }],
    result: "rows",
    session: { readOnly: true, set: { "app.tenant": [{ call: "tenantId" }] } },
    maxRows: 10,
    as: { id: "number" },
  });

  test("goes as it is written, with its values in order and what holds for it", async () => {
    const hostile = "'; drop table orders; --";
    expect(await sent(place, { customer: hostile, photo: "aGk=" })).toEqual({
      url: URL,
      body: {
        statement: "select * from orders where customer = $1 and at < $2 and note = $3",
        parameters: [hostile, null, { $bytes: "aGk=" }],
        result: "rows",
        session: { readOnly: true, set: { "app.tenant": [{ call: "tenantId" }] } },
        maxRows: 10,
        as: { id: "number" },
      },
    });
  });

  const values = statement({
    statement: "select $1",
    inputs: [{ name: "value" }],
    result: "value",
  });
  const bound = async (value: unknown) =>
    ((await sent(values, { value })).body as { parameters: unknown[] }).parameters[0];

  test("takes what JSON has, and what can be said in it", async () => {
    for (const value of [null, 0, -1.5, "", "é", true, [1, "a", null], { a: [1] }]) {
      expect(await bound(value)).toEqual(value);
    }
    expect(await bound(9007199254740993n)).toBe("9007199254740993");
    expect(await bound([9007199254740993n, 1])).toEqual(["9007199254740993", 1]);
    expect(await bound(new Date(0))).toBe("1970-01-01T00:00:00.000Z");
    expect(await bound(new Uint8Array([104, 105]))).toEqual({ $bytes: "aGk=" });
  });

  test("refuses what JSON would turn into something else", async () => {
    for (const value of [Number.NaN, Infinity, () => 1, Symbol("x"), "\ud800"]) {
      expect(await refusal(sent(values, { value }))).toMatchObject({ code: "request.parameter" });
    }
  });

  test("refuses inputs that it does not have, and misses those that it needs", async () => {
    expect((await refusal(sent(values, { value: 1, other: 2 }))).message).toBe(
      'orders.get takes no "other": it takes value',
    );
    expect((await refusal(sent(values, {}))).message).toBe(
      "orders.get needs value: it is undefined",
    );
    // What every object has is not an input.
    const own = statement({
      statement: "select $1",
      inputs: [{ name: "toString" }],
      result: "value",
    });
    expect((await refusal(sent(own, {}))).message).toContain("needs toString");
  });

  test("is not sent to a stand-in, which gets the operation's name and the input", async () => {
    const options = { url: URL, baseURL: "http://127.0.0.1:4545/mock/shop/" };
    expect(await sent(place, { customer: 7 }, options)).toEqual({
      url: "http://127.0.0.1:4545/mock/shop/orders.get",
      body: { customer: 7 },
    });
  });
});

describe("a command", () => {
  const get = command({
    command: ["SET", ["user:", 0, ":name"], 1, "EX", 2],
    inputs: [{ name: "id" }, { name: "name" }, { name: "seconds", fallback: 60 }],
  });

  test("keeps a value in one argument, whatever is in it", async () => {
    expect((await sent(get, { id: "1 2\r\nFLUSHALL", name: "Ada", seconds: 5 })).body).toEqual({
      command: ["SET", "user:1 2\r\nFLUSHALL:name", "Ada", "EX", "5"],
    });
    expect((await sent(get, { id: 7, name: { a: 1 } })).body).toEqual({
      command: ["SET", "user:7:name", '{"a":1}', "EX", "60"],
    });
  });

  test("makes an argument of each item of a list", async () => {
    const many = command({
      command: ["MGET", { each: 0 }],
      inputs: [{ name: "keys" }],
      readOnly: true,
    });
    expect((await sent(many, { keys: ["a", "b c"] })).body).toEqual({
      command: ["MGET", "a", "b c"],
      readOnly: true,
    });
    expect(await refusal(sent(many, { keys: ["a", null] }))).toMatchObject({
      code: "request.parameter",
    });
  });

  test("has no argument that is nothing, and joins no bytes with text", async () => {
    expect((await refusal(sent(get, { id: null, name: "x" }))).message).toBe(
      "orders.get needs id: it is null",
    );
    const bytes = new Uint8Array([1]);
    expect((await sent(get, { id: 1, name: bytes })).body).toMatchObject({
      command: ["SET", "user:1:name", { $bytes: "AQ==" }, "EX", "60"],
    });
    expect(await refusal(sent(get, { id: bytes, name: "x" }))).toMatchObject({
      code: "request.parameter",
    });
  });
});

describe("the address", () => {
  const create = (options: Record<string, unknown>) => () =>
    new ConnectorClient(connector, {
      runtime: { call: () => Promise.reject(new Error("refused p@ssword p%40ssword")) },
      ...options,
    });

  test("comes from the configuration, and is of such a database", async () => {
    for (const url of ["postgres://h/d", "pglite:shop", "database:shop"]) {
      expect((await sent(statement({ statement: "select 1", result: "value" }), {}, { url })).url)
        .toBe(url);
    }
    for (const url of ["redis://h", "mysql://h", "shop.db", "javascript:alert(1)"]) {
      const error = await refusal(create({ url }));
      expect(error.code).toBe("config.invalid");
      expect(error.message).toContain("postgres: or pglite:");
    }
    expect((await refusal(create({}))).message).toBe("shop needs url: give url or set SHOP_DB");
  });

  test("is never shown, and neither is the password in it", async () => {
    const error = await refusal(create({ url: "postgres+ssl://user:hunter22@h/d" }));
    expect(error.message).not.toContain("hunter22");
    const place = operation(statement({ statement: "select 1", result: "value" }));
    for (const options of [{ url: URL }, { url: "pglite:x", baseURL: URL }]) {
      const failed = await Promise.resolve(call(create(options)(), place)).then(
        () => undefined,
        (reason: unknown) => reason as Error,
      );
      expect(failed?.message).toBe("refused [redacted] [redacted]");
    }
  });

  test("is the configuration's unless the client is given another", async () => {
    const place = statement({ statement: "select 1", result: "value" });
    const baseURL = "pglite:other";
    expect((await sent(place, {}, { url: "pglite:shop", baseURL })).url).toBe(baseURL);
    expect((await sent(place, {}, { baseURL })).url).toBe(baseURL);
  });

  test("of a runtime that holds the credentials is the one that the client is given", async () => {
    const place = statement({ statement: "select 1", result: "value" });
    const held = { credentials: "runtime", baseURL: "database:shop" };
    expect((await sent(place, {}, held)).url).toBe("database:shop");
    expect((await refusal(create({ credentials: "runtime" }))).message).toContain("needs baseURL");
  });
});
