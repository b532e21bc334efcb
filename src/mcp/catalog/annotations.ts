/** What a tool may do to the world, as far as an operation says. */
import type { OperationDefinition } from "../../connector/definition/definition.ts";

export interface Annotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: true;
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS", "QUERY", "TRACE"]);
const IDEMPOTENT = new Set([...SAFE, "PUT", "DELETE"]);
/** Of a POST that only adds something. One that is called anything else may overwrite or end what there is. */
const ADDING = new Set(
  ("add append check complete count create find generate get insert list new open post publish query register retrieve " +
    "search send start submit test upload validate").split(" "),
);

export function annotationsOf({ id, method, readOnly }: OperationDefinition): Annotations {
  const readOnlyHint = readOnly ?? SAFE.has(method);
  return {
    readOnlyHint,
    destructiveHint: !readOnlyHint && !(method === "POST" && ADDING.has(verbOf(id))),
    idempotentHint: readOnlyHint || IDEMPOTENT.has(method),
    openWorldHint: true,
  };
}

/** `chat.postMessage` → `post`. */
function verbOf(id: string): string {
  const last = id.slice(id.lastIndexOf(".") + 1);
  return (/^[a-z]+/.exec(last)?.[0] ?? last).toLowerCase();
}
