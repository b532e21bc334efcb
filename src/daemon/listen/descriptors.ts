/** File descriptors: a daemon that has none left can neither answer, nor look names up, nor load what it has not loaded yet. */
import { readdirSync, readFileSync } from "node:fs";

/** Never given to clients: for DNS, for the admin listener, for files. */
const RESERVE = 12;

export interface DescriptorShares {
  /** Connections of clients. */
  readonly connections: number;
  /** Connections of clients and calls, each of which needs one to its upstream. */
  readonly both: number;
}

/** How many more the process may open; undefined where the system does not say. */
export function descriptorsLeft(): number | undefined {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    // Reading the folder takes one, too.
    return limit === undefined
      ? undefined
      : Number(limit) - readdirSync("/proc/self/fd").length + 1;
  } catch {
    return undefined;
  }
}

/** A crowd of idle connections leaves calls room, and calls leave the process room to work. */
export function shares(left: number | undefined): DescriptorShares {
  if (left === undefined) return { connections: Infinity, both: Infinity };
  const both = Math.max(2, left - RESERVE);
  return { connections: Math.max(1, Math.floor(both * 0.75)), both };
}
