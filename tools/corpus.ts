/**
 * Imports, generates and type-checks every document of a folder, and prints what came of it:
 * `bun tools/corpus.ts DIR [--mock] [--most N] [--only TEXT] [--out DIR]`. With `--mock`, Prism stands in for each API, and every
 * request that its document forbids is named (of the first N operations of a document; default 500).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { build, type Built } from "./corpus/build.ts";
import { documentsIn } from "./corpus/documents.ts";
import { mock } from "./corpus/mock.ts";

const { values, positionals: [folder] } = parseArgs({
  allowPositionals: true,
  options: {
    mock: { type: "boolean", default: false },
    most: { type: "string", default: "500" },
    only: { type: "string", default: "" },
    out: { type: "string" },
  },
});
if (folder === undefined) {
  console.error("Usage: bun tools/corpus.ts DIR [--mock] [--most N] [--only TEXT] [--out DIR]");
  process.exit(2);
}

const MOST_SHOWN = 5;
const work = resolve(values.out ?? mkdtempSync(join(tmpdir(), "vastar-corpus-")));
const documents = (await documentsIn(folder)).filter((one) => one.includes(values.only));
const columns = [
  "document",
  "MB",
  "operations",
  "losses",
  "import s",
  "generate s",
  "types s",
  "errors",
];
if (values.mock) columns.push("calls", "skipped", "forbidden");
console.log(`| ${columns.join(" | ")} |\n|${" --- |".repeat(columns.length)}`);

let failed = 0;
const details: string[] = [];
for (const document of documents) {
  const built = await build(folder, document, work);
  const cells = rowOf(built);
  const lines = built.errors.slice(0, MOST_SHOWN);
  if (built.errors.length > MOST_SHOWN) {
    lines.push(`… and ${built.errors.length - MOST_SHOWN} more`);
  }
  if (values.mock && built.client !== undefined) {
    try {
      const { calls, skipped, violations } = await mock(
        join(folder, document),
        built.client,
        Number(values.most),
      );
      cells.push(String(calls), String(skipped.length), String(violations.length));
      lines.push(...violations.map(({ operation, message }) => `${operation}: ${message}`));
      failed += violations.length === 0 ? 0 : 1;
    } catch (error) {
      cells.push("–", "–", "–");
      lines.push((error as Error).message);
    }
  }
  console.log(`| ${cells.join(" | ")} |`);
  if (built.errors.length > 0) failed++;
  if (lines.length > 0) details.push(`${document}\n${lines.map((line) => `  ${line}`).join("\n")}`);
}
if (details.length > 0) console.log(`\n${details.join("\n\n")}`);
if (values.out === undefined) rmSync(work, { recursive: true, force: true });
process.exit(failed === 0 ? 0 : 1);

function rowOf(built: Built): string[] {
  const seconds = (value: number): string => value.toFixed(2);
  return [
    built.document,
    built.megabytes.toFixed(2),
    String(built.operations),
    String(built.losses),
    seconds(built.importing),
    seconds(built.generating),
    seconds(built.checking),
    String(built.errors.length),
  ];
}
