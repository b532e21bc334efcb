/** The connector and the operation that a path names. */
import type { OperationDefinition } from "../connector/definition/definition.ts";
import type { Incoming } from "./env.ts";
import { refuse } from "./problem/refuse.ts";
import { type Entry, unknownName } from "./registry.ts";

export interface Found {
  readonly entry: Entry;
  /** Where the path names one. */
  readonly operation?: OperationDefinition;
}

/** Or the 404 that says what there is. */
export function find(context: Incoming): Found | Response {
  const { entries } = context.var.served.registry;
  const id = context.req.param("id") ?? "";
  const entry = entries.get(id);
  if (entry === undefined) {
    const known = [...entries.keys()];
    return refuse(context, 404, "connector.unknown", unknownName("connector", id, known), {
      known,
    });
  }
  const name = context.req.param("operation");
  if (name === undefined) return { entry };
  const operation = entry.operations.get(name);
  if (operation !== undefined) return { entry, operation };
  const known = [...entry.operations.keys()];
  return refuse(
    context,
    404,
    "operation.unknown",
    unknownName(`operation of ${id}`, name, known),
    { known },
  );
}
