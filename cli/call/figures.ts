/** A call's attempts and waits, in words. */

export interface Figures {
  readonly attempts: number;
  readonly hedges?: number;
  readonly waitedUs: number;
  readonly queuedUs: number;
}

/** `3 attempts`, `150 ms between them`, `20 ms in queues`. */
export function figures({ attempts, hedges = 0, waitedUs, queuedUs }: Figures): string[] {
  return [
    `${attempts} attempt${attempts === 1 ? "" : "s"}`,
    ...(hedges > 0 ? [`${hedges} of them beside another`] : []),
    ...(waitedUs > 0 ? [`${milliseconds(waitedUs)} between them`] : []),
    ...(queuedUs > 0 ? [`${milliseconds(queuedUs)} in queues`] : []),
  ];
}

export function milliseconds(us: number): string {
  return `${Math.round(us / 1_000)} ms`;
}
