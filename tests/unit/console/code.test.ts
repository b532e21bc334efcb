/** The call that was sent, as a command, as a program and as a request of an agent. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { camelCase as generated } from "../../../codegen/read/names.ts";
import { definition as github } from "../../../connectors/github/definition.gen.ts";
import { definition as openai } from "../../../connectors/openai/definition.gen.ts";
import { definition as bigints } from "../../codegen/golden/bigints/definition.gen.ts";
import type { ConnectorDefinition } from "../../../src/connector/definition/definition.ts";
import { curl } from "../../../src/console/code/curl.ts";
import { literal } from "../../../src/console/code/literal.ts";
import { mcpCall, modeOf } from "../../../src/console/code/mcp.ts";
import { camelCase } from "../../../src/console/code/names.ts";
import type { Subject } from "../../../src/console/code/subject.ts";
import { BUNDLED, typeScript } from "../../../src/console/code/typescript.ts";

const BASE = "http://127.0.0.1:8787/";

function subject(
  { id: connector, operations, types }: ConnectorDefinition,
  id: string,
  input: unknown,
  keyed = false,
): Subject {
  const operation = operations.find((one) => one.id === id);
  if (operation === undefined) throw new Error(id);
  return { base: BASE, keyed, input, operation: { connector, call: "", ...operation, types } };
}

const HELLO = { model: "gpt-4o-mini", messages: [{ role: "user", content: "It's me" }] };
const chat = (more: object = {}, keyed = false) =>
  subject(openai, "chat.completions.create", { ...HELLO, ...more }, keyed);
const upload = subject(openai, "files.create", {
  purpose: "@home",
  file: new File(["x"], "my notes.txt"),
});

describe("curl", () => {
  test("sends the input, quoted, and names the variable with the key instead of the key", () => {
    expect(curl(chat({ stream: true }, true))).toBe(
      `curl -N ${BASE}connectors/openai/chat.completions.create \\
  -H "authorization: Bearer $VASTAR_KEY" \\
  -H 'content-type: application/json' \\
  -d '{
  "model": "gpt-4o-mini",
  "messages": [
    {
      "role": "user",
      "content": "It'\\''s me"
    }
  ],
  "stream": true
}'`,
    );
    expect(curl(chat())).not.toContain("-N");
  });

  test("sends files as a form, and no text is taken for the name of one", () => {
    expect(curl(upload)).toBe(
      `curl ${BASE}connectors/openai/files.create \\
  --form-string purpose=@home \\
  -F 'file=@my notes.txt'`,
    );
  });
});

describe("TypeScript", () => {
  const { id, className, config } = openai;
  const write = (one: Subject, standIn?: Parameters<typeof typeScript>[2]) =>
    typeScript(one, { id, className: className ?? "", config }, standIn);

  test("calls the method of the generated client, and shows what comes as it comes", () => {
    expect(write(chat())).toBe(`import { OpenAI } from "@vastar/connector/connectors/openai";

const openai = new OpenAI(); // OPENAI_API_KEY
const answer = await openai.chat.completions.create({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "It's me" }],
});
console.log(answer);
`);
    expect(write(chat({ stream: true }))).toContain(
      "for await (const text of answer.textStream) {\n  process.stdout.write(text);\n}",
    );
    expect(write(subject(openai, "models.list", {}))).toContain(
      "const answer = openai.models.list();\nfor await (const item of answer) {",
    );
    expect(write(upload)).toContain(
      'file: new File([await readFile("my notes.txt")], "my notes.txt")',
    );
  });

  test("of another connector is imported from where it was generated; without a class there is none", () => {
    const own = { id: "my-api", className: "MyApi", config: [] };
    expect(typeScript(chat(), own, undefined)).toContain(
      'import { MyApi } from "./connectors/my-api/mod.gen.ts";\n\nconst myApi = new MyApi();',
    );
    expect(typeScript(chat(), { id: "x", config: [] }, undefined)).toBe(undefined);
  });

  test("goes to the simulator where that stands in for the API", () => {
    const standIn = { baseURL: "http://127.0.0.1:4545/v1", options: { apiKey: "sk-simulator" } };
    expect(write(chat(), standIn)).toContain(
      `const runtime = new RuntimeClient({ egress: { allow: ["127.0.0.1:4545"] } });
const openai = new OpenAI({ baseURL: "http://127.0.0.1:4545/v1", apiKey: "sk-simulator", runtime });`,
    );
  });

  test("imports from the entries that the package has", () => {
    const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
      exports: Record<string, string>;
    };
    expect(Object.keys(exports).filter((path) => path.startsWith("./connectors/")))
      .toEqual(BUNDLED.map((id) => `./connectors/${id}`));
  });

  test("names members as the generator does", () => {
    const segment = fc.stringMatching(/^[A-Za-z][\w-]{0,12}$/);
    fc.assert(fc.property(segment, (name) => camelCase(name) === generated(name)));
    expect(github.operations.flatMap(({ id }) => id.split(".")).map(camelCase)).toContain(
      "listForRepo",
    );
  });

  test("writes any value as an expression that means it", async () => {
    const values = fc.sample(fc.jsonValue(), 100);
    const folder = await mkdtemp(join(tmpdir(), "vastar-literals-"));
    const file = join(folder, "values.mjs");
    await writeFile(file, `export const values = ${literal(values, String)};\n`);
    const read = await import(pathToFileURL(file).href) as { values: unknown };
    await rm(folder, { recursive: true });
    expect(JSON.stringify(read.values)).toBe(JSON.stringify(values));
    expect(literal({ ["__proto__"]: 1, a: undefined, "b-c": "\u2028" }, String))
      .toBe('{ ["__proto__"]: 1, "b-c": "\\u2028" }');
  });
});

describe("a call of an agent", () => {
  test("is to the operation's tool, or to the one that calls any", () => {
    expect(JSON.parse(mcpCall(chat(), "direct") ?? "")).toMatchObject({
      method: "tools/call",
      params: { name: "openai_chat_completions_create", arguments: HELLO },
    });
    expect(JSON.parse(mcpCall(chat(), "search") ?? "")).toMatchObject({
      params: {
        name: "call",
        arguments: { operation: "openai.chat.completions.create", input: HELLO },
      },
    });
    expect(mcpCall(upload, "direct")).toBe(undefined);
  });

  test("is as the list of tools says", () => {
    const listed = (...names: string[]) => ({ result: { tools: names.map((name) => ({ name })) } });
    expect(modeOf(listed("search", "describe", "call", "read"))).toBe("search");
    expect(modeOf(listed("openai_models_list", "read"))).toBe("direct");
    expect(modeOf({ error: {} })).toBe("direct");
  });
});

test("a program gives a bigint where the spec says so, and JSON has text", () => {
  const input = {
    id: "9007199254740993",
    filter: { ids: ["7"] },
    ids: ["1"],
  };
  const connector = { id: "bigints", className: "Bigints", config: [] };
  const program = (id: string, given: unknown): string =>
    typeScript(subject(bigints, id, given), connector, undefined)?.replace(/\s+/g, " ") ?? "";
  expect(program("nodes.get", input)).toContain(
    "{ id: 9007199254740993n, filter: { ids: [7n] }, ids: [1n], }",
  );
  expect(curl(subject(bigints, "nodes.get", input))).toContain('"id": "9007199254740993"');
  const create = { id: "1", text: "2", sums: { a: "3" }, pair: [1, "4"], parent: { id: "5" } };
  expect(program("nodes.create", create)).toContain(
    'id: 1n, text: "2", sums: { a: 3n }, pair: [1, 4n], parent: { id: 5n }',
  );
});
