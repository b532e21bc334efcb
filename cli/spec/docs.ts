/** Implements `vastar spec docs`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { documentConnector } from "../../codegen/docs/mod.ts";
import type { ConnectorModel } from "../../codegen/model/mod.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../command.ts";
import { findSpecs, loadSound } from "./files.ts";

export function documentSpecs(args: CommandArgs, io: CommandIo): ExitCode {
  const paths = findSpecs(args.positionals, io.cwd);
  const out = args.string("out");
  if (paths.length > 1 && (out === undefined || out.endsWith(".md"))) {
    throw new UsageError(`${paths.length} specs were found: give --out a folder.`);
  }
  const models = paths.map((path) => loadSound(path, io));
  const sound = models.filter((model): model is ConnectorModel => model !== undefined);
  // Nothing is written unless everything can be.
  if (sound.length < models.length) return 1;
  for (const model of sound) {
    const page = documentConnector(model, { specifier: args.string("import") });
    if (out === undefined) io.stdout(page);
    else {
      const file = out.endsWith(".md") ? out : join(out, `${model.id}.md`);
      mkdirSync(dirname(resolve(io.cwd, file)), { recursive: true });
      writeFileSync(resolve(io.cwd, file), page);
      io.stdout(`${file}\n`);
    }
  }
  return 0;
}
