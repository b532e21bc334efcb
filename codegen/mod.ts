/**
 * The code generator as a library: load and check specs, and write clients from them.
 *
 * @module
 */
export { type DiagnosticFormat, formatDiagnostics } from "./check/format.ts";
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
export type { ConnectorModel, Diagnostic, LoadResult } from "./model/mod.ts";
export { loadConnector } from "./model/mod.ts";
