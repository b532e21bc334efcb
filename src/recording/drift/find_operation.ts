/** The operation that a recorded request was a call of. */
import type { DriftConnector, DriftOperation } from "./connector.ts";

export interface Found {
  readonly operation: DriftOperation | undefined;
  /** Of the operations at the path. */
  readonly methods: readonly string[];
}

/** The operation with the most fixed characters: `/users/me` before `/users/{id}`. */
export function findOperation(
  { operations, servers }: DriftConnector,
  method: string,
  path: string,
): Found {
  const prefixes = new Set(["", ...Object.values(servers).map(pathOf)]);
  const at = operations.filter((operation) => {
    const expression = expressionOf(operation.path);
    return [...prefixes].some((prefix) =>
      path.startsWith(prefix) && expression.test(path.slice(prefix.length))
    );
  }).toSorted((a, b) => fixed(b.path) - fixed(a.path));
  return {
    operation: at.find((operation) => operation.method === method),
    methods: [...new Set(at.map((operation) => operation.method))],
  };
}

function pathOf(server: string): string {
  return /^[a-z]+:\/\/[^/]+(\/.*)?$/i.exec(server)?.[1]?.replace(/\/+$/, "") ?? "";
}

function expressionOf(template: string): RegExp {
  const source = (template.split("?")[0] ?? "").split(/(\{[^{}]+\})/).map((part) =>
    part.startsWith("{") ? "[^/]+?" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  ).join("");
  return new RegExp(`^${source}/?$`);
}

function fixed(template: string): number {
  return template.replace(/\{[^{}]*\}/g, "").length;
}
