/**
 * The code generator as a library: load and check specs, import them from OpenAPI documents, compare and document them, and
 * write clients from them.
 *
 * @module
 */
export { type DiagnosticFormat, formatDiagnostics } from "./read/report/format.ts";
export {
  type Change,
  diffConnectors,
  formatChanges,
  judge,
  type Level,
  nextVersion,
  type RuleCode,
  type Verdict,
} from "./diff/mod.ts";
export { type DocsOptions, documentConnector } from "./docs/mod.ts";
export { emitConnector } from "./emit/emit_connector.ts";
export type { GeneratedFile } from "./emit/file.ts";
export type { EmitOptions } from "./emit/plan.ts";
export {
  type FileChange,
  generate,
  type GenerateOptions,
  type GenerateResult,
  type WatchOptions,
  watchSpecs,
} from "./generate/mod.ts";
export {
  importOpenApi,
  type ImportOptions,
  type ImportReport,
  type ImportResult,
} from "./import/openapi/mod.ts";
export { migrateSpec, type Migration } from "./migrate/mod.ts";
export type { ConnectorModel } from "./model/mod.ts";
export type { Diagnostic } from "./read/report/diagnostic.ts";
export type { LoadResult } from "./load_connector.ts";
export { loadConnector } from "./load_connector.ts";
