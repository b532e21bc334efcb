/** Which settings of a new configuration a running daemon does not take on. */
import { formatAddress } from "../../src/daemon/mod.ts";
import { isJoin, shownJoin } from "./join.ts";
import type { RuntimeSettings } from "./settings.ts";
import { shownShared } from "./shared/shared.ts";

/** The settings that a running daemon keeps until a restart. */
export type Fixed = Pick<RuntimeSettings, "daemon" | "admin" | "shared">;

/** Settings in `read` that do not apply to a daemon started with `started`; tokens do apply. */
export function withoutEffect(started: Fixed, read: Fixed): Record<string, unknown> {
  const before = named(started);
  const wanted = named(read);
  return Object.fromEntries(
    [...new Set([...Object.keys(before), ...Object.keys(wanted)])]
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(wanted[name]))
      .map((name) => [name, shown(wanted[name]) ?? "default"]),
  );
}

/** The address of a pool may hold a password that the redactor does not know yet. */
function shown(value: unknown): unknown {
  return isJoin(value) ? shownJoin(value) : value;
}

function named({ daemon, admin, shared }: Fixed): Record<string, unknown> {
  const { tokens: _, ...options } = daemon;
  const fields = Object.entries(options).map(([name, value]) => [`daemon.${name}`, value]);
  return {
    ...Object.fromEntries(fields),
    ...(admin && { admin: formatAddress(admin) }),
    ...(shared && { shared: shownShared(shared) }),
  };
}
