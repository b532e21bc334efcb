/** The demo in PGlite, which every machine has: what the server holds is the same as in PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { parse } from "yaml";
import { definition, PostgresDemo } from "../../connectors/postgres-demo/mod.gen.ts";
import { ConnectorError, RuntimeClient } from "../../mod.ts";
import { mcp } from "../../src/mcp/mod.ts";
import { createWorker, openApi, type Worker } from "../../src/worker/mod.ts";
import { collect, rejection } from "./support.ts";

const FOLDER = new URL("../../connectors/postgres-demo/", import.meta.url);

describe("postgres-demo", () => {
  let folder: string;
  let url: string;
  let runtime: RuntimeClient;
  let acme: PostgresDemo;
  let other: PostgresDemo;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vastar-demo-"));
    // In a folder both tenants have one database; in memory each would have one of its own.
    url = `pglite:${folder}/shop`;
    runtime = new RuntimeClient({
      address: "embedded:",
      // PostgreSQL in WebAssembly starts on this processor, which others may be using.
      engine: { connectTimeoutMs: 30_000, databases: { files: [`${folder}/*`] } },
    });
    acme = new PostgresDemo({ url, runtime, tenantId: "acme" });
    other = new PostgresDemo({ url, runtime, tenantId: "other" });
    await acme.shop.create({}, { timeoutMs: 60_000 });
  }, 60_000);
  afterAll(async () => {
    await runtime.close();
    await rm(folder, { recursive: true });
  });

  test("its statement for the tables is schema.sql", () => {
    const spec = parse(readFileSync(new URL("connector.yaml", FOLDER), "utf8")) as {
      operations: Record<string, { sql: string }>;
    };
    expect(spec.operations["shop.create"]?.sql).toBe(
      readFileSync(new URL("schema.sql", FOLDER), "utf8"),
    );
  });

  test("can be created again, which changes nothing", async () => {
    const before = await acme.customers.list();
    await acme.shop.create();
    expect(await acme.customers.list()).toEqual(before);
    expect(before).toEqual([
      { id: "1", name: "Ada", email: "ada@example.com", since: "2026-01-10" },
      { id: "2", name: "Bo", email: null, since: "2026-02-01" },
    ]);
  });

  test("reads, writes, and streams", async () => {
    const { id } = await acme.customers.add({ name: "Cy" });
    expect(await acme.customers.get({ id })).toMatchObject({ name: "Cy", email: null });
    expect(await acme.customers.get({ id: 404 })).toBeNull();
    const [tea] = await acme.products.search({ text: "GREEN" });
    expect(tea).toEqual({
      id: "1",
      name: "Green tea",
      price: 4.5,
      tags: ["tea", "organic"],
      details: { grams: 100 },
    });
    const order = await acme.orders.place({
      customer: id,
      lines: [{ product: "1", quantity: 2 }, { product: "3", quantity: 1 }],
    });
    expect(await acme.orders.pay({ id: order })).toBe(1);
    expect(await acme.orders.pay({ id: order })).toBe(0);
    expect(await acme.orders.byCustomer({ customer: id })).toMatchObject([
      { id: order, status: "paid", total: "38.00" },
    ]);
    const lines = await collect(acme.orders.export());
    expect(lines).toMatchObject([
      { id: order, customer: "Cy", product: "Green tea", quantity: 2, amount: "9.00" },
      { id: order, customer: "Cy", product: "Teapot", quantity: 1, amount: "29.00" },
    ]);
    expect(await acme.sales.byDay()).toMatchObject([{ orders: 1, revenue: 38 }]);
    await acme.check();
  });

  test("a tenant neither sees nor touches the rows of another", async () => {
    expect(await other.customers.list()).toEqual([]);
    await other.shop.create();
    const ids = (await acme.customers.list()).map(({ id }) => id);
    const others = await other.customers.list();
    expect(others.map(({ name }) => name)).toEqual(["Ada", "Bo"]);
    expect(others.filter(({ id }) => ids.includes(id))).toEqual([]);
    const [theirs = ""] = ids;
    expect(await other.customers.get({ id: theirs })).toBeNull();
    const place = other.orders.place({ customer: theirs, lines: [{ product: "1", quantity: 1 }] });
    expect(await rejection(place)).toBeInstanceOf(ConnectorError);
    expect(await other.sales.byDay()).toEqual([]);
    expect(await acme.sales.byDay()).toHaveLength(1);
  });

  describe("in a worker", () => {
    let worker: Worker;
    beforeAll(() => {
      worker = createWorker({
        connectors: [definition],
        runtime,
        config: { [definition.id]: { url, tenantId: "acme" } },
        env: () => undefined,
        parts: [openApi(), mcp({ mode: "direct" })],
      });
    });

    const post = (operation: string, input: unknown, accept = "application/json") =>
      worker.fetch(
        new Request(`http://localhost/connectors/postgres-demo/${operation}`, {
          method: "POST",
          headers: { "content-type": "application/json", accept },
          body: JSON.stringify(input),
        }),
      );

    test("each operation has a route, which checks its input and streams its rows", async () => {
      const answer = await post("products.search", { text: "teapot" });
      expect(await answer.json()).toMatchObject([{ name: "Teapot", price: 29 }]);
      const wrong = await post("products.search", { text: 1 });
      expect(wrong.status).toBe(400);
      const rows = await post("orders.export", {}, "application/x-ndjson");
      const lines = (await rows.text()).trim().split("\n").map((line) =>
        JSON.parse(line) as unknown
      );
      expect(lines).toMatchObject([{ product: "Green tea" }, { product: "Teapot" }]);
      const refused = await post("customers.add", { name: "Ada", email: "x".repeat(30) });
      expect(refused.status).toBe(400);
    });

    test("what the server refuses is a problem with its code", async () => {
      const answer = await post("orders.place", {
        customer: "404",
        lines: [{ product: "1", quantity: 1 }],
      });
      const problem = await answer.json() as Record<string, unknown>;
      expect(problem).toMatchObject({ code: "database.constraint", sent: "committed" });
      expect(JSON.stringify(problem)).not.toContain(folder);
    });

    test("the OpenAPI document has its types", async () => {
      const document = await (await worker.fetch(new Request("http://localhost/openapi.json")))
        .json() as {
          paths: Record<string, unknown>;
          components: { schemas: Record<string, unknown> };
        };
      expect(Object.keys(document.paths)).toContain("/connectors/postgres-demo/orders.place");
      expect(JSON.stringify(document)).toContain("CustomersListRow");
    });

    test("an agent has a tool for each, and knows which only read", async () => {
      const client = new Client({ name: "test", version: "1" });
      const fetch = async (to: string | URL, init?: RequestInit) =>
        await worker.fetch(new Request(to, init));
      await client.connect(
        new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), { fetch }),
      );
      const { tools } = await client.listTools();
      const hints = new Map(
        tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint]),
      );
      expect(hints.get("postgres-demo_customers_list")).toBe(true);
      expect(hints.get("postgres-demo_orders_place")).toBe(false);
      const result = await client.callTool({
        name: "postgres-demo_customers_get",
        arguments: { id: "1" },
      });
      expect(result.structuredContent).toMatchObject({ result: { name: "Ada" } });
      await client.close();
    });
  });

  test("refuses what is not the input, before anything is sent", async () => {
    const error = await rejection(acme.customers.get({ id: 1, name: "x" } as never));
    expect(error).toMatchObject({ code: "request.parameter" });
    expect(await rejection(acme.customers.get({} as never))).toMatchObject({
      message: expect.stringContaining("needs id") as string,
    });
  });
});
