/** The file's databases, as engine options. */
import type { DatabasesConfig } from "../../src/config/mod.ts";
import type { DatabaseOptions, NamedDatabase } from "../../src/engine/database/database_options.ts";
import { given } from "./given.ts";

/** Skips those whose secret could not be read, which is already reported. */
export function databasesOf(
  { idle, named = {}, ...rest }: DatabasesConfig,
  secrets: ReadonlyMap<string, string>,
): DatabaseOptions {
  const all = Object.entries(named).flatMap(([name, { secret, ...one }]) => {
    const url = secrets.get(secret);
    return url === undefined ? [] : [[name, { ...one, url }] as const];
  });
  return { ...rest, ...given({ idleMs: idle }), named: Object.fromEntries(all) };
}

/** The URLs, and what is secret in them. */
export function databaseSecrets({ named = {} }: DatabaseOptions = {}): readonly string[] {
  return Object.values(named).flatMap(({ url }) => {
    const password = URL.parse(url)?.password ?? "";
    return password === "" ? [url] : [url, password, decodeURIComponent(password)];
  });
}

/** For people: without the URLs. */
export function shownDatabases(options: DatabaseOptions = {}): DatabaseOptions {
  const { named = {} } = options;
  const shown = ({ url: _, ...rest }: NamedDatabase): Omit<NamedDatabase, "url"> => rest;
  return {
    ...options,
    named: Object.fromEntries(
      Object.entries(named).map(([name, one]) => [name, shown(one) as NamedDatabase]),
    ),
  };
}
