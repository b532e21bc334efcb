/** Lists what can be called. */
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";

export function connectorList(connectors: readonly ConnectorDefinition[]): string {
  if (connectors.length === 0) return "There are no connectors here: `vastar init` makes one.\n";
  return rows(connectors.map(({ id, title }) => [id, title]));
}

export function operationList({ operations }: ConnectorDefinition): string {
  return rows(operations.map((operation) => {
    const marks = [
      operation.stream === undefined ? "" : "streams",
      operation.paginated ? "pages" : "",
      operation.deprecated ? "deprecated" : "",
    ].filter((mark) => mark !== "");
    const summary = operation.summary ?? `${operation.method} ${operation.path}`;
    return [operation.id, marks.length === 0 ? summary : `${summary} (${marks.join(", ")})`];
  }));
}

function rows(cells: readonly (readonly [string, string])[]): string {
  const width = Math.max(...cells.map(([left]) => left.length));
  return cells.map(([left, right]) => `${left.padEnd(width)}  ${right}\n`).join("");
}
