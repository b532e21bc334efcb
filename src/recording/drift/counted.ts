/** Which differences are the same one, and what becomes of it with each further time. */
import type { Difference, DriftKind } from "./difference.ts";
import { type Inferred, together, toSchema } from "./infer.ts";

/** Whose `found` is another with each value. */
const BY_DECLARED: ReadonlySet<DriftKind> = new Set<DriftKind>([
  "field-new",
  "limit-exceeded",
  "body-unreadable",
  "content-type-changed",
]);

export function keyOf({ kind, operation, place, declared, found }: Difference): string {
  return [kind, operation, place, BY_DECLARED.has(kind) ? declared : found].join("\n");
}

/** As it was found first; of a new field, what all its values suggest. */
export function counted(first: Difference | undefined, other: Difference): Difference {
  if (first === undefined) return other;
  if (first.kind !== "field-new" || first.edit === undefined || other.edit === undefined) {
    return first;
  }
  const value = together(first.edit.value as Inferred, other.edit.value as Inferred);
  return { ...first, edit: { ...first.edit, value } };
}

/** As it is reported. */
export function finished(difference: Difference): Difference {
  const { kind, edit } = difference;
  if (kind !== "field-new" || edit === undefined) return difference;
  return { ...difference, edit: { ...edit, value: toSchema(edit.value as Inferred) } };
}
