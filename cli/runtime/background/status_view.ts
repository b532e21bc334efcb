/** The figures of `/status` for people, with rates if there are earlier figures. */
import type { ExitCode } from "../../command.ts";
import type { RuntimeStatus } from "../admin.ts";

/** What is shown at one time. */
export interface View {
  /** With rates since earlier figures, if there are. */
  shown(before?: RuntimeStatus): string;
  readonly details?: RuntimeStatus | undefined;
  readonly code: ExitCode;
}

/** How many table lines fit on a screen; the busiest are shown. */
const MOST_ROWS = 10;

export function viewOf(now: RuntimeStatus, before?: RuntimeStatus): string {
  const { daemon, pool, sharing, admission: { breakers, bulkhead, databases, rates } } = now;
  // A runtime that was replaced counts from 0.
  const earlier = before !== undefined && before.uptimeMs < now.uptimeMs ? before : undefined;
  const seconds = earlier && (now.uptimeMs - earlier.uptimeMs) / 1000;
  const rate = (count: number, was: number | undefined): string =>
    seconds === undefined ? "" : `${((count - (was ?? 0)) / seconds).toFixed(1)}/s`;
  const total = rate(daemon.callsTotal, earlier?.daemon.callsTotal);
  const waiting = rates.reduce((sum, { queued }) => sum + queued, bulkhead?.queued ?? 0);
  const count = (state: string) => breakers.others.filter((one) => one.state === state).length;
  const facts: [string, string][] = [
    ["state", `${now.state}, for ${duration(now.uptimeMs)}`],
    [
      "calls",
      `${daemon.callsActive} active, ${waiting} waiting, ${daemon.callsTotal} so far` +
      (total === "" ? "" : `, ${total}`),
    ],
    ["clients", `${daemon.connections}, ${daemon.sessions} of them sessions`],
    ...sharing === undefined ? [] : [["shared", sharingLine(sharing)] as [string, string]],
    ...pool === undefined ? [] : [["pool", poolLine(pool)] as [string, string]],
    [
      "memory",
      `${size(now.residentBytes)}; ${size(daemon.bufferedBytes)} of ` +
      `${size(daemon.maxBufferedBytes)} buffered`,
    ],
    [
      "breakers",
      `${count("open")} open, ${count("half-open")} half-open, ${breakers.closed} closed`,
    ],
  ];
  return [
    ...facts.map(([label, value]) => `  ${label.padEnd(10)}  ${value}\n`),
    ...table(
      ["BREAKER", "TENANT", "STATE", "NEXT CHANCE"],
      breakers.others.map((one) => [
        one.origin,
        one.tenantId,
        one.state,
        duration(one.retryAfterMs),
      ]),
    ),
    ...table(
      ["DATABASE", "TENANT", "CONNECTIONS", "IN USE", "WAITING"],
      databases.pools.map(({ database, tenantId, open, inUse, waiting }) => [
        database,
        tenantId,
        ...[open, inUse, waiting].map(String),
      ]),
    ),
    ...table(
      ["TENANT", "CALLS", "FAILED", "RATE"],
      busiest(now.tenants).map((one) => [
        one.tenant,
        String(one.calls),
        String(one.failed),
        rate(one.calls, earlier?.tenants.find(({ tenant }) => tenant === one.tenant)?.calls),
      ]),
    ),
    ...table(
      ["HOST", "CONNECTOR", "CALLS", "FAILED", "RETRIES", "HEDGES", "MEAN", "RATE"],
      busiest(now.hosts).map((one) => {
        const was = earlier?.hosts.find(({ host, connector }) =>
          host === one.host && connector === one.connector
        );
        return [
          one.host === "" ? "(none)" : one.host,
          one.connector,
          String(one.calls),
          String(one.failed),
          String(one.retries),
          String(one.hedges),
          one.calls === 0 ? "" : `${Math.round(one.seconds / one.calls * 1000)} ms`,
          rate(one.calls, was?.calls),
        ];
      }),
    ),
  ].join("");
}

function busiest<T extends { readonly calls: number }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => b.calls - a.calls);
}

export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  most: number = MOST_ROWS,
): string[] {
  if (rows.length === 0) return [];
  const shown = [head, ...rows.slice(0, most).map((row) => row.map(printable))];
  const widths = head.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  const lines = shown.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()}\n`
  );
  const more = rows.length - most;
  return ["\n", ...lines, ...more > 0 ? [`  … ${more} more\n`] : []];
}

/** Callers choose these names: they must not move a cursor. */
function printable(text: string): string {
  const plain = text.replace(/\p{C}/gu, "?");
  return plain.length > 40 ? `${plain.slice(0, 39)}…` : plain;
}

export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function size(bytes: number): string {
  return bytes < 1_000_000
    ? `${Math.round(bytes / 1024)} KiB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function sharingLine({ members, awayMs }: NonNullable<RuntimeStatus["sharing"]>): string {
  const away = awayMs === 0
    ? ""
    : `, but the store is AWAY for ${Math.round(awayMs / 1_000)} s: its part of them only`;
  return `limits with ${members - 1} other runtimes${away}`;
}

function poolLine({ connected, members, sessions }: NonNullable<RuntimeStatus["pool"]>): string {
  const calls = members.reduce((sum, one) => sum + one.calls, 0);
  return `${connected ? "" : "NOT CONNECTED to NATS; "}${members.length} members with ${calls} ` +
    `calls active, ${sessions} clients from there`;
}
