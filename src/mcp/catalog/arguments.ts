/** What a tool takes: the input of its operation without secrets, with bytes as base64. */
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

/** The schema of the input at its top, behind references. */
export function inputNode({ definition, operation }: CatalogEntry): SchemaNode {
  const node = resolve(operation.input, definition.types);
  return isNode(node) ? node : { type: "object" };
}

const checkers = new WeakMap<object, ReturnType<typeof createChecker>>();

export type Checked =
  | { readonly input: Readonly<Record<string, unknown>> }
  | { readonly mistakes: readonly Mistake[] };

/** Before anything walks through the input. @throws ConnectorError `input.too_deep`, `input.encoding`. */
export function checkDepth(input: unknown): void {
  try {
    checkSound(input);
  } catch (error) {
    throw error instanceof InputRefused ? invalidRequest(error.code, error.message) : error;
  }
}

/** The input as the operation takes it, or what is wrong with it. Throws where it holds a secret. */
export function checkArguments(entry: CatalogEntry, given: unknown): Checked {
  const { definition, operation } = entry;
  const { types } = definition;
  const input = given ?? {};
  checkDepth(input);
  if (!isNode(input)) {
    return { mistakes: [{ path: "$", pointer: "", message: "must be an object" }] };
  }
  const properties = propertiesOf(operation.input, types);
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
  const mistakes = explain(check(operation.id, operation.input, input), input);
  return mistakes.length > 0 ? { mistakes } : { input: decodeBytes(input, properties, types) };
}
