/** File descriptors: a daemon that has none left can neither answer, nor resolve names, nor load more code. */
import { readdirSync, readFileSync } from "node:fs";

/** Reserved for DNS, the admin listener and files. */
const RESERVE = 12;

export interface DescriptorShares {
  /** Client connections. */
  readonly connections: number;
  /** Client connections and calls, each of which needs one to its upstream. */
  readonly both: number;
}

/** How many more the process may open; undefined if the system does not say. */
export function descriptorsLeft(): number | undefined {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    // Reading the folder takes one too.
    return limit === undefined
      ? undefined
      : Number(limit) - readdirSync("/proc/self/fd").length + 1;
  } catch {
    return undefined;
  }
}

/** Idle connections leave room for calls, and calls leave room for the process itself. */
export function shares(left: number | undefined): DescriptorShares {
  if (left === undefined) return { connections: Infinity, both: Infinity };
  const both = Math.max(2, left - RESERVE);
  return { connections: Math.max(1, Math.floor(both * 0.75)), both };
}
