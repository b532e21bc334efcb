/** What the worker says of a call in `Server-Timing`. */

export interface Timing {
  readonly attempts?: number;
  /** Milliseconds: spent between attempts, in the runtime's queues, and to the API's head. */
  readonly waited?: number;
  readonly queued?: number;
  readonly upstream?: number;
}

export function readTiming(header: string | null): Timing {
  const found: Record<string, number> = {};
  for (const metric of (header ?? "").split(",")) {
    const [name = "", ...facts] = metric.split(";").map((part) => part.trim());
    for (const fact of facts) {
      const [, value = ""] = /^(?:dur|desc)="?([\d.]+)"?$/.exec(fact) ?? [];
      if (value !== "") found[name] = Number(value);
    }
  }
  return found;
}
