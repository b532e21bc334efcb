/** The work behind `vastar runtime`, loaded only when it runs. */
import process from "node:process";
import { platform } from "#platform";
import { systemClock } from "../core/clock.ts";
import { deferred } from "../core/deferred.ts";
import { ConnectorError } from "../core/errors.ts";
import type { HttpServer } from "../core/serve/http_server.ts";
import type { SocketAddress } from "../core/platform.ts";
import { createAdmin } from "../daemon/admin.ts";
import { descriptorsLeft } from "../daemon/descriptors.ts";
import { listenError } from "../daemon/listen_error.ts";
import { prometheusText } from "../daemon/metrics.ts";
import { createDaemon, type Daemon, type DaemonLog, formatAddress } from "../daemon/mod.ts";
import { needsToken } from "../daemon/options.ts";
import { createRedactor, type Redactor } from "../daemon/redact.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { listen } from "../platform/listen.ts";
import { serveHttp } from "../platform/serve.ts";
import type { CommandArgs, CommandIo, ExitCode } from "./command.ts";
import { openLog } from "./runtime_log.ts";
import { readSettings, type RuntimeSettings } from "./runtime_settings.ts";

/** Far above any wait of a drain: it only keeps the process from ending while it has nothing to do. */
const KEEP_ALIVE_MS = 3_600_000;

export async function runRuntime(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  return await new RuntimeProcess(args, io, await readSettings(args, io)).run();
}

class RuntimeProcess {
  readonly #args: CommandArgs;
  readonly #io: CommandIo;
  readonly #redactor: Redactor;
  readonly #daemon: Daemon;
  readonly #startedAt = systemClock.monotonic();
  #settings: RuntimeSettings;
  #log: DaemonLog;
  #engine: Engine;
  #admin: HttpServer | undefined;

