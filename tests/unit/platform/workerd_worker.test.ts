import { describe, expect, test } from "bun:test";
import { BUNDLED, findConnectors } from "../../../cli/find_connectors.ts";
import { connectors } from "../../../src/platform/entry/connectors.ts";
import worker from "../../../src/platform/workerd/worker.ts";

const DATABASES = ["postgres-demo", "redis-demo"];

describe("the worker for workerd", () => {
  test("names every connector that comes with the program but those of databases", async () => {
    const found = await findConnectors(BUNDLED);
    // There are no drivers of databases on workerd.
    const possible = found.filter(({ id }) => !DATABASES.includes(id));
    expect(connectors.map(({ id }) => id)).toEqual(possible.map(({ id }) => id));
  });

  test("is configured by its bindings", async () => {
    const list = async (bindings: object) => {
      const response = await worker.fetch(new Request("http://localhost/connectors"), {
        ...bindings,
      });
      const { connectors } = await response.json() as {
        connectors: { id: string; configured: boolean }[];
      };
      return connectors.find(({ id }) => id === "openai")?.configured;
    };
    expect(await list({})).toBe(false);
    expect(await list({ OPENAI_API_KEY: "sk-bound" })).toBe(true);
  });
});
