const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `"1.5s"` → 1500; undefined if it is not a duration, is 0, or exceeds the limit of timers (24 days). */
export function durationMs(value: unknown): number | undefined {
  const match = typeof value === "string"
    ? /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(value)
    : null;
  if (match === null) return undefined;
  const ms = Math.round(Number(match[1]) * (UNITS[match[2] ?? ""] ?? 0));
  return ms > 0 && ms <= 0x7fffffff ? ms : undefined;
}
