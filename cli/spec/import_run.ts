/** Implements `vastar import openapi`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  connectorId,
  formatImportReport,
  importOpenApi,
  type ImportOptions,
  type ImportReport,
  type ImportResult,
  lossCount,
  OpenApiDocument,
} from "../../codegen/import/openapi/mod.ts";
import { diskIoFrom, type LoadIo } from "../../codegen/load/io.ts";
import { formatDiagnostics } from "../../codegen/read/report/format.ts";
import { loadConnector } from "../../codegen/load_connector.ts";
import { overlayPath } from "../../codegen/load_connector.ts";
import { ConnectorError, invalidRequest } from "../../src/core/errors.ts";
import type { CommandArgs, CommandIo, ExitCode } from "../command.ts";
import { startSteps } from "../progress.ts";
import { filesOf } from "./import_files.ts";
import { readFile, readSource, sourceName } from "./import_source.ts";
import { projectOf } from "../project.ts";

/** More would scroll the rest out of sight. */
const MAX_SHOWN = 20;
/** Marks the first lines of every imported spec. */
const IMPORTED = /^# Imported from /m;
/** Errors that are not about the document, or that name a file themselves. */
const NAMED: ReadonlySet<string> = new Set(["import.name", "import.overlay"]);

export async function runImport(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const [path = ""] = args.positionals;
  const overlays = args.list("overlay").map((file) => ({
    path: file,
    text: readFile(file, io.cwd),
  }));
  const steps = startSteps(io);
  steps.say(`reading ${sourceName(path)}`);
  const source = await readSource(path, io.cwd).finally(() => steps.clear());
  const document = await OpenApiDocument.read(source, overlays).catch((error: unknown) => {
    steps.clear();
    throw naming(path, error);
  });
  const importSource = (more: ImportOptions): ImportResult => {
    try {
      return importOpenApi(document, {
        ...more,
        onProgress: (done, total) => steps.say(`importing operation ${done + 1} of ${total}`),
      });
    } catch (error) {
      throw naming(path, error);
    } finally {
      steps.clear();
    }
  };
  const out = args.string("out");
  const folder = args.string("refs");
  const options = given({
    id: args.string("id"),
    name: args.string("name"),
    server: args.string("server"),
    int64: args.string("int64") as ImportOptions["int64"],
    include: args.list("include"),
    exclude: args.list("exclude"),
    files: folder === undefined ? undefined : filesOf(folder, path, io.cwd),
  });
  // Without --out the folder is named after the id, which may come from the document.
  const target = out ?? join("connectors", args.string("id") ?? connectorId(document.root));
  const file = join(target, "connector.yaml");
  const before = readIfThere(resolve(io.cwd, file));
  if (before !== undefined && !IMPORTED.test(before) && !args.flag("force")) {
    throw invalidRequest(
      "import.exists",
      `${file} was written by hand and was left alone: choose another --out, or overwrite it with --force.`,
    );
  }
  const version = args.string("spec-version") ?? versionOf(before);
  const { yaml, report } = importSource({
    ...options,
    ...given({ version }),
    schemaPath: projectOf(target, io.cwd).schema,
  });
  if (!fitsOverlay(file, yaml, io)) return 1;
  mkdirSync(resolve(io.cwd, target), { recursive: true });
  if (before !== yaml) writeFileSync(resolve(io.cwd, file), yaml);
  writeReport(args.string("report"), report, io);
  io.stdout(`${summary(report, args.string("report"))}\n`);
  const state = before === undefined ? "written" : before === yaml ? "unchanged" : "written anew";
  const overlay = overlayPath(file);
  const kept = existsSync(resolve(io.cwd, overlay))
    ? `; ${overlay} is applied over it`
    : `; make changes in ${overlay}`;
  io.stdout(`${file} is ${state}${kept}\nNext: vastar generate ${target}\n`);
  return 0;
}

/** An overlay may mention operations that the new document lacks; then nothing is written. */
function fitsOverlay(file: string, yaml: string, io: CommandIo): boolean {
  const full = resolve(io.cwd, file);
  if (!existsSync(overlayPath(full))) return true;
  const bytes = new TextEncoder().encode(yaml);
  const isSpec = (path: string): boolean => resolve(io.cwd, path) === full;
  const disk = diskIoFrom(io.cwd);
  const pending: LoadIo = {
    read: (path) => isSpec(path) ? bytes : disk.read(path),
    size: (path) => isSpec(path) ? bytes.length : disk.size(path),
    realPath: (path) => isSpec(path) ? full : disk.realPath(path),
  };
  const { model, diagnostics } = loadConnector(file, pending);
  if (model !== undefined) return true;
  io.stderr(formatDiagnostics(diagnostics));
  io.stderr(`Nothing was written: ${overlayPath(file)} does not fit the new document.\n`);
  return false;
}

/** What is wrong with a document, with its name. */
function naming(path: string, error: unknown): unknown {
  if (!(error instanceof ConnectorError) || NAMED.has(error.code)) return error;
  const { errorClass, code, origin, message } = error;
  const said = `${sourceName(path)}: ${message}`;
  return new ConnectorError({ errorClass, code, origin, message: said, cause: error });
}

function readIfThere(full: string): string | undefined {
  return existsSync(full) ? readFileSync(full, "utf8") : undefined;
}

function versionOf(yaml: string | undefined): string | undefined {
  return yaml === undefined ? undefined : /^version: *["']?([^\s"'#]+)/m.exec(yaml)?.[1];
}

function writeReport(file: string | undefined, report: ImportReport, io: CommandIo): void {
  if (file === undefined) return;
  const text = file.endsWith(".json")
    ? `${JSON.stringify(report, undefined, 2)}\n`
    : formatImportReport(report);
  writeFileSync(resolve(io.cwd, file), text);
}

function summary(report: ImportReport, file: string | undefined): string {
  const { losses } = report;
  if (losses.length <= MAX_SHOWN && file === undefined) return formatImportReport(report).trimEnd();
  const [counts = ""] = formatImportReport(report).split("\n");
  if (losses.length === 0) return counts;
  const kinds = [...new Set(losses.map(({ kind }) => kind))].map((kind) =>
    `${kind} ${losses.filter((loss) => loss.kind === kind).length}`
  );
  const where = file === undefined ? "--report FILE writes them" : `see ${file}`;
  return `${counts}\n${lossCount(losses)} (${kinds.join(", ")}): ${where}.`;
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Given<T>;
}
