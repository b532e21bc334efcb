/** Options of the simulator and their defaults. */
import { type Clock, systemClock } from "../core/clock.ts";
import { invalidRequest } from "../core/errors.ts";
import { type Answer, builtInAnswers } from "./answers.ts";
import type { Fault, FaultSource } from "./faults.ts";
import type { MockReplay } from "./mock/mock.ts";
import type { MockConnector } from "./mock/types.ts";

export interface SimulatorOptions {
  /** Default: built-in ones. See `parseAnswer` for Markdown files. */
  readonly answers?: readonly Answer[];
  /** Model ids listed besides the built-in ones. */
  readonly models?: readonly string[];
  /** Accept only listed models. Default: false, any name of a known family (`gpt-…`, `o3`, `claude-…`, `sim-…`) is accepted. */
  readonly strictModels?: boolean;
  /** Require exactly this key. Default: any key or none is accepted, but `sk-invalid` is always refused. */
  readonly apiKey?: string;
  /** Streamed pieces: whole words, or this many characters. Default: `"word"`. */
  readonly chunkSize?: "word" | number;
  /** Milliseconds before each streamed piece after the first. Default: 0. */
  readonly chunkDelayMs?: number;
  /** Milliseconds before an answer begins. Default: 0. */
  readonly firstChunkDelayMs?: number;
  /** Faults used one per request, in order, then none; or a function that decides for each request. */
  readonly faults?: readonly Fault[] | FaultSource;
  /** Obey the `x-simulator-fault` header of requests. Default: true. */
  readonly faultHeader?: boolean;
  /** Largest request body in bytes. Default: 10 MiB. */
  readonly maxBodyBytes?: number;
  /** `created` of every answer, epoch seconds. Default: 1,735,689,600, so that equal requests get equal bytes. */
  readonly created?: number;
  /** Connectors served from their examples at `/mock/<id>`. Default: none. */
  readonly connectors?: readonly MockConnector[];
  /** Recorded answers by the id of a connector, which `connectors` must hold. Default: none. */
  readonly replays?: Readonly<Record<string, MockReplay>>;
  /** Handles requests to unknown paths. Default: they get a 404. */
  readonly fallback?: (request: Request) => Promise<Response>;
  /** Clock for the delays. Default: the system's. */
  readonly clock?: Clock;
}

export interface ResolvedOptions {
  readonly answers: readonly Answer[];
  readonly models: readonly string[];
  readonly strictModels: boolean;
  readonly apiKey: string | undefined;
  readonly chunkSize: "word" | number;
  readonly chunkDelayMs: number;
  readonly firstChunkDelayMs: number;
  readonly faults: readonly Fault[] | FaultSource;
  readonly faultHeader: boolean;
  readonly maxBodyBytes: number;
  readonly created: number;
  readonly connectors: readonly MockConnector[];
  readonly replays: Readonly<Record<string, MockReplay>>;
  readonly fallback: ((request: Request) => Promise<Response>) | undefined;
  readonly clock: Clock;
}

// The system clock's timers let the process end; a pending answer must keep it alive.
const liveClock: Clock = { ...systemClock, setTimeout: (callback, ms) => setTimeout(callback, ms) };

/** Fills in the defaults and refuses invalid options with `simulator.options`. */
export function resolveSimulatorOptions(options: SimulatorOptions): ResolvedOptions {
  const answers = options.answers ?? builtInAnswers;
  if (answers.length === 0) {
    throw invalidRequest(
      "simulator.options",
      "answers is empty: give at least one answer or leave the option out.",
    );
  }
  const chunkSize = options.chunkSize ?? "word";
  return {
    answers,
    models: options.models ?? [],
    strictModels: options.strictModels ?? false,
    apiKey: options.apiKey,
    chunkSize: chunkSize === "word" ? chunkSize : integer("chunkSize", chunkSize, 1),
    chunkDelayMs: integer("chunkDelayMs", options.chunkDelayMs ?? 0, 0),
    firstChunkDelayMs: integer("firstChunkDelayMs", options.firstChunkDelayMs ?? 0, 0),
    faults: options.faults ?? [],
    faultHeader: options.faultHeader ?? true,
    maxBodyBytes: integer("maxBodyBytes", options.maxBodyBytes ?? 10 * 1024 * 1024, 1),
    created: integer("created", options.created ?? 1_735_689_600, 0),
    connectors: options.connectors ?? [],
    replays: options.replays ?? {},
    fallback: options.fallback,
    clock: options.clock ?? liveClock,
  };
}

function integer(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw invalidRequest(
    "simulator.options",
    `${name} is ${value}: it must be a whole number of at least ${least}.`,
  );
}
