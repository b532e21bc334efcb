/** Imports follow tools/layers.ts, never upwards and never in a circle. */
import { isGenerated, listFiles } from "../lib/files.ts";
import { findCycles, type ImportOf, readImports } from "../lib/imports.ts";
import type { Problem } from "../lib/problem.ts";
import { ENTRY_POINTS, layerOf, LAYERS, mayImport } from "../layers.ts";

/** The only module that may ask for the runtime's own platform. */
const DEFAULT_PLATFORM = "src/client/default_platform.ts";
const CONNECTOR_ENTRY = "src/connector/mod.ts";
/** The worker on a runtime without a file system imports the connectors. */
const BRINGS_CONNECTORS = "platform";
/** The composition root: it may import everything. */
const COMMAND_LINE = "cli/";
const BUILTIN = /^(node:|bun:|bun$|cloudflare:)/;

function packageOf(specifier: string): string {
  const parts = specifier.replace(/^npm:/, "").split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

/** Why a module of a layer must not import this, or undefined. */
function refuseInLayer(file: string, name: string, found: ImportOf): string | undefined {
  const layer = LAYERS[name];
  if (layer === undefined) {
    return `src/${name} is not a layer: add it to tools/layers.ts and docs/architecture.md.`;
  }
  const { specifier, target } = found;
  if (specifier === "#platform") {
    return file === DEFAULT_PLATFORM
      ? undefined
      : `#platform is for ${DEFAULT_PLATFORM} only: take a Platform as an argument.`;
  }
  if (target !== undefined) {
    const other = layerOf(target);
    if (other === name) return undefined;
    if (other === "platform") {
      return `${target} belongs to one runtime: take a Platform as an argument; entry points hand it in.`;
    }
    if (other !== undefined && mayImport(layer, other)) return undefined;
    if (name === BRINGS_CONNECTORS && target.startsWith("connectors/")) return undefined;
    // A schema is data, for code that checks values against it.
    if (/^schemas\/.*\.json$/.test(target) && mayImport(layer, "schema")) return undefined;
    const allowed = layer.imports.length === 0 ? "nothing" : layer.imports.join(", ");
    return `${name} may import ${allowed}, not ${target}: ${layer.why}.`;
  }
  if (BUILTIN.test(specifier)) {
    return layer.universal
      ? `${specifier} exists in some runtimes only, and ${name} runs in all: ask the Platform for it.`
      : undefined;
  }
  if (name === "platform" || layer.packages.includes(packageOf(specifier))) return undefined;
  return `${name} does not use the package ${
    packageOf(specifier)
  }; add it to tools/layers.ts if it should.`;
}

function refuse(file: string, found: ImportOf): string | undefined {
  const { specifier, target } = found;
  if (file.startsWith(COMMAND_LINE)) return undefined;
  if (target?.startsWith(COMMAND_LINE) === true) {
    return `${target} belongs to the command line, which imports the rest and is imported by nothing.`;
  }
  if (file.startsWith("connectors/") && isGenerated(file)) {
    const own = target?.startsWith(`${file.split("/").slice(0, 2).join("/")}/`) === true;
    return own || target === CONNECTOR_ENTRY || specifier === "@vastar/connector/connector"
      ? undefined
      : `a generated connector imports only the connector entry and its own files, not ${specifier}.`;
  }
  const layer = layerOf(file);
  if (layer !== undefined) return refuseInLayer(file, layer, found);
  if (ENTRY_POINTS.includes(file) && (target?.startsWith("codegen/") === true)) {
    return "the runtime never imports codegen: programs must not carry the generator.";
  }
  if (
    file.startsWith("codegen/") && target?.startsWith("src/") === true && layerOf(target) !== "core"
  ) {
    return `codegen may import src/core, not ${target}: the generator needs no runtime.`;
  }
  return undefined;
}

export async function checkLayers(root: string): Promise<Problem[]> {
  const files = (await listFiles(root, ".ts")).filter((file) =>
    /^(src|codegen|cli|connectors)\/|^mod\.ts$/.test(file)
  );
  const graph = await readImports(root, files);
  const problems: Problem[] = [];
  for (const [file, imports] of graph) {
    for (const found of imports) {
      const message = refuse(file, found);
      if (message !== undefined) problems.push({ file, line: found.line, message });
    }
  }
  for (const cycle of findCycles(graph)) {
    problems.push({
      file: cycle[0] ?? "",
      message: `imports itself in a circle (${
        cycle.join(" → ")
      }): move what both need into a third module.`,
    });
  }
  return problems;
}
