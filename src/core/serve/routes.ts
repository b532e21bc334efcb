/** Finds the operation of a request by method and path. */

interface Routed {
  readonly method: string;
  /** `/users/{id}` */
  readonly path: string;
}

interface Servers {
  /** Base URLs by name. */
  readonly servers: Readonly<Record<string, string>>;
}

export interface Route<Operation> {
  readonly operation: Operation;
  /** Decoded path values by the name in the template. */
  readonly path: Readonly<Record<string, string>>;
}

interface Pattern<Operation> {
  readonly operation: Operation;
  readonly expression: RegExp;
  readonly names: readonly string[];
  /** Fixed characters: `/users/me` wins over `/users/{id}`. */
  readonly weight: number;
}

/** A route, or the methods allowed at the path. */
export type RouteFinder<Operation> = (
  method: string,
  path: string,
) => Route<Operation> | { readonly allowed: readonly string[] };

export function createRoutes<Operation extends Routed>(
  connector: Servers & { readonly operations: readonly Operation[] },
): RouteFinder<Operation> {
  const patterns = connector.operations.map((one) => patternOf(one)).sort((a, b) =>
    b.weight - a.weight
  );
  const prefixes = prefixesOf(connector);
  return (method, path) => {
    const allowed = new Set<string>();
    for (const prefix of prefixes) {
      if (!path.startsWith(prefix)) continue;
      const rest = path.slice(prefix.length);
      for (const { operation, expression, names } of patterns) {
        const match = expression.exec(rest);
        if (match === null) continue;
        if (operation.method !== method) {
          allowed.add(operation.method);
          continue;
        }
        const values = names.map((name, at) => [name, decode(match[at + 1] ?? "")]);
        return { operation, path: Object.fromEntries(values) };
      }
    }
    return { allowed: [...allowed] };
  };
}

/** Paths of the servers: callers may replace an address whole or up to its path. */
export function prefixesOf({ servers }: Servers): readonly string[] {
  return [...new Set(["", ...Object.values(servers).map(pathOf)])];
}

/** `/v1beta` of `https://example.com/v1beta`: callers may replace the origin alone or the whole address. */
function pathOf(server: string): string {
  return /^[a-z]+:\/\/[^/]+(\/.*)?$/i.exec(server)?.[1]?.replace(/\/+$/, "") ?? "";
}

function patternOf<Operation extends Routed>(operation: Operation): Pattern<Operation> {
  const names: string[] = [];
  let weight = 0;
  // Fixed query parameters in a path are the client's business, not the route's.
  const source = (operation.path.split("?")[0] ?? "").split(/(\{[^{}]+\})/).map((part) => {
    if (part.startsWith("{")) {
      names.push(part.slice(1, -1));
      return "([^/]+?)";
    }
    weight += part.length;
    return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  }).join("");
  return { operation, expression: new RegExp(`^${source}/?$`), names, weight };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
