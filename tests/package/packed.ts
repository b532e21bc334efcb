/** The package as npm would have it, installed into an empty project. */
import { expect } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPackage } from "../../tools/build.ts";
import { run } from "../../tools/lib/run.ts";
import { runtime } from "../support/runtimes.ts";
import { writeTree } from "../support/tree.ts";

export interface Packed {
  /** Within the folder. */
  readonly tarball: string;
  readonly project: string;
}

/**
 * Builds into `dist` of the folder. `check: false`: only for what another test compiles. `peers`: packages that the project has
 * as well.
 */
export async function packedInto(
  folder: string,
  peers: readonly string[] = [],
  options: { readonly check?: boolean } = {},
): Promise<Packed> {
  const dist = join(folder, "dist");
  await buildPackage(dist, options);
  const manifest = await readFile(join(dist, "package.json"), "utf8");
  const { peerDependencies } = JSON.parse(manifest) as { peerDependencies: Record<string, string> };
  const bun = runtime("bun").path;
  const packed = await run(bun, ["pm", "pack", "--destination", folder], { cwd: dist });
  expect(packed.output).toContain(".tgz");
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz")) ?? "";
  const project = join(folder, "project");
  const dependencies = {
    "@vastar/connector": `file:../${tarball}`,
    ...Object.fromEntries(peers.map((name) => [name, peerDependencies[name]])),
  };
  await writeTree(project, {
    "package.json": JSON.stringify({ name: "project", type: "module", dependencies }),
  });
  // What a program needs that generates nothing.
  const installed = await run(bun, ["install", "--omit=optional"], { cwd: project });
  expect(installed).toMatchObject({ ok: true });
  return { tarball, project };
}
