/** Shared by `vastar worker` and `vastar simulator`: opening a port and shutting down gracefully. */
import { deferred } from "../../src/core/deferred.ts";
import { ConnectorError } from "../../src/core/errors.ts";
import type { HttpServer } from "../../src/core/serve/http_server.ts";
import { serveHttp } from "../../src/platform/serve.ts";
import { type CommandArgs, type CommandIo, UsageError } from "../command.ts";

/** How long open responses may take after a signal. */
const GRACE_MS = 5_000;

export interface Where {
  readonly host: string;
  readonly port: number;
}

export function hostAndPort(args: CommandArgs, defaultPort: number): Where {
  const port = args.number("port") ?? defaultPort;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(
      `--port must be a whole number from 0 to 65535 (0: any free one), found ${port}.`,
    );
  }
  return { host: args.string("host") ?? "127.0.0.1", port };
}

/** Serves `fetch`; a port in use is reported with a way to choose another. */
export async function serveOn(
  where: Where,
  fetch: (request: Request) => Response | Promise<Response>,
  howToChoose: string,
  onError: (error: unknown) => void,
): Promise<HttpServer> {
  try {
    return await serveHttp({ address: { kind: "tcp", ...where }, fetch, onError });
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== "listen.in_use") throw error;
    throw new ConnectorError({
      errorClass: error.errorClass,
      code: error.code,
      message: `port ${where.port} of ${where.host} is in use by another process; ${howToChoose}`,
      cause: error,
    });
  }
}

export interface StopSignals {
  /**
   * Resolves when a signal has ended the servers: the first one lets open responses finish, a second one cuts them off. In order:
   * earlier servers may still need later ones.
   */
  stopped(servers: readonly HttpServer[]): Promise<void>;
  /** Releases the signals. */
  release(): void;
}

/** Catches SIGINT and SIGTERM. Call it before announcing readiness: a signal may follow at once. */
export function catchSignals(io: CommandIo): StopSignals {
  const first = deferred<void>();
  const second = deferred<void>();
  let signals = 0;
  const onSignal = () => (++signals === 1 ? first : second).resolve();
  const off = [io.onSignal("SIGINT", onSignal), io.onSignal("SIGTERM", onSignal)];
  return {
    async stopped(servers) {
      await first.promise;
      void second.promise.then(() => Promise.all(servers.map((server) => server.stop(0))));
      for (const server of servers) await server.stop(GRACE_MS);
    },
    release() {
      for (const undo of off) undo();
    },
  };
}
