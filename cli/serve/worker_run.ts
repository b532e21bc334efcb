/** Implements `vastar worker`; loaded only when it runs. */
import { resolve } from "node:path";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../command.ts";
import { baseUrlsOf } from "./base_urls.ts";
import { BUNDLED, findConnectors } from "../find_connectors.ts";
import { startTelemetry } from "../telemetry.ts";
import { catchSignals, hostAndPort, serveOn } from "./serve.ts";
import { readAccess } from "./worker_access.ts";
import { setUpWorker } from "./worker_setup.ts";

const DEFAULT_PORT = 8787;

export async function runWorker(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const where = hostAndPort(args, DEFAULT_PORT);
  const address = args.string("runtime") ?? "embedded:";
  const folder = args.string("connectors");
  const connectors = await findConnectors(
    folder === undefined ? BUNDLED : resolve(io.cwd, folder),
    (text) => io.stderr(`${text}\n`),
  );
  const ids = connectors.map(({ id }) => id);
  const path = (name: string) => {
    const given = args.string(name);
    return given === undefined ? undefined : resolve(io.cwd, given);
  };
  const access = await readAccess({
    config: path("config"),
    keys: path("keys"),
    open: args.flag("open"),
    env: (name) => io.env(name),
    connectors,
    cwd: io.cwd,
    onError: (text) => io.stderr(`${text}\n`),
  });
  if (access.access === "development" && !isLoopback(where.host)) {
    throw new UsageError(
      `--host ${where.host} can be reached from other machines, and no key would be required: create one with ` +
        "`vastar keys create` and give --keys FILE, or give --open if something in front of the worker does that.",
    );
  }
  const running = await setUpWorker({
    access,
    resumeWindowMs: resumeWindow(args.number("resume-window")),
    connectors,
    address,
    env: (name) => io.env(name),
    allow: args.list("allow"),
    baseUrls: baseUrlsOf(args.list("base-url"), ids),
    alwaysSimulate: args.flag("simulator"),
    corsOrigins: args.list("cors"),
    allowedHosts: isLoopback(where.host) ? args.list("allow-host") : undefined,
    onError: (text, requestId) => io.stderr(`${requestId} ${text}\n`),
  });
  const telemetry = await startTelemetry(io, "vastar-worker");
  const signals = catchSignals(io);
  try {
    const server = await serveOn(
      where,
      (request) => running.worker.fetch(request),
      "choose another with --port or PORT",
      // An error that the worker did not catch may contain secrets: only its type is reported.
      (error) =>
        io.stderr(
          `a response failed midway: ${error instanceof Error ? error.name : typeof error}\n`,
        ),
    );
    for (const notice of running.notices) io.stdout(`${notice}\n`);
    io.stdout(
      `Worker ready on ${server.url} (${ids.join(", ") || "no connectors"}; runtime ${address})\n`,
    );
    const { standIn } = running;
    await signals.stopped(standIn === undefined ? [server] : [server, standIn.server]);
    return 0;
  } finally {
    signals.release();
    await running.close();
    await telemetry?.shutdown().catch(() => io.stderr("telemetry could not be sent\n"));
  }
}

function resumeWindow(seconds = 10): number {
  if (seconds >= 0 && seconds <= 3_600) return Math.round(seconds * 1_000);
  throw new UsageError(`--resume-window must be 0 to 3600 seconds, found ${seconds}.`);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
