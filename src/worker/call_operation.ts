/** Operations by their ids, for programs: what the worker does with a request, without the request. */
import { bodyFormOf } from "../connector/definition/body_forms.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import { runtimeDefaults } from "../connector/call/default_runtime.ts";
import type { ConnectorClient } from "../connector/call/client.ts";
import type { BodyOptions } from "../connector/data/options.ts";
import type { ConnectorDefinition, Invocation } from "../connector/definition/definition.ts";
import { createChecker } from "../schema/check.ts";
import { explain, type Mistake } from "../schema/explain.ts";
import { unknownName } from "./registry.ts";

export interface CallOperationOptions extends BodyOptions<string> {
  /** What `definition.create()` gave. Default: one for each definition, configured by the environment. */
  readonly client?: ConnectorClient | undefined;
}

/** Mistakes in the input of an operation, all of them. */
export class InvalidInputError extends ConnectorError {
  override readonly name: string = "InvalidInputError";
  readonly errors: readonly Mistake[];

  constructor(call: string, errors: readonly Mistake[]) {
    const [first] = errors;
    const more = errors.length > 1 ? ` and ${errors.length - 1} more` : "";
    super({
      errorClass: ErrorClass.InvalidRequest,
      code: "input.invalid",
      message: `The input of ${call} is invalid: ${first?.path} ${first?.message}${more}.`,
      origin: "caller",
    });
    this.errors = errors;
  }
}

const checkers = new WeakMap<ConnectorDefinition, ReturnType<typeof createChecker>>();
const clients = new WeakMap<ConnectorDefinition, ConnectorClient>();

/**
 * Calls an operation by its id, with an input that is checked against its schema. Nothing is sent before what comes back is
 * awaited or iterated over; its `kind` says whether it is a value, a stream or pages.
 *
 * @throws ConnectorError `operation.unknown`, `input.invalid` (an {@link InvalidInputError}), `config.missing`.
 */
export function callOperation(
  definition: ConnectorDefinition,
  id: string,
  input: unknown = {},
  options: CallOperationOptions = {},
): Invocation {
  const operation = definition.operations.find((one) => one.id === id);
  if (operation === undefined) {
    const known = definition.operations.map((one) => one.id);
    throw new ConnectorError({
      errorClass: ErrorClass.InvalidRequest,
      code: "operation.unknown",
      message: unknownName(`operation of ${definition.id}`, id, known),
      origin: "caller",
    });
  }
  const check = checkers.get(definition) ?? createChecker(definition.types);
  checkers.set(definition, check);
  const { contentType } = options;
  // The call refuses a type that the operation does not have.
  const form = contentType === undefined ? undefined : bodyFormOf(operation, contentType);
  const name = form === undefined ? id : `${id} ${form.contentType}`;
  const errors = explain(check(name, form?.input ?? operation.input, input), input);
  if (errors.length > 0) throw new InvalidInputError(`${definition.id} ${id}`, errors);
  const { client: given, ...callOptions } = options;
  const client = given ?? clients.get(definition) ??
    definition.create({}, runtimeDefaults);
  if (given === undefined) clients.set(definition, client);
  return definition.invoke(client, id, input, callOptions);
}
