/** What tools cost an agent, whether it finds the right one, and how soon `vastar mcp` is there. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { searchDefinitions } from "../../src/mcp/tools/definitions.ts";
import type { Figure, Report, Target } from "../lib/report.ts";
import { definitionOf, KEPT_BACK, KNOWN, PACKAGES, root, run } from "./documents.ts";
import { recallOf, schemaFigure, searchFigures } from "./search.ts";
import { startFigures } from "./start.ts";

const TOKENS: Target = { is: "at most", value: 1_000 };

export async function benchMcp(rounds: number): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  try {
    await writeFile(join(folder, "package.json"), "{}");
    await run(folder, "add", "--exact", ...PACKAGES);
    await mkdir(join(folder, "node_modules/@vastar"));
    await symlink(root, join(folder, "node_modules/@vastar/connector"));
    const { encode } = await import(join(folder, "node_modules/gpt-tokenizer/esm/main.js"));
    const tokens = (value: unknown): number => encode(JSON.stringify(value)).length;
    const figures: Figure[] = [];
    for (const [id, file] of Object.entries(KNOWN)) {
      const definition = await definitionOf(folder, id, file);
      const { recall } = recallOf(definition, false);
      figures.push(
        {
          name: `${id}: tokens of the tools of search mode`,
          value: tokens(searchDefinitions([id])),
          unit: "",
          target: TOKENS,
        },
        ...searchFigures(id, definition),
        { name: `${id}: recall@10, descriptions left out of the index`, value: recall, unit: "" },
        schemaFigure(id, definition),
      );
    }
    for (const [id, file] of Object.entries(KEPT_BACK)) {
      const definition = await definitionOf(folder, id, file);
      figures.push(...searchFigures(`${id} (kept back)`, definition), schemaFigure(id, definition));
    }
    const all = [...Object.keys(KNOWN), ...Object.keys(KEPT_BACK)];
    figures.push({
      name: `${all.length} connectors: tokens of the tools of search mode`,
      value: tokens(searchDefinitions(all)),
      unit: "",
      target: TOKENS,
    });
    figures.push(...await startFigures(folder, rounds));
    return { benchmark: "mcp", figures };
  } finally {
    await rm(folder, { recursive: true });
  }
}
