/** The admin listener of `vastar runtime`. */
import process from "node:process";
import { systemClock } from "../../src/core/clock.ts";
import { ConnectorError } from "../../src/core/errors.ts";
import type { SocketAddress } from "../../src/core/platform.ts";
import type { HttpServer } from "../../src/core/serve/http_server.ts";
import { createAdmin } from "../../src/daemon/admin.ts";
import type { PoolFigures } from "../../src/daemon/membership.ts";
import type { Outcomes } from "../../src/daemon/metrics/outcomes.ts";
import { prometheusText } from "../../src/daemon/metrics/metrics.ts";
import type { AccessToken, DaemonState, DaemonStats } from "../../src/daemon/mod.ts";
import { needsToken } from "../../src/daemon/options.ts";
import type { SharingFigures } from "../../src/engine/leases/sharing.ts";
import type { AdmissionFigures, Engine } from "../../src/engine/engine.ts";
import { serveHttp } from "../../src/platform/serve.ts";

export interface AdminSources {
  readonly state: () => DaemonState;
  readonly daemon: () => DaemonStats;
  /** Undefined if it has joined none. */
  readonly pool: () => PoolFigures | undefined;
  /** Undefined if it shares nothing. */
  readonly sharing: () => SharingFigures | undefined;
  /** The one in use at the time. */
  readonly engine: () => Pick<Engine, "stats" | "admission">;
  readonly calls: Outcomes;
  /** Without secrets. */
  readonly config: () => unknown;
  readonly tokens: () => readonly AccessToken[];
  readonly onError: (message: string) => void;
}

/** The answer of `/status`, shown by `vastar status`. */
export interface RuntimeStatus {
  readonly state: DaemonState;
  readonly uptimeMs: number;
  readonly residentBytes: number;
  readonly daemon: DaemonStats;
  readonly pool?: PoolFigures | undefined;
  readonly sharing?: SharingFigures | undefined;
  readonly admission: AdmissionFigures;
  readonly hosts: ReturnType<Outcomes["hosts"]>;
  readonly tenants: ReturnType<Outcomes["tenants"]>;
}

export function serveAdmin(address: SocketAddress, from: AdminSources): Promise<HttpServer> {
  const startedAt = systemClock.monotonic();
  const own = () => ({
    uptimeMs: systemClock.monotonic() - startedAt,
    residentBytes: process.memoryUsage().rss,
  });
  const exposed = needsToken(address);
  const status = (): RuntimeStatus => ({
    state: from.state(),
    ...own(),
    daemon: from.daemon(),
    pool: from.pool(),
    sharing: from.sharing(),
    admission: from.engine().admission(),
    hosts: from.calls.hosts(),
    tenants: from.calls.tenants(),
  });
  return serveHttp({
    address,
    fetch: createAdmin({
      notReady: () => [
        ...from.state() === "ready" ? [] : [`the runtime is ${from.state()}`],
        ...from.pool()?.connected === false ? ["there is no connection to the pool's NATS"] : [],
      ],
      metrics: () =>
        prometheusText({
          ...own(),
          daemon: from.daemon(),
          pool: from.pool(),
          sharing: from.sharing(),
          calls: from.calls,
          active: from.engine().stats().active,
          admission: from.engine().admission(),
        }),
      status,
      config: from.config,
      ...(exposed && { tokens: from.tokens }),
      loopback: address.kind === "tcp" && !exposed,
    }),
    onError: (error) =>
      from.onError(error instanceof ConnectorError ? error.message : String(error)),
  });
}
