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

/** Or the 404 that says what there is, or the 403 for what the caller may not use. */
export function find(context: Incoming): Found | Response {
  // Not from `var`, which copies all of them each time.
  const caller = context.get("caller");
  const { registry: { entries } } = context.get("served");
  const id = context.req.param("id") ?? "";
  const entry = entries.get(id);
  if (entry === undefined) {
    const known = [...entries.keys()].filter((one) => caller.sees(one));
    return refuse(context, 404, "connector.unknown", unknownName("connector", id, known), {
      known,
    });
  }
  if (!caller.sees(id)) {
    const detail = `The credential "${caller.id}" may not use the connector "${id}".`;
    return refuse(context, 403, "access.denied", detail);
  }
  const name = context.req.param("operation");
  if (name === undefined) return { entry };
  const operation = entry.operations.get(name);
  if (operation !== undefined) {
    const denied = caller.refusal(id, operation);
    return denied === undefined
      ? { entry, operation }
      : refuse(context, 403, "access.denied", denied);
  }
  const known = [...entry.operations.values()]
    .filter((one) => caller.refusal(id, one) === undefined).map((one) => one.id);
  return refuse(
    context,
    404,
    "operation.unknown",
    unknownName(`operation of ${id}`, name, known),
    { known },
  );
}
