/** docs/protocol.md repeats the schema's tables, so that a client can be written from the page alone. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MessageType } from "../../../src/wire/mod.ts";

const root = join(import.meta.dirname, "../../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const page = read("docs/protocol.md");
const schema = read("schemas/connector_ipc.fbs").replace(/\/\/.*/g, "");

const SHORT: Readonly<Record<string, string>> = {
  ubyte: "u8",
  ushort: "u16",
  uint: "u32",
  ulong: "u64",
  int: "i32",
  long: "i64",
};

/** First and second cell of every row of the page's tables. */
const rows = new Map(
  [...page.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm)].map((
    [, name = "", cell = ""],
  ) => [name, cell]),
);

test("every table of the schema is on the page, with its fields in their slots", () => {
  const tables = [...schema.matchAll(/table (\w+) \{([^}]*)\}/g)];
  expect(tables.length).toBeGreaterThan(15);
  for (const [, name = "", fields = ""] of tables) {
    const said = [...fields.matchAll(/(\w+): ([[\]\w]+)/g)].map(([, field, type = ""], slot) =>
      `${slot} ${field} ${type.replace(/\w+/, (word) => SHORT[word] ?? word)}`
    );
    expect([name, rows.get(name)]).toEqual([name, said.join(", ")]);
  }
});

test("every enumeration of the schema is on the page, in its order", () => {
  const enumerations = [...schema.matchAll(/enum (\w+) : byte \{([^}]*)\}/g)];
  expect(enumerations.length).toBeGreaterThan(4);
  for (const [, name = "", values = ""] of enumerations) {
    const names = [...values.matchAll(/(\w+) = (\d+)/g)];
    expect(names.map(([, , number]) => Number(number))).toEqual([...names.keys()]);
    expect([name, rows.get(name)]).toEqual([name, names.map(([, value]) => value).join(", ")]);
  }
});

test("every type of message is on the page with its number", () => {
  for (const [name, number] of Object.entries(MessageType)) {
    expect(page).toMatch(new RegExp(`^\\| ${number} +\\| ${name} +\\|`, "m"));
  }
});
