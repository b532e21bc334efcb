/** A deterministic stand-in for the OpenAI and Anthropic APIs, as a library and as a server. */
export { type Answer, builtInAnswers, parseAnswer } from "./answers.ts";
export { createSimulator, type Simulator, type SimulatorStats } from "./app.ts";
export {
  type Fault,
  type FaultKind,
  type FaultSource,
  type FaultSubject,
  parseFault,
  parseFaults,
} from "./faults.ts";
export type { SimulatorOptions } from "./options.ts";
