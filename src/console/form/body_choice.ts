/** The forms of a body that the worker takes, where there is a choice. */
import { bodyForms } from "../../connector/definition/body_forms.ts";
import type { BodyAlternative } from "../../connector/definition/definition.ts";
import type { OperationDescription } from "../../worker/describe.ts";

const SENT: ReadonlySet<string> = new Set(["json", "form", "multipart"]);

/** Empty if there is no choice. The first one is the spec's. */
export function bodyChoice(operation: OperationDescription): readonly BodyAlternative[] {
  const forms = bodyForms(operation).filter(({ kind }) => SENT.has(kind));
  return forms.length > 1 ? forms : [];
}

/** Undefined for the one that is sent anyway. */
export function otherType(
  operation: OperationDescription,
  form: BodyAlternative | undefined,
): string | undefined {
  return form?.contentType === operation.body?.contentType ? undefined : form?.contentType;
}
