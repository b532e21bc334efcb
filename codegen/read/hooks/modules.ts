/** The modules of hooks beside a spec, each read once. */
import { dirname, join, relative } from "node:path";
import type { LoadIo } from "../../load/io.ts";
import type { LoadLimits } from "../../load/limits.ts";
import { readText } from "../../load/read.ts";
import { canReadHooks, type HookModule, readHookModule } from "./module.ts";

/** `./hooks.ts` → what it exports; undefined after reporting why it cannot be read. */
export type OpenHookModule = (
  module: string,
  tell: (message: string, help: string) => void,
) => HookModule | undefined;

export function hookModules(spec: string, io: LoadIo, limits: LoadLimits): OpenHookModule {
  const folder = dirname(spec);
  const read = new Map<string, HookModule | { readonly message: string; readonly help: string }>();

  const open = (module: string): HookModule | { message: string; help: string } => {
    const path = join(folder, module);
    if (leadsOut(io, folder, path)) {
      const message = `\`${module}\` leads out of the folder of the spec.`;
      return { message, help: "Keep every file of a connector in its folder." };
    }
    const { text, problem } = readText(path, io, limits);
    if (problem !== undefined) {
      const missing = problem.code === "VC1001";
      const message = missing ? `\`${module}\` does not exist or cannot be read.` : problem.message;
      const help = missing ? "Write it beside the spec, or correct the path." : problem.help;
      return { message, help };
    }
    if (!canReadHooks()) {
      const message = `\`${module}\` cannot be checked: \`ts-morph\` is not installed.`;
      return { message, help: "Install the package with its optional dependencies, or ts-morph." };
    }
    const found = readHookModule(module, text);
    if (found.syntaxError === undefined) return found;
    const message = `\`${module}\` cannot be parsed: ${found.syntaxError}`;
    return { message, help: "Correct the module; until then its exports are unknown." };
  };

  return (module, tell) => {
    let found = read.get(module);
    if (found === undefined) read.set(module, found = open(module));
    if ("exports" in found) return found;
    tell(found.message, found.help);
    return undefined;
  };
}

function leadsOut(io: LoadIo, folder: string, path: string): boolean {
  try {
    const inside = relative(io.realPath(folder), io.realPath(path));
    return inside.startsWith("..");
  } catch {
    // A missing module is reported by reading it.
    return false;
  }
}
