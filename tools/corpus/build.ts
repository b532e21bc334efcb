/** One document: imported, generated and type-checked in a folder of its own. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { filesOf } from "../../cli/spec/import_files.ts";
import { generate } from "../../codegen/generate/mod.ts";
import { importOpenApi, OpenApiDocument } from "../../codegen/import/openapi/mod.ts";

export interface Built {
  readonly document: string;
  readonly megabytes: number;
  readonly operations: number;
  readonly losses: number;
  /** Seconds. */
  readonly importing: number;
  readonly generating: number;
  readonly checking: number;
  /** First the step: `import: …`. */
  readonly errors: readonly string[];
  /** Where the client is, if there is one. */
  readonly client: string | undefined;
}

const ROOT = resolve(import.meta.dirname, "../..");

export async function build(folder: string, document: string, work: string): Promise<Built> {
  const path = join(folder, document);
  const source = readFileSync(path, "utf8");
  const result = {
    document,
    megabytes: source.length / 1e6,
    operations: 0,
    losses: 0,
    importing: 0,
    generating: 0,
    checking: 0,
    errors: [] as string[],
    client: undefined as string | undefined,
  };
  const timed = async <T>(work: () => T | Promise<T>): Promise<[T, number]> => {
    const start = performance.now();
    return [await work(), (performance.now() - start) / 1000];
  };
  const target = join(work, document.replace(/[^\w.-]+/g, "_"));
  mkdirSync(target, { recursive: true });
  try {
    const [imported, importing] = await timed(async () =>
      importOpenApi(await OpenApiDocument.read(source), {
        id: "api",
        name: "Api",
        files: filesOf(dirname(path), path, process.cwd()),
      })
    );
    writeFileSync(join(target, "connector.yaml"), imported.yaml);
    const { operations, losses } = imported.report;
    Object.assign(result, { importing, operations, losses: losses.length });
  } catch (error) {
    result.errors.push(`import: ${(error as Error).message}`);
    return result;
  }
  const [generated, generating] = await timed(() =>
    generate({ paths: [target], runtime: join(ROOT, "src/connector/mod.ts") })
  );
  result.generating = generating;
  for (const one of generated.diagnostics) {
    if (one.severity === "error") result.errors.push(`generate: ${one.code} ${one.message}`);
  }
  if (!generated.ok) return result;
  const [checked, checking] = await timed(() => typeCheck(target));
  result.checking = checking;
  result.errors.push(...checked.map((line) => `types: ${line}`));
  return { ...result, client: target };
}

function typeCheck(target: string): Promise<string[]> {
  writeFileSync(
    join(target, "tsconfig.json"),
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: { typeRoots: [join(ROOT, "node_modules/@types")], noEmit: true },
      include: ["./*.ts"],
    }),
  );
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  return new Promise((resolve) => {
    const child = spawn(tsc, ["-p", target], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk: Uint8Array) => text += new TextDecoder().decode(chunk));
    child.on("close", () => resolve(text.split("\n").filter((line) => line.includes("error TS"))));
  });
}
