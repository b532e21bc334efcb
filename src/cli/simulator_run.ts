/** The work behind `vastar simulator`, loaded only when it runs. */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { invalidRequest } from "../core/errors.ts";
import { type Answer, createSimulator, parseAnswer, parseFault } from "../simulator/mod.ts";
import type { CommandArgs, CommandIo, ExitCode } from "./command.ts";
import { catchSignals, hostAndPort, serveOn } from "./serve.ts";

const DEFAULT_PORT = 4545;

export async function runSimulator(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const where = hostAndPort(args, DEFAULT_PORT);
  const folder = args.string("answers");
  const chunkSize = args.number("chunk-size");
  const apiKey = args.string("api-key");
  const simulator = createSimulator({
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
    // Broken connections are what faults are for; clients report them.
    () => {},
  );
  const signals = catchSignals(io);
  io.stdout(
    `Simulator ready on ${server.url}: OpenAI API at ${server.url}/v1, health at ${server.url}/health\n`,
  );
  await signals.stopped([server]);
  signals.release();
  return 0;
}

/** Every Markdown file of a folder as an answer, in the order of their names. */
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
      `${folder} holds no .md file: write one answer a file.`,
    );
  }
  return await Promise.all(
    files.map(async (name) => parseAnswer(name, await readFile(join(folder, name), "utf8"))),
  );
}
