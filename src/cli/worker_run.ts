/** The work behind `vastar worker`, loaded only when it runs. */
import { resolve } from "node:path";
import { RuntimeClient } from "../client/mod.ts";
import { ConnectorError } from "../core/errors.ts";
import { closest } from "../core/suggest.ts";
import type { ConnectorDefinition } from "../connector/definition.ts";
import { type ConnectorConfig, createWorker } from "../worker/mod.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "./command.ts";
import { BUNDLED, findConnectors } from "./find_connectors.ts";
import { hostAndPort, serveOn, untilSignal } from "./serve.ts";
import { type StandIn, startStandIn, withoutKey } from "./stand_in.ts";

const DEFAULT_PORT = 8787;

export async function runWorker(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const where = hostAndPort(args, DEFAULT_PORT);
  const address = args.string("runtime") ?? "embedded:";
  const folder = args.string("connectors");
  const connectors = await findConnectors(folder === undefined ? BUNDLED : resolve(io.cwd, folder));
  const config = baseUrls(args.list("base-url"), connectors);

  const silent = withoutKey(connectors, (name) => io.env(name), args.flag("simulator"))
    .filter((id) => config[id] === undefined);
  const standIn = silent.length === 0 ? undefined : await startStandIn(silent);
  for (const id of silent) if (standIn !== undefined) config[id] = standIn.config(id);

  const embedded = address === "embedded:";
  const allow = [
    ...args.list("allow"),
    ...(embedded && standIn !== undefined ? [standIn.target] : []),
  ];
  const runtime = new RuntimeClient({ address, engine: { egress: { allow } } });
  const worker = createWorker({
    connectors,
    runtime,
    config,
    env: (name) => io.env(name),
    corsOrigins: args.list("cors"),
    ...(isLoopback(where.host) ? { allowedHosts: args.list("allow-host") } : {}),
    onError: (error, requestId) => io.stderr(`${requestId} ${explain(error)}\n`),
  });
  try {
    const server = await serveOn(
      where,
      (request) => worker.fetch(request),
      "choose another with --port or PORT",
      (error) => io.stderr(`${explain(error)}\n`),
    );
    announce(io, server.url, connectors, address, standIn, embedded);
    await untilSignal(io, standIn === undefined ? [server] : [server, standIn.server]);
    return 0;
  } finally {
    await runtime.close();
    await standIn?.server.stop(0);
  }
}

function announce(
  io: CommandIo,
  url: string,
  connectors: readonly ConnectorDefinition[],
  address: string,
  standIn: StandIn | undefined,
  embedded: boolean,
): void {
  if (standIn !== undefined) {
    const keys = connectors.filter(({ id }) => standIn.ids.includes(id)).flatMap(({ config }) =>
      config.filter((field) => field.secret && !field.optional).map((field) =>
        field.env ?? field.name
      )
    );
    io.stdout(
      `No ${keys.join(", ")}: ${
        standIn.ids.join(", ")
      } is answered by the bundled simulator on ${standIn.server.url}` +
        (embedded
          ? "\n"
          : `; the runtime at ${address} must allow it (--allow ${standIn.target})\n`),
    );
  }
  const ids = connectors.map(({ id }) => id).join(", ") || "no connectors";
  io.stdout(`Worker ready on ${url} (${ids}; runtime ${address})\n`);
}

function baseUrls(
  given: readonly string[],
  connectors: readonly ConnectorDefinition[],
): Record<string, ConnectorConfig> {
  const ids = connectors.map(({ id }) => id);
  return Object.fromEntries(given.map((text) => {
    const [id = "", url = ""] = text.split(/=(.*)/s);
    if (!ids.includes(id)) {
      const near = closest(id, ids);
      throw new UsageError(
        `--base-url names the connector "${id}", found are ${ids.join(", ") || "none"}.` +
          (near === undefined ? "" : ` Did you mean "${near}"?`),
      );
    }
    if (!URL.canParse(url)) {
      throw new UsageError(`--base-url ${id} must be ID=URL with a whole URL, found "${text}".`);
    }
    return [id, { baseURL: url }];
  }));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function explain(error: unknown): string {
  if (error instanceof ConnectorError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
