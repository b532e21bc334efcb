/** Turns a file into a checked model; called by `generate`, `spec check` and editors. */
import { createHash } from "node:crypto";
import type { Cursor } from "./load/cursor.ts";
import { lockPath } from "./read/database/lock.ts";
import { readConnector } from "./read/connector.ts";
import type { Diagnostic } from "./read/report/diagnostic.ts";
import { hookModules } from "./read/hooks/modules.ts";
import { Report } from "./read/report/report.ts";
import { diskIo, type LoadIo } from "./load/io.ts";
import { DEFAULT_LIMITS, type LoadLimits } from "./load/limits.ts";
import type { SourceDocument } from "./load/source.ts";
import { Workspace } from "./load/workspace.ts";
import type { ConnectorModel } from "./model/ir.ts";

export interface LoadResult {
  /** Only present if there is no diagnostic of severity error. */
  readonly model?: ConnectorModel;
  /** Sorted by file, line and column. */
  readonly diagnostics: readonly Diagnostic[];
  /** The spec and everything that it imports, even if unreadable: the files to watch. */
  readonly files: readonly string[];
}

export interface LoadOptions {
  /** `ask`: without the lock file of a database's connector, for what is about to write it anew. Default: `read`. */
  readonly lock?: "read" | "ask" | undefined;
}

/**
 * Reads, checks and resolves one connector spec, reporting every mistake in one run. Next to `x/connector.yaml`, a file
 * `x/connector.overlay.yaml` is applied over it; the types of a database's statements are in `x/connector.lock.json`. Never throws because of the files' content.
 *
 * @param source Path of the spec, or its path (for messages and imports) with its text.
 */
export function loadConnector(
  source: string | { readonly path: string; readonly text: string },
  io: LoadIo = diskIo,
  limits: LoadLimits = DEFAULT_LIMITS,
  { lock = "read" }: LoadOptions = {},
): LoadResult {
  const report = new Report();
  const workspace = new Workspace(
    io,
    limits,
    (document, problem) => report.problem(document, problem),
  );
  const path = typeof source === "string" ? source : source.path;
  const spec = workspace.openRoot(path, typeof source === "string" ? undefined : source.text);
  const overlay = typeof source === "string"
    ? workspace.openOptional(overlayPath(path))
    : undefined;
  const root = spec === undefined || overlay === undefined ? spec : overlay.over(spec);
  const own = new Set<SourceDocument>();
  for (const cursor of [spec, overlay]) if (cursor !== undefined) own.add(cursor.doc);
  const modules = typeof source === "string" ? hookModules(path, io, limits) : undefined;
  const openLock = lock === "ask"
    ? "ask"
    : (): Cursor | undefined =>
      typeof source === "string" ? workspace.openOptional(lockPath(path)) : undefined;
  const checked = root === undefined
    ? undefined
    : readConnector(root, own, report, modules, openLock);
  const diagnostics = report.finish(workspace.documents);
  if (checked === undefined || diagnostics.some((one) => one.severity === "error")) {
    return { diagnostics, files: workspace.paths };
  }
  const files = workspace.documents.map((document) => document.path);
  const model = { ...checked, specHash: hashOf(workspace.documents), files };
  return { model, diagnostics, files };
}

/** `connector.yaml` → `connector.overlay.yaml`. */
export function overlayPath(path: string): string {
  return path.replace(
    /(\.[^./\\]*)?$/,
    (extension) => `.overlay${extension === "" ? ".yaml" : extension}`,
  );
}

/** Hash of all texts in reading order, so that a changed import changes the spec. */
function hashOf(documents: readonly SourceDocument[]): string {
  const hash = createHash("sha256");
  for (const { text } of documents) hash.update(text.replaceAll("\r\n", "\n")).update("\0");
  return `sha256-${hash.digest("hex")}`;
}
