/** Generates clients for folders with specs: everything is checked before anything is written. */
import { isAbsolute, relative, resolve } from "node:path";
import process from "node:process";
import type { Diagnostic } from "../read/report/diagnostic.ts";
import { emitConnector } from "../emit/emit_connector.ts";
import { diskIoFrom } from "../load/io.ts";
import { loadConnector } from "../load_connector.ts";
import { findSpecs } from "./find_specs.ts";
import { apply, type Change, compareFolder, hasGenerated } from "./folder.ts";
import { runtimeSpecifier } from "./runtime_specifier.ts";

export interface GenerateOptions {
  /** Specs, folders with a spec, or folders of such folders. */
  readonly paths: readonly string[];
  /** Base of relative paths. Default: the current directory. */
  readonly cwd?: string | undefined;
  /** Compares instead of writing. Default: false. */
  readonly check?: boolean | undefined;
  /** What generated files import. Default: `@vastar/connector/connector`, or a relative path among this package's own sources. */
  readonly runtime?: string | undefined;
  /** Told what is done next, such as `checking connectors/shop/connector.yaml`. */
  readonly onStep?: ((what: string) => void) | undefined;
}

export interface GenerateResult {
  /** False: a spec has mistakes, a foreign file is in the way, or, with `check`, a file differs. Nothing was written then. */
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** What was done; with `check`, what would be done. */
  readonly changes: readonly FileChange[];
  /** Connectors that were checked. */
  readonly connectors: readonly string[];
  /** Specs and their imports, to watch. */
  readonly inputs: readonly string[];
}

export interface FileChange {
  readonly path: string;
  /** `foreign`: the file has no header, so it was left alone. */
  readonly kind: "added" | "changed" | "removed" | "foreign";
}

/** Throws an InvalidRequest: `generate.nothing` when a path leads to no spec, `generate.several`, `generate.not_written`. */
export function generate(options: GenerateOptions): GenerateResult {
  const cwd = options.cwd ?? process.cwd();
  const paths = options.paths.map((path) => resolve(cwd, path));
  const diagnostics: Diagnostic[] = [];
  const changes: Change[] = [];
  const connectors: string[] = [];
  const inputs: string[] = [];
  for (const { folder, spec } of findSpecs(paths, hasGenerated)) {
    if (spec === undefined) {
      changes.push(...compareFolder(folder, []));
      continue;
    }
    options.onStep?.(`checking ${shown(spec, cwd)}`);
    const loaded = loadConnector(shown(spec, cwd), diskIoFrom(cwd));
    diagnostics.push(...loaded.diagnostics);
    inputs.push(spec, ...loaded.files.map((file) => resolve(cwd, file)));
    if (loaded.model === undefined) continue;
    connectors.push(loaded.model.id);
    options.onStep?.(`generating ${loaded.model.id}, ${loaded.model.operations.length} operations`);
    const files = emitConnector(loaded.model, {
      runtime: options.runtime ?? runtimeSpecifier(folder),
    });
    changes.push(...compareFolder(folder, files));
  }
  const sound = !diagnostics.some((one) => one.severity === "error") &&
    !changes.some((change) => change.kind === "foreign");
  const writes = sound && options.check !== true;
  if (writes) apply(changes);
  return {
    ok: sound && (writes || changes.length === 0),
    diagnostics,
    changes: changes.map((change) => ({ path: change.path, kind: kindOf(change) })),
    connectors,
    inputs: [...new Set(inputs)],
  };
}

/** The path for messages, relative as tools expect it in a checkout. */
function shown(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below.startsWith("..") || isAbsolute(below) ? path : below;
}

function kindOf(change: Change): FileChange["kind"] {
  if (change.kind === "write") return change.exists ? "changed" : "added";
  return change.kind === "remove" ? "removed" : "foreign";
}
