/** All that an engine keeps for databases: drivers, once a call needs them, and pools. */
import type { CallReply } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import type { DatabaseDrivers } from "../../core/database/driver.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { Platform } from "../../core/platform.ts";
import type { ActiveCall } from "../call.ts";
import type { Stage } from "../stage.ts";
import { database } from "../stages/database.ts";
import { databaseUpstream } from "../stages/database_upstream.ts";
import type { Timers } from "../timers.ts";
import type { DatabaseCall } from "./database_call.ts";
import type { ResolvedDatabases } from "./database_options.ts";
import { type PoolFigures, Pools } from "./pools.ts";

export interface DatabasesDeps {
  readonly platform: Platform;
  readonly ca: readonly string[];
  readonly clock: Clock;
  readonly timers: Timers;
}

export interface DatabaseFigures {
  readonly pools: readonly PoolFigures[];
  /** Calls refused because too many were waiting, since the start. */
  readonly refused: number;
}

export interface Databases {
  readonly stage: Stage;
  run(call: ActiveCall, asked: DatabaseCall): PromiseLike<CallReply>;
  figures(): DatabaseFigures;
  close(): Promise<void>;
}

export function createDatabases(options: ResolvedDatabases, deps: DatabasesDeps): Databases {
  const { platform, ca, clock, timers } = deps;
  const pools = new Pools(options, clock, timers);
  let opened: Promise<DatabaseDrivers> | undefined;

  function drivers(): Promise<DatabaseDrivers> {
    if (platform.createDatabases === undefined) return Promise.reject(none(platform.name));
    if (opened === undefined) {
      opened = platform.createDatabases();
      // Loading code needs file descriptors: if it failed for lack of one, the next call tries again.
      opened.catch(() => opened = undefined);
    }
    return opened;
  }

  return {
    stage: database(options),
    run: databaseUpstream({ drivers, pools, options, ca, clock, timers }),
    figures: () => ({ pools: pools.figures(), refused: pools.refused }),
    async close() {
      pools.close();
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}

function none(name: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "database.unsupported",
    message: `there are no databases on ${name}: use a daemon on Bun, Deno or Node`,
  });
}
