/** Implements `vastar simulator`; loaded only when it runs. */
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import { ConnectorError, invalidRequest } from "../../src/core/errors.ts";
import {
  createReplay,
  parseRecording,
  type Recording,
  type Replay,
} from "../../src/recording/mod.ts";
import { type Answer, createSimulator, parseAnswer, parseFault } from "../../src/simulator/mod.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../command.ts";
import { BUNDLED, findConnectors, loadFrom } from "../find_connectors.ts";
import { catchSignals, hostAndPort, serveOn } from "./serve.ts";

const DEFAULT_PORT = 4545;

export async function runSimulator(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const where = hostAndPort(args, DEFAULT_PORT);
  const folder = args.string("answers");
  const chunkSize = args.number("chunk-size");
  const apiKey = args.string("api-key");
  const named = await findNamed(args.list("connector"), io.cwd);
  const recordings = args.list("recording").map((file) => readRecording(resolve(io.cwd, file)));
  const unnamed = recordings.map(({ connector }) => connector)
    .filter((id) => !named.some((one) => one.id === id));
  const connectors = [...named, ...await findNamed([...new Set(unnamed)], io.cwd)];
  const simulator = createSimulator({
    connectors,
    replays: replaysOf(recordings, args.number("speed") ?? 1),
    ...(folder === undefined ? {} : { answers: await readAnswers(resolve(io.cwd, folder)) }),
    ...(chunkSize === undefined ? {} : { chunkSize }),
    ...(apiKey === undefined ? {} : { apiKey }),
    chunkDelayMs: args.number("chunk-delay") ?? 20,
    firstChunkDelayMs: args.number("first-delay") ?? 0,
    models: args.list("model"),
    strictModels: args.flag("strict-models"),
    faults: args.list("fault").map(parseFault),
  });
  const server = await serveOn(
    where,
    (request) => simulator.fetch(request),
    "choose another with --port or SIMULATOR_PORT",
    // Faults break connections on purpose; clients report them.
    () => {},
  );
  const signals = catchSignals(io);
  io.stdout(
    `Simulator ready on ${server.url}: OpenAI API at ${server.url}/v1, health at ${server.url}/health\n`,
  );
  for (const { id } of connectors) io.stdout(`Mock of ${id} at ${server.url}/mock/${id}\n`);
  await signals.stopped([server]);
  signals.release();
  return 0;
}

function readRecording(file: string): Recording {
  try {
    return parseRecording(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    throw invalidRequest("recording.unreadable", `Cannot read the recording ${file}.`, error);
  }
}

/** All recordings of a connector are one. */
function replaysOf(recordings: readonly Recording[], speed: number): Record<string, Replay> {
  if (!(speed >= 0)) throw new UsageError(`--speed must be 0 or more, found ${speed}.`);
  const byId = new Map<string, Recording>();
  for (const recording of recordings) {
    const before = byId.get(recording.connector)?.exchanges ?? [];
    byId.set(recording.connector, {
      ...recording,
      exchanges: [...before, ...recording.exchanges],
    });
  }
  return Object.fromEntries(
    [...byId].map(([id, recording]) => [
      id,
      createReplay(recording, { speed: speed === 0 ? Infinity : speed }),
    ]),
  );
}

/** Connectors by the id of a bundled one, or by folder. */
async function findNamed(names: readonly string[], cwd: string): Promise<ConnectorDefinition[]> {
  return await Promise.all(names.map(async (name) => {
    const isPath = /[/\\.]/.test(name);
    const folder = isPath ? resolve(cwd, name) : join(BUNDLED, name);
    const found = await loadFrom(dirname(folder), basename(folder)).catch((error: unknown) => {
      if (error instanceof ConnectorError) throw error;
      return undefined;
    });
    if (found !== undefined) return found;
    const known = (await findConnectors(BUNDLED)).map(({ id }) => id).join(", ");
    throw invalidRequest(
      "simulator.connector",
      `There is no generated connector at ${folder}: give one of ${known}, or a folder in which ` +
        "`vastar generate` has been run.",
    );
  }));
}

/** Every Markdown file of a folder as an answer, sorted by name. */
export async function readAnswers(folder: string): Promise<Answer[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw invalidRequest(
      "simulator.answers",
      `Cannot read the answers folder ${folder}: give a folder of Markdown files.`,
      error,
    );
  });
  const files = names.filter((name) => /\.(md|markdown)$/i.test(name)).sort();
  if (files.length === 0) {
    throw invalidRequest(
      "simulator.answers",
      `${folder} has no .md file: write one file for each answer.`,
    );
  }
  return await Promise.all(
    files.map(async (name) => parseAnswer(name, await readFile(join(folder, name), "utf8"))),
  );
}
