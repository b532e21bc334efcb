import { expect, test } from "bun:test";
import fc from "fast-check";
import { definition as openai } from "../../../connectors/openai/definition.gen.ts";
import type { OperationDefinition } from "../../../src/connector/definition/definition.ts";
import { annotationsOf } from "../../../src/mcp/catalog/annotations.ts";
import { createCatalog } from "../../../src/mcp/catalog/catalog.ts";
import { toolName } from "../../../src/mcp/catalog/tool_name.ts";
import { halfOf } from "../../support/share.ts";

/** Ids that differ in what a name cannot carry, or only beyond its end. */
const id = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", "A", ".", "_", "-", "ä", "1"), maxLength: 6 }),
  fc.string({ unit: fc.constantFrom("a", "."), minLength: 55, maxLength: 70 }),
);

test("names are what models take, and no two operations share one", () => {
  const names = new Map<string, string>();
  fc.assert(
    fc.property(id, id, (connector, operation) => {
      const name = toolName(connector, operation);
      expect(name).toMatch(/^[A-Za-z\d_-]{1,64}$/);
      expect(toolName(connector, operation)).toBe(name);
      const whose = JSON.stringify([connector, operation]);
      expect(names.get(name) ?? whose).toBe(whose);
      names.set(name, whose);
    }),
    halfOf(2_000),
  );
});

test("a name is its id where that can be told from it, else marked", () => {
  expect(toolName("openai", "chat.completions.create")).toBe("openai_chat_completions_create");
  expect(toolName("google-drive", "files.list")).toBe("google-drive_files_list");
  expect(toolName("shop", "orders.list_all")).toBe("shop_orders_list_all-351ce4abe6zjq");
});

function operation(over: Partial<OperationDefinition>): OperationDefinition {
  return { ...openai.operations[0] as OperationDefinition, ...over };
}

test("annotations come from the method, and from the name where a POST says that it only adds", () => {
  const hints = (method: string, name: string) => {
    const { readOnlyHint, destructiveHint, idempotentHint } = annotationsOf(
      operation({ method, id: name }),
    );
    return [readOnlyHint, destructiveHint, idempotentHint];
  };
  expect(hints("GET", "a.list")).toEqual([true, false, true]);
  expect(hints("POST", "chat.postMessage")).toEqual([false, false, false]);
  expect(hints("POST", "chat.delete")).toEqual([false, true, false]);
  expect(hints("PUT", "a.set")).toEqual([false, true, true]);
  expect(hints("PATCH", "a.update")).toEqual([false, true, false]);
  expect(hints("DELETE", "a.create")).toEqual([false, true, true]);
});

test("an operation that cannot do without a secret among its arguments is not a tool", () => {
  const input = (required: string[]) => ({
    type: "object",
    required,
    properties: { "api-key": { type: "string" }, pin: { type: "string", format: "password" } },
  } as const);
  const parameters = [
    { name: "api-key", wire: "X-API-Key", in: "header", required: false },
  ] as const;
  const { entries } = createCatalog([{
    ...openai,
    operations: [
      operation({ id: "free", input: input([]), parameters }),
      operation({ id: "keyed", input: input(["api-key"]), parameters }),
      operation({ id: "pinned", input: input(["pin"]), parameters }),
    ],
  }]);
  expect(entries.map(({ operation: { id: one } }) => one)).toEqual(["free"]);
  expect([...entries[0]?.secrets ?? []]).toEqual(["api-key"]);
});
