import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ts } from "ts-morph";
import { documentConnector } from "../../../codegen/docs/mod.ts";
import type { ConnectorModel } from "../../../codegen/model/mod.ts";
import { formatDiagnostics } from "../../../codegen/read/report/format.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import { ownOf } from "../../support/share.ts";

const CONNECTORS = fileURLToPath(new URL("../../../connectors/", import.meta.url));

function load(path: string, text: string): ConnectorModel {
  const { model, diagnostics } = loadConnector({ path, text });
  if (model === undefined) throw new Error(formatDiagnostics(diagnostics));
  return model;
}

function blocks(page: string, language: string): string[] {
  return [...page.matchAll(/^(`{3,})(\w*)\n([\s\S]*?)^\1$/gm)]
    .filter(([, , found]) => found === language).map(([, , , text]) => text ?? "");
}

/** The page without its code. */
function prose(page: string): string {
  return page.replace(/^(`{3,})\w*\n[\s\S]*?^\1$/gm, "");
}

function slugs(page: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
    const slug = heading.toLowerCase().replace(/[^\w\s-]/g, "").replaceAll(" ", "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

for (const id of ownOf(readdirSync(CONNECTORS).sort())) {
  const path = `${CONNECTORS}${id}/connector.yaml`;
  describe(`the page of ${id}`, () => {
    const { model } = loadConnector(path);
    if (model === undefined) throw new Error(`${path} is not sound`);
    const page = documentConnector(model);

    test("has every operation, type and configuration field", () => {
      for (const operation of model.operations) {
        expect(page).toContain(`\n### \`${operation.id}\`\n`);
      }
      for (const type of model.types) expect(page).toContain(`\n### ${type.name}\n`);
      for (const field of model.config) expect(page).toContain(`\`${field.name}\``);
    });
    test("has only links that lead somewhere", () => {
      const known = new Set(slugs(page));
      const links = [...prose(page).matchAll(/\]\(#([^)]*)\)/g)].map(([, slug]) => slug ?? "");
      expect(links.length > 0).toBe(model.types.length > 0);
      expect(links.filter((slug) => !known.has(slug))).toEqual([]);
    });
    test("has tables whose rows have as many cells as their heads", () => {
      const tables = prose(page).match(/(?:^\|.*\|\n)+/gm) ?? [];
      for (const table of tables) {
        const cells = table.trim().split("\n").map((row) => row.split(/(?<!\\)\|/).length);
        expect(new Set(cells).size).toBe(1);
      }
    });
    test("has examples that are TypeScript", () => {
      const snippets = blocks(page, "ts");
      expect(snippets.length).toBeGreaterThan(model.operations.length);
      for (const snippet of snippets) {
        const { diagnostics } = ts.transpileModule(snippet, { reportDiagnostics: true });
        expect((diagnostics ?? []).map(({ messageText }) => messageText)).toEqual([]);
      }
    });
    test("is the same every time", () => expect(documentConnector(model)).toBe(page));
  });
}

const SMALL = `connector: 1
id: small-api
version: 1.0.0
description: "Tells <b>much</b> with pipes | and \`ticks\`."
servers: { default: https://small.example, eu: https://eu.small.example }
config:
  key: { type: string, secret: true, env: SMALL_KEY }
  mode: { enum: [fast, safe], default: fast, description: "One | the other" }
  color: { type: string }
auth: { type: bearer, token: "\${config.key}" }
headers: { X-Mode: "\${config.mode}", X-Color: "\${config.color}" }
operations:
  things.list:
    get: /things
    input:
      after: { in: query, type: string, optional: true, description: "First\\nsecond line" }
      limit: { in: query, type: integer, minimum: 1, maximum: 50, default: 10 }
    result: { type: object, required: [items], properties: { items: { type: array, items: Thing }, next: string } }
    paginate: { style: cursor, next: $.next, param: after, items: $.items }
  things.put:
    put: /things/{id}
    server: eu
    deprecated: Use another.
    input: { id: { in: path, type: string } }
    body: Thing
    examples:
      - name: plain
        input: { id: "a\\"b: c", odd-key: { deep: "key\\": 1" }, name: x }
        status: 404
        output: { "message": "\`\`\` no" }
    errors: [{ status: 404, class: Missing, retry: never }]
types:
  Thing:
    type: object
    properties:
      name: { type: string, nullable: true }
      odd-key: { type: object, properties: { deep: string } }
      kind: { oneOf: [Kind, integer] }
  Kind: { enum: ["a|b", "c"] }
`;

describe("a small page", () => {
  const page = documentConnector(load("small/connector.yaml", SMALL), { specifier: "small" });

  test("says how to make a client", () => {
    expect(blocks(page, "ts")[0]).toBe(
      'import { SmallApi } from "small";\n\nconst smallApi = new SmallApi({ color: "…" }); // SMALL_KEY\n',
    );
  });
  test("escapes what Markdown and HTML would take for theirs", () => {
    expect(page).toContain("Tells \\<b>much\\</b> with pipes | and `ticks`.");
    expect(page).toContain("One \\| the other");
    expect(page).toContain("| First second line ");
    expect(page).toContain('\n### Kind\n\n`"a|b" | "c"`\n');
  });
  test("opens objects without a name, says limits and what is null", () => {
    expect(page).toMatch(/\| `odd-key\.deep` +\| `string` /);
    expect(page).toMatch(/\| `items` \(required\) +\| \[Thing\]\(#thing\)`\[\]` /);
    expect(page).toMatch(/\| `limit` .*Default: `10`\. 1 to 50\./);
    expect(page).toMatch(/\| `name` +\| `string \\\| null` /);
    expect(page).toMatch(/\| `kind` +\| \[Kind\]\(#kind\) \\\| `integer` /);
  });
  test("writes calls as programs do", () => {
    expect(page).toContain(
      "```ts\nfor await (const item of smallApi.things.list()) {\n  console.log(item);\n}\n```",
    );
    expect(page).toContain(
      'await smallApi.things.put({\n  id: "a\\"b: c",\n  "odd-key": {\n    deep: "key\\": 1"\n  },\n  name: "x"\n}); // fails with status 404',
    );
  });
  test("tells servers, deprecations and errors", () => {
    expect(page).toContain("`PUT /things/{id}` on the server `eu`");
    expect(page).toContain("**Deprecated.** Use another.");
    expect(page).toMatch(/\| `MissingError` +\| 404 +\| Never retried\. \|/);
  });
});

describe("an operation without examples", () => {
  const text = `connector: 1
id: bare
version: 1.0.0
servers: { default: https://bare.example }
operations:
  get: { get: "/things/{id}", input: { id: string, odd-key: { in: query, type: string } }, result: Thing }
  add: { post: /things, body: Thing, result: Thing }
  list: { get: /things, input: { after: { in: query, type: string, optional: true } }, result: "Thing[]" }
types:
  Thing:
    type: object
    required: [id, name]
    properties: { id: { type: string, readOnly: true }, name: string, note: string }
`;
  const snippets = blocks(documentConnector(load("bare/connector.yaml", text)), "ts");

  test("is called with what it cannot go without", () => {
    expect(snippets.map((snippet) => snippet.trim()).slice(1)).toEqual([
      'const result = await bare.get({ id, "odd-key": value });',
      "const result = await bare.add({ name });",
      "const result = await bare.list();",
    ]);
  });
});
