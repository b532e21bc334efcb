/** The second argument of `fetch`: on workerd the environment, elsewhere something else. */
import type { ConnectorDefinition } from "../connector/definition/definition.ts";

export interface Bound {
  get(name: string): string | undefined;
  /** True if the connectors see no difference. */
  same(other: Bound): boolean;
}

/** Returns a function that picks the variables that the connectors name, so that other objects come out empty. */
export function createBindings(
  connectors: readonly ConnectorDefinition[],
): (bindings: unknown) => Bound {
  const names = connectors.flatMap(({ config }) => config.flatMap(({ env }) => env ?? []));
  return (bindings) => {
    const values = new Map<string, string>();
    if (typeof bindings === "object" && bindings !== null) {
      for (const name of names) {
        const value = Object.hasOwn(bindings, name)
          ? (bindings as Readonly<Record<string, unknown>>)[name]
          : undefined;
        if (typeof value === "string") values.set(name, value);
      }
    }
    const get = (name: string): string | undefined => values.get(name);
    return { get, same: (other) => names.every((name) => get(name) === other.get(name)) };
  };
}
