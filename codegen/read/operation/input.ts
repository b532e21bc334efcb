/** The input of an operation as a caller sees it: parameters and body side by side. */
import type { Key } from "../../load/source.ts";
import type { BodyModel, ParameterModel } from "../../model/operation.ts";
import { closest } from "../../../src/core/suggest.ts";
import type { TypeTable } from "../types/table.ts";
import { propertyNames } from "../../model/types/resolve.ts";
import type { Misfit } from "../value/misfit.ts";
import { ValueCheck } from "../value/value.ts";

interface WithInput {
  readonly parameters: readonly ParameterModel[];
  readonly body?: BodyModel;
}

export function inputNames(types: TypeTable, operation: WithInput): string[] {
  const names = operation.parameters.map((parameter) => parameter.name);
  const { body } = operation;
  if (body === undefined) return names;
  return body.mode === "key"
    ? [...names, body.key]
    : [...names, ...propertyNames(types, body.schema)];
}

/** True if the operation can be called without any input. */
export function needsInput(operation: WithInput): boolean {
  return operation.parameters.some((parameter) => parameter.required) ||
    operation.body?.required === true;
}

export function checkInput(
  types: TypeTable,
  operation: WithInput,
  input: Record<string, unknown>,
): readonly Misfit[] {
  const check = new ValueCheck(types, { direction: "request" });
  const rest = { ...input };
  for (const { name, schema, required } of operation.parameters) {
    if (Object.hasOwn(rest, name)) check.check(schema, rest[name], [name]);
    else if (required) {
      check.add([], `The parameter \`${name}\` is missing.`, `Add \`${name}:\`.`, true);
    }
    delete rest[name];
  }
  const { body } = operation;
  if (body?.mode === "spread") {
    if (body.required || Object.keys(rest).length > 0) check.check(body.schema, rest, []);
    return check.misfits;
  }
  if (body !== undefined) {
    if (Object.hasOwn(rest, body.key)) check.check(body.schema, rest[body.key], [body.key]);
    else if (body.required) check.add([], `The body is missing.`, `Add \`${body.key}:\`.`, true);
    delete rest[body.key];
  }
  const known = inputNames(types, operation);
  for (const key of Object.keys(rest)) {
    const near = closest(key, known);
    const help = near === undefined
      ? `Known inputs: ${known.join(", ") || "none"}.`
      : `Did you mean \`${near}\`?`;
    check.add([key] as Key[], `There is no input \`${key}\`.`, help, true);
  }
  return check.misfits;
}
