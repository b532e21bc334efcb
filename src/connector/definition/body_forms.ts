/** In which forms the body of an operation can be sent, and which of them a media type means. */
import type { BodyAlternative, OperationDefinition } from "./definition.ts";

/** Made once for an operation: a worker asks with every request. */
const made = new WeakMap<OperationDefinition, readonly BodyAlternative[]>();

/** The spec's first one, and its alternatives. None: the operation has no body. */
export function bodyForms(operation: OperationDefinition): readonly BodyAlternative[] {
  let forms = made.get(operation);
  if (forms === undefined) {
    const { body, input } = operation;
    forms = body === undefined
      ? []
      : [{ kind: body.kind, contentType: body.contentType, input }, ...body.alternatives ?? []];
    made.set(operation, forms);
  }
  return forms;
}

/** Undefined: the spec names no such type. Parameters (`; charset=utf-8`) matter only where they tell two forms apart. */
export function bodyFormOf(
  operation: OperationDefinition,
  contentType: string,
): BodyAlternative | undefined {
  const forms = bodyForms(operation);
  const same = forms.find((one) => one.contentType === contentType);
  if (same !== undefined) return same;
  const wanted = folded(contentType);
  const [essence] = wanted.split(";");
  return forms.find((one) => folded(one.contentType) === wanted) ??
    forms.find((one) => folded(one.contentType).split(";")[0] === essence);
}

function folded(contentType: string): string {
  return contentType.trim().toLowerCase().replace(/\s*;\s*/g, ";");
}
