/** An API as large as the largest there are: what it takes to generate its client and to type-check that. */
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timed, tsc, vastar } from "./program.ts";
import type { Report, Target } from "../lib/report.ts";

const root = join(import.meta.dirname, "../..");
const OPERATIONS = 22_000;
const TYPES = 4000;
const atMost = (value: number): Target => ({ is: "at most", value });

function spec(): string {
  const types = Array.from(
    { length: TYPES },
    (_, n) =>
      `  T${n}: { type: object, required: [id], properties: { id: string, name: { type: string, nullable: true }, ` +
      `kind: { enum: [a, b, c] }, next: { type: array, items: T${(n * 7 + 1) % TYPES} } } }`,
  );
  const operations = Array.from({ length: OPERATIONS }, (_, n) => {
    const [method, rest] =
      ([["get", ""], ["post", `body: T${n % TYPES}, `], ["delete", ""]] as const)[n % 3] ??
        ["get", ""];
    return `  group${n % 300}.part${
      n % 40
    }.do${n}: { ${method}: "/g/{gid}/p${n}", summary: "Operation ${n}.", ` +
      `input: { gid: { in: path, type: string } }, ${rest}result: T${n % TYPES} }`;
  });
  return [
    "connector: 1",
    "id: large",
    "version: 1.0.0",
    "servers: { default: https://large.example.com }",
    "operations:",
    ...operations,
    "types:",
    ...types,
  ].join("\n");
}

export async function benchLarge(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  const out = join(folder, "large");
  try {
    await mkdir(join(folder, "node_modules/@vastar"), { recursive: true });
    await symlink(root, join(folder, "node_modules/@vastar/connector"));
    await mkdir(out);
    await writeFile(join(out, "connector.yaml"), spec());
    const generated = await timed(vastar("generate", out));
    if (!(await readdir(out)).includes("mod.gen.ts")) throw new Error(generated.output);
    await writeFile(
      join(out, "tsconfig.json"),
      JSON.stringify({
        extends: join(root, "tsconfig.json"),
        include: ["*.ts"],
        exclude: [],
        compilerOptions: { types: [], customConditions: [] },
      }),
    );
    // Throws for every error that the compiler finds.
    const checked = await timed([tsc, "-p", out]);
    const name = `${OPERATIONS} operations`;
    return {
      benchmark: "large",
      figures: [
        { name: `${name}: generate`, value: generated.ms, unit: "ms" },
        {
          name: `${name}: generate, memory`,
          value: generated.peakMb,
          unit: "MB",
          target: atMost(1000),
        },
        { name: `${name}: tsc without an error`, value: checked.ms, unit: "ms" },
        { name: `${name}: tsc, memory`, value: checked.peakMb, unit: "MB", target: atMost(4000) },
      ],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
