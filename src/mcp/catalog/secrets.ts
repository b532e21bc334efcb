/** Which arguments would be secrets. Those come from the configuration of whoever serves the tools, never from a model. */
import type {
  ConnectorDefinition,
  OperationDefinition,
} from "../../connector/definition/definition.ts";
import { CREDENTIALS } from "../../http/credentials.ts";
import type { SchemaNode } from "../../schema/check.ts";
import { isNode, resolve } from "../schema/keywords.ts";

const QUERIES =
  /^(?:x[-_])?(?:api[-_]?key|(?:access|auth|bearer|session)[-_]?token|client[-_]?secret|password|sig|signature)$/i;

/** Names of input properties that no tool takes, wherever they go. */
export function secretArguments(
  { config }: ConnectorDefinition,
  { parameters }: OperationDefinition,
): ReadonlySet<string> {
  const configured = config.filter(({ secret }) => secret).map(({ name }) => name);
  const found = parameters.filter(({ name, wire, in: place }) =>
    configured.includes(name) ||
    (place === "query"
      ? QUERIES.test(wire)
      : place !== "path" && CREDENTIALS.includes(wire.toLowerCase()))
  );
  return new Set(found.map(({ name }) => name));
}

/** True for a value that its schema calls a password. */
export function isPassword(schema: unknown, types: SchemaNode): boolean {
  const node = resolve(schema, types);
  return isNode(node) && node["format"] === "password";
}
