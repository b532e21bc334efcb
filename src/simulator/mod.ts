/** A deterministic stand-in for the OpenAI and Anthropic APIs, and a mock of any connector, as a library and as a server. */
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
export { createMock, type Mock, type MockOptions } from "./mock/mock.ts";
export type {
  MockConnector,
  MockExample,
  MockOperation,
  MockRequest,
  MockStream,
} from "./mock/types.ts";
