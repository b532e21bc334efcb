/** What goes before and after a statement so that its session holds, and holds for it alone. */
import type { DatabaseSession } from "../../../../core/database/body.ts";

export const ROLLBACK = "rollback";

/** Undefined: the statement runs by itself. */
export function opening(session: DatabaseSession | undefined): string | undefined {
  const { readOnly, role, set, isolation } = session ?? {};
  if (!readOnly && role === undefined && set === undefined && isolation === undefined) {
    return undefined;
  }
  return `begin${isolation === undefined ? "" : ` isolation level ${isolation}`}${
    readOnly ? " read only" : ""
  }`;
}

/** All for the transaction only. Names and values are parameters; the role comes first, so that it may not set what it could not. */
export function settings(
  { role, set = {} }: DatabaseSession = {},
  timeoutMs: number,
): { readonly text: string; readonly values: readonly string[] } {
  const all = [
    ...role === undefined ? [] : [["role", role] as const],
    ["statement_timeout", String(timeoutMs)] as const,
    // The engine has made text of all of them.
    ...Object.entries(set).map(([name, value]) => [name, String(value)] as const),
  ];
  const calls = all.map((_, at) => `pg_catalog.set_config($${2 * at + 1}, $${2 * at + 2}, true)`);
  return { text: `select ${calls.join(", ")}`, values: all.flat() };
}

/**
 * What only reads is rolled back, and with it whatever the statement has set for longer than its transaction. After a write
 * the same is taken back one by one.
 */
export function closing(session: DatabaseSession | undefined, failed: boolean): string | undefined {
  if (opening(session) === undefined) return undefined;
  return session?.readOnly || failed ? ROLLBACK : "commit; reset role; reset all";
}
