export {
  type FileChange,
  generate,
  type GenerateOptions,
  type GenerateResult,
} from "./generate.ts";
export { describe } from "./report.ts";
export { type WatchOptions, watchSpecs } from "./watch.ts";
