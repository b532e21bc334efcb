/** The generator as a whole process, and what its output costs those who use it. */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Figure, Report, Target } from "../lib/report.ts";
import { timed, tsc, vastar } from "./program.ts";
import { median } from "../lib/stats.ts";

const root = join(import.meta.dirname, "../..");
/** 1,223 operations in 13 MB. Installed for the benchmark only. */
const LARGE = {
  name: "@octokit/openapi",
  version: "23.0.2",
  file: "generated/api.github.com.json",
};

const atMost = (value: number): Target => ({ is: "at most", value });

async function smallConnector(folder: string, rounds: number): Promise<Figure[]> {
  const spec = join(folder, "small");
  await mkdir(spec);
  await cp(join(root, "connectors/openai/connector.yaml"), join(spec, "connector.yaml"));
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await rm(join(spec, "mod.gen.ts"), { force: true });
    times.push((await timed(vastar("generate", spec))).ms);
  }
  return [{
    name: "generate the OpenAI connector",
    value: median(times),
    unit: "ms",
    target: atMost(300),
  }];
}

const BUNDLED =
  `import { chatCompletionsCreate, createOpenAICore } from "ROOT/connectors/openai/mod.gen.ts";
import { fetchRuntime } from "ROOT/src/connector/mod.ts";
const client = createOpenAICore({ apiKey: "none", runtime: fetchRuntime() });
`;
const CALL = `for await (const text of chatCompletionsCreate(client, {
  model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello" }], stream: true,
}).textStream) console.log(text);
`;

async function bundle(folder: string): Promise<Figure> {
  const entry = join(folder, "bundled.ts");
  await writeFile(entry, (BUNDLED + CALL).replaceAll("ROOT", root));
  const built = await Bun.build({ entrypoints: [entry], target: "browser", minify: true });
  const bytes = (await built.outputs[0]?.arrayBuffer())?.byteLength ?? Number.NaN;
  return {
    name: "bundle of one streaming operation, minified",
    value: bytes / 1000,
    unit: "KB",
    target: atMost(15),
  };
}

async function instantiations(folder: string, name: string, text: string): Promise<number> {
  const config = join(folder, `${name}.json`);
  await writeFile(join(folder, `${name}.ts`), text.replaceAll("ROOT", root));
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { types: [], customConditions: [] },
      include: [`${name}.ts`],
      exclude: [],
    }),
  );
  const { output } = await timed([tsc, "-p", config, "--extendedDiagnostics"]);
  return Number(/^Instantiations:\s+(\d+)/m.exec(output)?.[1]);
}

async function typesOfOneCall(folder: string): Promise<Figure> {
  const without = await instantiations(
    folder,
    "without",
    `${BUNDLED}console.log(client, chatCompletionsCreate);\n`,
  );
  const withCall = await instantiations(folder, "with", BUNDLED + CALL);
  return {
    name: "type instantiations of one call",
    value: withCall - without,
    unit: "",
    target: atMost(100),
  };
}

async function largeDocument(folder: string, rounds: number): Promise<Figure[]> {
  await writeFile(join(folder, "package.json"), "{}");
  await timed(["add", "--exact", `${LARGE.name}@${LARGE.version}`], folder);
  const document = join(folder, "node_modules", LARGE.name, LARGE.file);
  const times: number[] = [];
  let peak = 0;
  const out = join(folder, "large");
  for (let round = 0; round < rounds; round++) {
    await rm(out, { recursive: true, force: true });
    const imported = await timed(
      vastar("import", "openapi", document, "--out", out, "--id", "github"),
    );
    const generated = await timed(vastar("generate", out));
    times.push(imported.ms + generated.ms);
    peak = Math.max(peak, imported.peakMb, generated.peakMb);
  }
  // As in a project that has the package installed.
  await mkdir(join(folder, "node_modules/@vastar"));
  await symlink(root, join(folder, "node_modules/@vastar/connector"));
  await writeFile(
    join(out, "tsconfig.json"),
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { types: [], customConditions: [] },
      include: ["*.ts"],
      exclude: [],
    }),
  );
  const checked = Bun.spawnSync([process.execPath, tsc, "-p", out]);
  const errors = (checked.stdout.toString().match(/error TS\d+/g) ?? []).length;
  const name = "1,223 operations";
  return [
    {
      name: `${name}: import and generate`,
      value: median(times),
      unit: "ms",
      target: atMost(2000),
    },
    { name: `${name}: most memory of a process`, value: peak, unit: "MB", target: atMost(300) },
    { name: `${name}: errors of tsc`, value: errors, unit: "", target: atMost(0) },
  ];
}

export async function benchCodegen(rounds: number): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  try {
    return {
      benchmark: "codegen",
      figures: [
        ...await smallConnector(folder, rounds),
        ...await largeDocument(folder, Math.min(rounds, 3)),
        await bundle(folder),
        await typesOfOneCall(folder),
      ],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
