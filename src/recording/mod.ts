/** Records what an API answers, replays it, and compares it with a spec. */
export { type Drift, findDrift } from "./drift/drift.ts";
export type { DriftConnector } from "./drift/connector.ts";
export type { Difference, DriftKind } from "./drift/difference.ts";
export { proposeOverlay } from "./drift/overlay.ts";
export type { Secret } from "./mask.ts";
export { createRecorder, type RecorderOptions } from "./recorder.ts";
export {
  type Exchange,
  formatExchange,
  formatHead,
  parseRecording,
  type Recording,
} from "./recording.ts";
export { createReplay, type Replay, type ReplayOptions } from "./replay.ts";
