/** Implements `vastar runtime`; loaded only when it runs. */
import process from "node:process";
import { platform } from "#platform";
import { deferred } from "../../src/core/deferred.ts";
import { ConnectorError } from "../../src/core/errors.ts";
import { type HttpServer, httpUrl } from "../../src/core/serve/http_server.ts";
import { formatNatsAddress, type NatsAddress } from "../../src/core/pool/nats_address.ts";
import type { SocketAddress } from "../../src/core/platform.ts";
import { descriptorsLeft } from "../../src/daemon/listen/descriptors.ts";
import { Outcomes } from "../../src/daemon/metrics/outcomes.ts";
import {
  createDaemon,
  type Daemon,
  type DaemonLog,
  type DrainResult,
  formatAddress,
} from "../../src/daemon/mod.ts";
import type { Membership, MemberSide } from "../../src/daemon/membership.ts";
import { quotaStorage } from "../../src/daemon/quota_storage.ts";
import { createRedactor, type Redactor } from "../../src/daemon/redact.ts";
import { selfTest } from "../../src/daemon/self_test.ts";
import type { Sharing } from "../../src/engine/leases/sharing.ts";
import {
  createEngine,
  createKeyedCalls,
  type Engine,
  type KeyedCalls,
} from "../../src/engine/engine.ts";
import { hostPort } from "../../src/http/address.ts";
import { listen } from "../../src/platform/listen.ts";
import type { CommandArgs, CommandIo, ExitCode } from "../command.ts";
import { serveAdmin } from "./admin.ts";
import { captureOutput } from "./log/console.ts";
import { startTelemetry } from "../telemetry.ts";
import { openLog } from "./log/log.ts";
import { type Fixed, withoutEffect } from "./needs_restart.ts";
import { type Notifier, openNotifier } from "./notify.ts";
import { type Reload, writeReport } from "./report.ts";
import { type PolicyOfAll, policyOfAll } from "./shared/policy_of_all.ts";
import { openSharing } from "./shared/open_sharing.ts";
import { inForce, readSettings, type RuntimeSettings, secretsOf } from "./settings.ts";

/** The rest is in the record's properties, shown in JSON. */
const ENDED = "call {id} of {tenantId} to {host}: status {status} after {durationMs} ms";
const ADMIN_AGAIN_MS = 50;
/** Longer than any drain: it only keeps an idle process from ending. */
const KEEP_ALIVE_MS = 3_600_000;

export async function runRuntime(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const settings = await readSettings(args, io);
  if (!args.flag("check-config")) return await new RuntimeProcess(args, io, settings).run();
  const { value } = createRedactor(() => secretsOf(settings));
  io.stdout(`${JSON.stringify(value(inForce(settings)), undefined, 2)}\n`);
  return 0;
}

class RuntimeProcess {
  readonly #args: CommandArgs;
  readonly #io: CommandIo;
  readonly #redactor: Redactor;
  readonly #daemon: Daemon;
  readonly #calls = new Outcomes();
  readonly #notifier: Notifier;
  readonly #started: Fixed;
  #settings: RuntimeSettings;
  /** Secrets of the previous configuration, which open calls may still use. */
  #formerSecrets: readonly string[] = [];
  #log: DaemonLog;
  #engine: Engine;
  /** A reload forgets none of them. */
  readonly #keyedCalls: KeyedCalls = createKeyedCalls();
  #sharing: Sharing | undefined;
  readonly #policy: PolicyOfAll | undefined;
  #admin: HttpServer | undefined;
  /** Settings that were read but are not in force, by their name under `/config`. */
  #needsRestart: Readonly<Record<string, unknown>> = {};
  #reloads = 0;
  /** Reloads run one after the other, so the last configuration read is the one in force. */
  #reloading: Promise<void> = Promise.resolve();

