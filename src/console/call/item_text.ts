/** The text of a stream's item, where the spec says that it is. */
import { allHold, type Condition } from "../../core/rules/condition.ts";
import { select } from "../../core/rules/select.ts";
import type { TextDefinition } from "../../connector/definition/definition.ts";

export function itemText({ path, when }: TextDefinition, item: unknown): string {
  if (!allHold(when as readonly Condition[], item)) return "";
  const found = select(path, item);
  return typeof found === "string" ? found : "";
}
