/** Days and months as quotas count them: in UTC, whatever the machine's time zone. Epoch milliseconds. */

export type Period = "day" | "month";

export function periodStart(period: Period, now: number): number {
  const date = new Date(now);
  return Date.UTC(
    date.getUTCFullYear(),
    date.getUTCMonth(),
    period === "day" ? date.getUTCDate() : 1,
  );
}

export function periodEnd(period: Period, start: number): number {
  const date = new Date(start);
  return period === "day"
    ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1)
    : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
