/** Implements `vastar record`; loaded only when it runs. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { RuntimeClient } from "../../src/client/mod.ts";
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import { invalidRequest } from "../../src/core/errors.ts";
import {
  createRecorder,
  formatExchange,
  formatHead,
  parseRecording,
} from "../../src/recording/mod.ts";
import { findConnector } from "../call/target.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../command.ts";
import { catchSignals, hostAndPort, serveOn } from "./serve.ts";

const DEFAULT_PORT = 4646;

export async function runRecord(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const where = hostAndPort(args, DEFAULT_PORT);
  const [name = ""] = args.positionals;
  const definition = await findConnector(name, { cwd: io.cwd, folder: args.string("connectors") });
  const target = targetOf(args, definition);
  const out = resolve(io.cwd, args.string("out") ?? `${definition.id}.recording.jsonl`);
  open(out, definition);
  const egress = {
    allow: args.list("allow"),
    howToPermit: (rule: string) => `--allow ${rule} or VASTAR_ALLOW=${rule}`,
  };
  const runtime = new RuntimeClient({
    address: args.string("runtime") ?? "embedded:",
    engine: { egress },
  });
  let kept = 0;
  const record = createRecorder({
    target,
    call: (call) => runtime.call(call),
    secret: {
      headers: new Set(args.list("secret-header").map((one) => one.toLowerCase())),
      query: new Set(args.list("secret-query")),
      values: definition.config.flatMap(({ secret, env }) =>
        secret && env !== undefined ? [io.env(env) ?? ""] : []
      ).filter((value) => value !== ""),
    },
    onExchange: (exchange) => {
      appendFileSync(out, formatExchange(exchange));
      kept++;
    },
  });
  const signals = catchSignals(io);
  try {
    const server = await serveOn(where, record, "choose another with --port", () => {});
    const path = new URL(target).pathname.replace(/\/$/, "");
    io.stdout(
      `Recording ${definition.id} in ${out}: send its calls to ${server.url}${path} ` +
        `(from there to ${target})\n`,
    );
    await signals.stopped([server]);
    io.stdout(`${kept} ${kept === 1 ? "exchange" : "exchanges"} recorded\n`);
    return 0;
  } finally {
    signals.release();
    await runtime.close();
  }
}

function targetOf(args: CommandArgs, { id, servers }: ConnectorDefinition): string {
  const given = args.string("base-url");
  const target = given ?? servers["default"] ?? "";
  // Another server does not make an HTTP API of a database.
  for (const url of [servers["default"] ?? "", target]) {
    const scheme = URL.parse(url)?.protocol ?? "http:";
    if (!/^https?:$/.test(scheme)) {
      throw new UsageError(`What is recorded is HTTP, and ${id} is called at ${scheme}.`);
    }
  }
  if (URL.canParse(target) && !/[{}]/.test(target)) return target;
  throw new UsageError(
    given === undefined
      ? `${id} has no server that is known in advance: give it with --base-url URL.`
      : `--base-url must be an absolute URL, found "${given}".`,
  );
}

/** A file that is there goes on, if it is a recording of the same connector. */
function open(file: string, { id, version }: ConnectorDefinition): void {
  if (!existsSync(file)) {
    // What people say to an API is theirs, even without secrets.
    return appendFileSync(file, formatHead({ connector: id, version }), { mode: 0o600 });
  }
  const { connector } = parseRecording(readFileSync(file, "utf8"));
  if (connector === id) return;
  throw invalidRequest(
    "recording.connector",
    `${file} is a recording of ${connector}: choose another file with --out.`,
  );
}