  constructor(args: CommandArgs, io: CommandIo, settings: RuntimeSettings) {
    this.#args = args;
    this.#io = io;
    this.#settings = settings;
    const { daemon, admin, shared } = settings;
    this.#started = { daemon, admin, shared };
    this.#policy = policyOfAll(shared, {
      read: (text) => readSettings(args, io, text),
      log: this.#records,
    });
    this.#redactor = createRedactor(() => [
      ...secretsOf(this.#settings),
      ...this.#formerSecrets,
    ]);
    this.#log = this.#openLog();
    this.#notifier = openNotifier(
      io.env,
      (reason) => this.#log.warn("systemd could not be notified: {reason}", { reason }),
    );
    this.#engine = this.#createEngine();
    this.#daemon = createDaemon(settings.daemon, {
      engine: this.#engine,
      listen: (address, accept) => listen(address, accept, { takeOver: args.flag("take-over") }),
      descriptorsLeft,
      log: this.#records,
      join: (address, side) => this.#join(address, side),
    });
  }

  /** The log currently in use: a reload may open another. */
  readonly #records: DaemonLog = {
    debug: (message, properties) => this.#log.debug(message, properties),
    info: (message, properties) => this.#log.info(message, properties),
    warn: (message, properties) => this.#log.warn(message, properties),
    error: (message, properties) => this.#log.error(message, properties),
  };

  async run(): Promise<ExitCode> {
    const release = captureOutput(this.#records, () => process.exit(1));
    const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
    const over = deferred<ExitCode>();
    let signals = 0;
    const onSignal = (name: string, work: () => Promise<ExitCode> = () => this.#drain(name)) => {
      if (++signals === 1) {
        this.#notifier.say("STOPPING=1");
        over.resolve(work());
      } else void this.#daemon.stop();
    };
    const undo = [
      this.#io.onSignal("SIGTERM", () => onSignal("SIGTERM")),
      this.#io.onSignal("SIGINT", () => onSignal("SIGINT")),
      this.#io.onSignal("SIGUSR2", () => onSignal("SIGUSR2", () => this.#handOver())),
      this.#io.onSignal("SIGHUP", () => {
        this.#reloading = this.#reloading.then(() => this.#reload());
      }),
    ];
    const telemetry = startTelemetry(this.#io, "vastar-runtime");
    try {
      await telemetry;
      await this.#share();
      await selfTest({ platform, listen, upstream: this.#settings.engine.upstream });
      // Before anyone is served: its modules could not be loaded once clients use the last file descriptor.
      await this.#engine.connect();
      await this.#daemon.start();
      await this.#openAdmin(() => signals > 0);
      this.#announce();
      this.#notifier.say("READY=1");
      this.#report({ needsRestart: [] });
      return await over.promise;
    } catch (error) {
      // A signal during the start is not a failure.
      if (signals > 0) return await over.promise;
      if (this.#settings.log.format === "text" || !(error instanceof ConnectorError)) throw error;
      this.#log.error("not started: {message}", { message: error.message, code: error.code });
      return 1;
    } finally {
      await this.#daemon.stop();
      await this.#admin?.stop(0);
      await this.#engine.close();
      await this.#sharing?.close();
      await this.#notifier.end();
      await telemetry.then((sdk) => sdk?.shutdown()).catch((error: unknown) =>
        this.#log.warn("telemetry did not end well: {reason}", {
          reason: error instanceof Error ? error.name : typeof error,
        })
      );
      for (const off of undo) off();
      release();
      clearInterval(keepAlive);
    }
  }

  /** Before anything is served; the engine that was there so far has made no calls. */
  async #share(): Promise<void> {
    const { shared } = this.#settings;
    if (shared === undefined) return;
    this.#sharing = await openSharing(shared, this.#records);
    const read = await this.#policy?.begin(this.#sharing, (text) => {
      this.#reloading = this.#reloading.then(() => this.#reload(text));
    });
    if (read !== undefined) this.#settings = { ...read, ...this.#started };
    const before = this.#engine;
    this.#engine = this.#createEngine();
    void this.#daemon.useEngine(this.#engine);
    await before.close();
  }

  async #join(address: NatsAddress, side: MemberSide): Promise<Membership> {
    const { joinPool } = await import("../../src/platform/nats/join_pool.ts");
    return await joinPool(address, side, {
      onProblem: (message) => this.#log.warn("NATS: {message}", { message }),
    });
  }

  #announce(): void {
    const { join } = this.#settings.daemon;
    const listen = this.#daemon.addresses.map(formatAddress);
    if (join !== undefined && this.#daemon.pool?.connected === true) {
      listen.push(formatNatsAddress(join.address));
    }
    const { admin: wanted } = this.#settings;
    const admin = this.#admin?.url ?? (wanted && httpUrl(wanted));
    const text = `vastar runtime ready${listen.length === 0 ? "" : ` on ${listen.join(" ")}`}${
      admin === undefined ? "" : ` admin ${admin}`
    }`;
    this.#io.stdout(
      this.#settings.log.format === "text" ? `${text}\n` : `${
        JSON.stringify({
          time: new Date().toISOString(),
          level: "info",
          logger: "vastar.runtime",
          message: text,
          listen,
          admin,
        })
      }\n`,
    );
  }

  /** A runtime being replaced keeps its admin listener until it is told to stop: wait for that while serving calls. */
  async #openAdmin(stopping: () => boolean): Promise<void> {
    const { admin } = this.#settings;
    if (admin === undefined) return;
    try {
      this.#admin = await this.#serveAdmin(admin);
    } catch (error) {
      const taken = error instanceof ConnectorError && error.code === "listen.in_use";
      if (!taken || !this.#args.flag("take-over")) throw error;
      setTimeout(() => {
        if (!stopping()) void this.#openAdmin(stopping);
      }, ADMIN_AGAIN_MS);
    }
  }

  async #handOver(): Promise<ExitCode> {
    const { drainMs } = this.#settings;
    const { connections } = this.#daemon.stats();
    this.#log.info(
      "SIGUSR2: another runtime has taken over; {connections} connections may stay {limitMs} ms",
      {
        connections,
        limitMs: drainMs,
      },
    );
    await this.#admin?.stop(0);
    return await this.#ended(this.#daemon.handOver(drainMs));
  }

  async #drain(signal: string): Promise<ExitCode> {
    const { drainMs } = this.#settings;
    const open = this.#daemon.stats().callsActive;
    this.#log.info("{signal}: finishing {open} open calls within {limitMs} ms", {
      signal,
      open,
      limitMs: drainMs,
    });
    const drained = this.#daemon.drain(drainMs);
    this.#report({ needsRestart: Object.keys(this.#needsRestart) });
    return await this.#ended(drained);
  }

  async #ended(drained: Promise<DrainResult>): Promise<ExitCode> {
    const { cancelled } = await drained;
    if (cancelled === 1) this.#log.warn("1 call was cancelled", { cancelled });
    if (cancelled > 1) this.#log.warn("{cancelled} calls were cancelled", { cancelled });
    this.#log.info("stopped");
    return 0;
  }

  /** A configuration with any mistake changes nothing. */
  async #reload(policy: string | undefined = this.#policy?.text): Promise<void> {
    this.#reloads++;
    this.#notifier.say("RELOADING=1");
    try {
      const read = await readSettings(this.#args, this.#io, policy);
      const engine = this.#createEngine(read);
      await engine.connect();
      this.#daemon.useTokens(read.tokens);
      this.#needsRestart = withoutEffect(this.#started, read);
      this.#formerSecrets = secretsOf(this.#settings);
      this.#settings = { ...read, ...this.#started, tokens: read.tokens };
      this.#log = this.#openLog();
      const old = this.#engine;
      this.#engine = engine;
      void this.#daemon.useEngine(engine).then(() => old.close());
      await this.#policy?.accept(policy);
      const needsRestart = Object.keys(this.#needsRestart);
      this.#log.info("configuration read again");
      if (needsRestart.length > 0) {
        this.#log.warn("a restart is needed for {settings}", {
          settings: needsRestart.join(", "),
        });
      }
      this.#report({ needsRestart });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log.error("the new configuration was rejected, the old one stays in force: {message}", {
        message,
      });
      this.#report({ refused: message, needsRestart: Object.keys(this.#needsRestart) });
    } finally {
      this.#notifier.say("READY=1");
    }
  }

  #report(reload: Reload): void {
    const draining = this.#daemon.state === "draining";
    try {
      const { admin: wanted } = this.#settings;
      const at = this.#admin?.address ?? wanted;
      const admin = at && formatAddress(at);
      writeReport({ draining, admin, reloads: this.#reloads, reload }, this.#io.env);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log.warn("nothing could be reported to `vastar runtime`: {message}", { message });
    }
  }

  #createEngine(settings: RuntimeSettings = this.#settings): Engine {
    const { egress = {} } = settings.engine;
    return createEngine({
      ...settings.engine,
      onCall: (record) => {
        this.#calls.ended(record);
        if (this.#settings.log.level === "debug") this.#log.debug(ENDED, { ...record });
      },
      onRetry: (record) => this.#calls.repeated(record),
      egress: {
        ...egress,
        ownListeners: () => this.#ownListeners(),
        howToPermit: (rule) =>
          `start the runtime that made the call (not its client) with --allow ${rule}, ` +
          `or add "${rule}" to egress.allow in its configuration`,
        onDenied: ({ host, port, range, rule }) =>
          this.#log.warn(
            "{destination} is {range}: refused unless the runtime is started with --allow {rule}",
            {
              destination: hostPort(host, port),
              host,
              port,
              range,
              rule,
            },
          ),
      },
    }, {
      platform,
      keyedCalls: this.#keyedCalls,
      sharing: this.#sharing,
      quotaStorage: quotaStorage(
        settings.quotaFile,
        this.#sharing?.quotas,
        ({ message }) => this.#log.error("{message}", { message }),
      ),
    });
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
    return await serveAdmin(address, {
      state: () => this.#daemon.state,
      daemon: () => this.#daemon.stats(),
      pool: () => this.#daemon.pool,
      sharing: () => this.#sharing?.figures(),
      engine: () => this.#engine,
      calls: this.#calls,
      config: () =>
        this.#redactor.value({ ...inForce(this.#settings), needsRestart: this.#needsRestart }),
      tokens: () => this.#settings.tokens,
      onError: (message) => this.#log.error("admin: {message}", { message }),
    });
  }
}
