/** deno.json and package.json name the same entry points, each of them exists, and every connector is one. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { listFiles, readText } from "../lib/files.ts";
import type { Problem } from "../lib/problem.ts";

async function exportsOf(root: string, file: string): Promise<Map<string, string>> {
  const value: unknown = JSON.parse(await readText(root, file));
  const exported = typeof value === "object" && value !== null && "exports" in value
    ? value.exports
    : {};
  return new Map(Object.entries(exported ?? {}).map(([name, target]) => [name, String(target)]));
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(() => true, () => false);
}

/** Other fields that both have. */
const SAME = ["name", "version", "license"] as const;

export async function checkExports(root: string): Promise<Problem[]> {
  const [ofNpm, ofDeno] = await Promise.all(
    ["package.json", "deno.json"].map(async (file) =>
      JSON.parse(await readText(root, file)) as Record<string, unknown>
    ),
  );
  const npm = await exportsOf(root, "package.json");
  const deno = await exportsOf(root, "deno.json");
  const problems: Problem[] = SAME.filter((key) => ofNpm?.[key] !== ofDeno?.[key]).map((key) => ({
    file: "deno.json",
    message: `"${key}" is not that of package.json: they must be equal.`,
  }));
  for (const name of new Set([...npm.keys(), ...deno.keys()])) {
    const [inNpm, inDeno] = [npm.get(name), deno.get(name)];
    if (inNpm !== inDeno) {
      problems.push({
        file: "deno.json",
        message: `exports "${name}" as ${inDeno ?? "nothing"}, package.json as ${
          inNpm ?? "nothing"
        }: they must be equal.`,
      });
    }
    for (const target of new Set([inNpm, inDeno])) {
      if (target === undefined || await exists(join(root, target))) continue;
      problems.push({
        file: "package.json",
        message: `exports "${name}" as ${target}, which does not exist.`,
      });
    }
  }
  // One by one, because Deno does not accept patterns here.
  for (const file of await listFiles(root, "/mod.gen.ts")) {
    const [folder, id, rest] = file.split("/");
    if (folder !== "connectors" || rest !== "mod.gen.ts" || npm.has(`./connectors/${id}`)) continue;
    problems.push({
      file: "package.json",
      message: `does not export "./connectors/${id}" as ./${file}.`,
    });
  }
  return problems;
}