  constructor(args: CommandArgs, io: CommandIo, settings: RuntimeSettings) {
    this.#args = args;
    this.#io = io;
    this.#settings = settings;
    this.#redactor = createRedactor(() => this.#settings.tokens.map(({ token }) => token));
    this.#log = this.#openLog();
    this.#engine = this.#createEngine();
    this.#daemon = createDaemon(settings.daemon, {
      engine: this.#engine,
      listen,
      descriptorsLeft,
      log: {
        debug: (message, properties) => this.#log.debug(message, properties),
        info: (message, properties) => this.#log.info(message, properties),
        warn: (message, properties) => this.#log.warn(message, properties),
        error: (message, properties) => this.#log.error(message, properties),
      },
    });
  }

  async run(): Promise<ExitCode> {
    const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
    const over = deferred<ExitCode>();
    let signals = 0;
    const onSignal = (name: string) => {
      if (++signals === 1) over.resolve(this.#drain(name));
      else void this.#daemon.stop();
    };
    const undo = [
      this.#io.onSignal("SIGTERM", () => onSignal("SIGTERM")),
      this.#io.onSignal("SIGINT", () => onSignal("SIGINT")),
      this.#io.onSignal("SIGHUP", () => void this.#reload()),
    ];
    try {
      // Before anybody is served: its modules could not be loaded once clients have taken the last file descriptor.
      await this.#engine.connect();
      await this.#daemon.start();
      if (this.#settings.admin !== undefined) {
        this.#admin = await this.#serveAdmin(this.#settings.admin);
      }
      const where = this.#daemon.addresses.map(formatAddress).join(" ");
      const admin = this.#admin === undefined ? "" : ` admin ${this.#admin.url}`;
      this.#io.stdout(`vastar runtime ready on ${where}${admin}\n`);
      return await over.promise;
    } catch (error) {
      // A signal during the start is no failure.
      if (signals === 0) throw error;
      return await over.promise;
    } finally {
      await this.#daemon.stop();
      await this.#admin?.stop(0);
      await this.#engine.close();
      for (const off of undo) off();
      clearInterval(keepAlive);
    }
  }

  async #drain(signal: string): Promise<ExitCode> {
    const { drainMs } = this.#settings;
    const open = this.#daemon.stats().callsActive;
    this.#log.info("{signal}: finishing {open} open calls within {limitMs} ms", {
      signal,
      open,
      limitMs: drainMs,
    });
    const { cancelled } = await this.#daemon.drain(drainMs);
    if (cancelled === 1) this.#log.warn("1 call was cancelled", { cancelled });
    if (cancelled > 1) this.#log.warn("{cancelled} calls were cancelled", { cancelled });
    this.#log.info("stopped");
    return 0;
  }

  /** A configuration that is wrong in any way changes nothing. */
  async #reload(): Promise<void> {
    try {
      const before = this.#settings;
      const settings = await readSettings(this.#args, this.#io);
      const engine = this.#createEngine(settings);
      await engine.connect();
      this.#daemon.useTokens(settings.tokens);
      this.#settings = settings;
      this.#log = this.#openLog();
      const old = this.#engine;
      this.#engine = engine;
      void this.#daemon.useEngine(engine).then(() => old.close());
      const fixed = ["daemon", "admin"] as const;
      const unapplied = fixed.filter((part) =>
        JSON.stringify(withoutTokens(before[part])) !==
          JSON.stringify(withoutTokens(settings[part]))
      );
      this.#log.info("configuration read again");
      if (unapplied.length > 0) {
        this.#log.warn("listeners and connection limits change with a restart only");
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log.error("the new configuration was not taken, the old one stays: {message}", {
        message,
      });
    }
  }

  #createEngine(settings: RuntimeSettings = this.#settings): Engine {
    const { egress = {} } = settings.engine;
    return createEngine({
      ...settings.engine,
      egress: {
        ...egress,
        ownListeners: () => this.#ownListeners(),
        howToPermit: (rule) =>
          `start the runtime that made the call (not its client) with --allow ${rule}, ` +
          `or add "${rule}" to egress.allow in its configuration`,
        onDenied: ({ host, port, range, rule }) =>
          this.#log.warn(
            "{host}:{port} is {range}: refused unless the runtime is started with --allow {rule}",
            {
              host,
              port,
              range,
              rule,
            },
          ),
      },
    }, { platform });
  }

  #ownListeners(): { host: string; port: number }[] {
    const own = [
      ...this.#daemon.addresses,
      ...this.#admin === undefined ? [] : [this.#admin.address],
    ];
    return own.flatMap((address) => address.kind === "tcp" ? [address] : []);
  }

  #openLog(): DaemonLog {
    return openLog(this.#settings.log, this.#redactor, (line) => this.#io.stderr(line));
  }

  async #serveAdmin(address: SocketAddress): Promise<HttpServer> {
    const exposed = needsToken(address);
    if (exposed && this.#settings.tokens.length === 0) {
      throw listenError(
        "listen.token_required",
        `${
          formatAddress(address)
        } can be reached from other machines and no access token is set; ` +
          "set VASTAR_TOKEN or tokens in the configuration, or use 127.0.0.1.",
      );
    }
    const admin = createAdmin({
      notReady: () =>
        this.#daemon.state === "ready" ? [] : [`the runtime is ${this.#daemon.state}`],
      metrics: () =>
        prometheusText({
          daemon: this.#daemon.stats(),
          engine: this.#engine.stats(),
          uptimeMs: systemClock.monotonic() - this.#startedAt,
          residentBytes: process.memoryUsage().rss,
        }),
      config: () => this.#redactor.value(this.#settings),
      ...(exposed && { tokens: () => this.#settings.tokens }),
      loopback: address.kind === "tcp" && !exposed,
    });
    return await serveHttp({
      address,
      fetch: admin,
      onError: (error) => {
        const message = error instanceof ConnectorError ? error.message : String(error);
        this.#log.error("admin: {message}", { message });
      },
    });
  }
}

function withoutTokens(part: object | undefined): object {
  const { tokens: _, ...rest } = { tokens: undefined, ...part };
  return rest;
}
