/** The demo in PGlite, which every machine has: what the server holds is the same as in PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { PostgresDemo } from "../../connectors/postgres-demo/mod.gen.ts";
import { ConnectorError, RuntimeClient } from "../../mod.ts";
import { collect, rejection } from "./support.ts";

const FOLDER = new URL("../../connectors/postgres-demo/", import.meta.url);

describe("postgres-demo", () => {
  let folder: string;
  let runtime: RuntimeClient;
  let acme: PostgresDemo;
  let other: PostgresDemo;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vastar-demo-"));
    // In a folder both tenants have one database; in memory each would have one of its own.
    const url = `pglite:${folder}/shop`;
    runtime = new RuntimeClient({
      address: "embedded:",
      engine: { databases: { files: [`${folder}/*`] } },
    });
    acme = new PostgresDemo({ url, runtime, tenantId: "acme" });
    other = new PostgresDemo({ url, runtime, tenantId: "other" });
    await acme.shop.create();
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

  test("refuses what is not the input, before anything is sent", async () => {
    const error = await rejection(acme.customers.get({ id: 1, name: "x" } as never));
    expect(error).toMatchObject({ code: "request.parameter" });
    expect(await rejection(acme.customers.get({} as never))).toMatchObject({
      message: expect.stringContaining("needs id") as string,
    });
  });
});
