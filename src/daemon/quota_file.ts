/** Quotas in a small SQLite file, which several runtimes may share. A process that is killed leaves what it has committed. */
import type { DatabaseSync } from "node:sqlite";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import { type Period, periodStart } from "../engine/quota/period.ts";
import type { QuotaRow, QuotaStorage } from "../engine/quota/quota_row.ts";

const SCHEMA = `
  PRAGMA busy_timeout = 2000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS quota (
    tenant TEXT NOT NULL, period TEXT NOT NULL, start INTEGER NOT NULL, writer TEXT NOT NULL,
    calls REAL NOT NULL, bytes REAL NOT NULL, cost REAL NOT NULL,
    PRIMARY KEY (tenant, period, start, writer)
  ) WITHOUT ROWID;`;
// Rows only grow: writing one twice or late changes nothing.
const SAVE = `
  INSERT INTO quota (tenant, period, start, writer, calls, bytes, cost) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    calls = max(calls, excluded.calls), bytes = max(bytes, excluded.bytes), cost = max(cost, excluded.cost)`;
/** Rows are kept for longer than their period, so that a clock that is ahead for some days takes away nothing of today. */
const SPARE_MS = 2 * 86_400_000;
const PERIODS: readonly Period[] = ["day", "month"];

/** Opened on the first load. `onError` is called for every failure. */
export function quotaFile(path: string, onError: (error: ConnectorError) => void): QuotaStorage {
  let database: DatabaseSync | undefined;
  /** SQLite's counter of changes by other connections. */
  let seen: unknown;

  async function run<T>(work: (database: DatabaseSync) => T): Promise<T> {
    try {
      if (database === undefined) {
        const { DatabaseSync } = await import("node:sqlite");
        const opened = new DatabaseSync(path);
        opened.exec(SCHEMA);
        database ??= opened;
      }
      return work(database);
    } catch (cause) {
      const error = unusable(path, cause);
      onError(error);
      throw error;
    }
  }

  return {
    load: (now) =>
      run((open) => {
        const { data_version: version } = open.prepare("PRAGMA data_version").get() ?? {};
        if (version === seen) return [];
        const rows = PERIODS.flatMap((period) => {
          const start = periodStart(period, now);
          open.prepare("DELETE FROM quota WHERE period = ? AND start < ?").run(
            period,
            start - SPARE_MS,
          );
          return open.prepare("SELECT * FROM quota WHERE period = ? AND start = ?")
            .all(period, start).map((row): QuotaRow => ({
              tenantId: String(row["tenant"]),
              period,
              start,
              writer: String(row["writer"]),
              calls: Number(row["calls"]),
              bytes: Number(row["bytes"]),
              cost: Number(row["cost"]),
            }));
        });
        seen = version;
        return rows;
      }),
    save: (rows) =>
      run((open) => {
        open.exec("BEGIN IMMEDIATE");
        try {
          const save = open.prepare(SAVE);
          for (const { tenantId, period, start, writer, calls, bytes, cost } of rows) {
            save.run(tenantId, period, start, writer, calls, bytes, cost);
          }
          open.exec("COMMIT");
        } catch (error) {
          open.exec("ROLLBACK");
          throw error;
        }
      }),
    close() {
      database?.close();
      database = undefined;
      return Promise.resolve();
    },
  };
}

function unusable(path: string, cause: unknown): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "quota.storage",
    message: `the quotas in ${path} cannot be read or written: ${
      cause instanceof Error ? cause.message : String(cause)
    }`,
    cause,
  });
}
