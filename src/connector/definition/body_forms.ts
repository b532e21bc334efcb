/** In which forms the body of an operation can be sent, and which of them a media type means. */
import type { BodyAlternative, OperationDefinition } from "./definition.ts";

/** The spec's first one, and its alternatives. None: the operation has no body. */
export function bodyForms({ body, input }: OperationDefinition): readonly BodyAlternative[] {
  if (body === undefined) return [];
  return [{ kind: body.kind, contentType: body.contentType, input }, ...body.alternatives ?? []];
}

/** Undefined: the spec names no such type. Parameters (`; charset=utf-8`) matter only where they tell two forms apart. */
export function bodyFormOf(
  operation: OperationDefinition,
  contentType: string,
): BodyAlternative | undefined {
  const forms = bodyForms(operation);
  const wanted = folded(contentType);
  const [essence] = wanted.split(";");
  return forms.find((one) => folded(one.contentType) === wanted) ??
    forms.find((one) => folded(one.contentType).split(";")[0] === essence);
}

function folded(contentType: string): string {
  return contentType.trim().toLowerCase().replace(/\s*;\s*/g, ";");
}
