/** What a tool takes: the input of its operation without secrets, with bytes as base64. */
import { bodyFormOf, bodyForms } from "../../connector/definition/body_forms.ts";
import type {
  BodyAlternative,
  JsonSchema,
  OperationDefinition,
} from "../../connector/definition/definition.ts";
import { invalidRequest } from "../../core/errors.ts";
import { createChecker, type SchemaNode } from "../../schema/check.ts";
import { explain, type Mistake } from "../../schema/explain.ts";
import { checkSound, InputRefused } from "../../worker/call/input.ts";
import { asBase64, decodeBytes } from "../schema/bytes.ts";
import { isNode, resolve } from "../schema/keywords.ts";
import { type CatalogEntry, propertiesOf } from "./catalog.ts";
import { isPassword } from "./secrets.ts";

/** For `rewrite` and `bundle`: leaves secrets out and says how bytes are given. */
export function argumentProperty(
  { definition: { types }, secrets }: CatalogEntry,
): (name: string, schema: unknown) => unknown {
  return (name, schema) =>
    secrets.has(name) || isPassword(schema, types) ? undefined : asBase64(schema, types);
}

/** The schema of the input at its top, behind references. Of several forms of the body: what any of them takes. */
export function inputNode({ definition: { types }, operation }: CatalogEntry): SchemaNode {
  const [first = { type: "object" }, ...others] = inputsOf(operation).map((input) => {
    const node = resolve(input, types);
    return isNode(node) ? node : { type: "object" };
  });
  if (others.length === 0) return first;
  const all = [first, ...others];
  const named = new Map<string, Set<unknown>>();
  for (const input of inputsOf(operation)) {
    for (const [name, schema] of Object.entries(propertiesOf(input, types))) {
      named.set(name, (named.get(name) ?? new Set()).add(schema));
    }
  }
  return {
    type: "object",
    properties: Object.fromEntries(
      [...named].map(([name, set]) => {
        const schemas = [...set];
        return [
          name,
          schemas.length === 1 ? schemas[0] : { anyOf: schemas.map((one) => asBase64(one, types)) },
        ];
      }),
    ),
    required: requiredOf(first).filter((name) =>
      all.every((one) => requiredOf(one).includes(name))
    ),
  };
}

function inputsOf(operation: OperationDefinition): readonly JsonSchema[] {
  return [...new Set([operation.input, ...bodyForms(operation).map(({ input }) => input)])];
}

function requiredOf({ required }: SchemaNode): readonly unknown[] {
  return Array.isArray(required) ? required : [];
}

/** The media types that the caller can choose between; empty if there is no choice. */
export function contentTypes(operation: OperationDefinition): readonly string[] {
  const types = bodyForms(operation).map(({ contentType }) => contentType);
  return types.length > 1 ? types : [];
}

/** The form of the body that was asked for. Undefined: the spec's first one. */
function chosenForm(
  operation: OperationDefinition,
  contentType: string | undefined,
): BodyAlternative | undefined {
  if (contentType === undefined) return undefined;
  const form = bodyFormOf(operation, contentType);
  if (form !== undefined) return form;
  const types = bodyForms(operation).map((one) => one.contentType);
  throw invalidRequest(
    "request.content_type",
    types.length === 0
      ? `${operation.id} has no body: leave the content type out.`
      : `The content type of ${operation.id} is ${types.join(" or ")}.`,
  );
}

const checkers = new WeakMap<object, ReturnType<typeof createChecker>>();

export type Checked =
  | {
    readonly input: Readonly<Record<string, unknown>>;
    /** As the definition writes it. */
    readonly contentType: string | undefined;
  }
  | { readonly mistakes: readonly Mistake[] };

/** Before anything walks through the input. @throws ConnectorError `input.too_deep`, `input.encoding`. */
export function checkDepth(input: unknown): void {
  try {
    checkSound(input);
  } catch (error) {
    throw error instanceof InputRefused ? invalidRequest(error.code, error.message) : error;
  }
}

/**
 * The input as the operation takes it, or what is wrong with it. Throws where it holds a secret, or where the body has no such
 * content type.
 */
export function checkArguments(
  entry: CatalogEntry,
  given: unknown,
  contentType?: string,
): Checked {
  const { definition, operation } = entry;
  const { types } = definition;
  const form = chosenForm(operation, contentType);
  const schema = form?.input ?? operation.input;
  const input = given ?? {};
  checkDepth(input);
  if (!isNode(input)) {
    return { mistakes: [{ path: "$", pointer: "", message: "must be an object" }] };
  }
  const properties = propertiesOf(schema, types);
  for (const name of Object.keys(input)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!entry.secrets.has(name) && !isPassword(known, types)) continue;
    throw invalidRequest(
      "input.secret",
      `${name} is a secret, which no tool takes as an argument: whoever serves the tools configures it.`,
    );
  }
  const check = checkers.get(definition) ?? createChecker(types);
  checkers.set(definition, check);
  const name = form === undefined ? operation.id : `${operation.id} ${form.contentType}`;
  const mistakes = explain(check(name, schema, input), input);
  return mistakes.length > 0
    ? { mistakes }
    : { input: decodeBytes(input, properties, types), contentType: form?.contentType };
}
