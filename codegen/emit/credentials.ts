/** Which config fields each operation needs for signing. */
import { propertyKey } from "./literal.ts";
import type { Auth, ConfigField, ConnectorModel, OperationModel } from "../model/mod.ts";

/**
 * Fields that some calls do not need. The constructor does not require them; the calls that need them do. With hooks it is
 * unknown who reads a field, so the constructor requires all.
 */
export function demandedByCalls(model: ConnectorModel): ReadonlySet<string> {
  if (model.hooks.length > 0) return new Set();
  const { auth: _, operations, ...rest } = model;
  const needs = operations.map((operation) => needed(authOf(model, operation)));
  const inAuth = lookupsIn([model.auth, operations.map(({ auth }) => auth ?? [])]);
  const inSome = ({ name, optional, default: fallback }: ConfigField): boolean =>
    !optional && fallback === undefined && inAuth.has(name) &&
    !needs.every((one) => one.has(name));
  const names = model.config.filter(inSome).map(({ name }) => name);
  // The whole model is only searched if that can change something.
  if (names.length === 0) return new Set();
  const elsewhere = lookupsIn([rest, operations.map(({ auth: _own, ...other }) => other)]);
  return new Set(names.filter((name) => !elsewhere.has(name)));
}

/** `token`, or `token` or `apiKey`: for the documentation. Undefined if there is nothing to say. */
export function credentialText(
  model: ConnectorModel,
  operation: OperationModel,
  byCalls: ReadonlySet<string>,
): string | undefined {
  if (byCalls.size === 0) return undefined;
  const parts = authOf(model, operation).flatMap(textOf);
  return parts.length === 0 ? undefined : `Needs ${parts.join(", and ")}.`;
}

/** `{ readonly token: string }`, or alternatives; undefined for an operation that needs none. `typeOf`: of a config field. */
export function credentialType(
  model: ConnectorModel,
  operation: OperationModel,
  typeOf: (field: string) => string,
): string | undefined {
  return allOf(authOf(model, operation), typeOf);
}

function allOf(list: readonly Auth[], typeOf: (field: string) => string): string | undefined {
  const names = new Set(list.flatMap((auth) => auth.type === "anyOf" ? [] : [...needed([auth])]));
  const fields = [...names].map((name) => `readonly ${propertyKey(name)}: ${typeOf(name)}`);
  const parts = names.size === 0 ? [] : [`{ ${fields.join("; ")} }`];
  for (const auth of list) {
    if (auth.type !== "anyOf") continue;
    const ways = auth.alternatives.map((one) => allOf(one, typeOf));
    // One that needs nothing is met by whatever there is.
    if (!ways.includes(undefined)) parts.push([...new Set(ways)].join(" | "));
  }
  if (parts.length > 1) return parts.map((part) => `(${part})`).join(" & ");
  return parts[0];
}

function authOf(model: ConnectorModel, operation: OperationModel): readonly Auth[] {
  return operation.auth ?? model.auth;
}

function textOf(auth: Auth): string[] {
  if (auth.type !== "anyOf") return [...needed([auth])].map((name) => `\`${name}\``);
  const ways = auth.alternatives.map((list) => list.flatMap(textOf).join(" and ") || "nothing");
  return [ways.join(" or ")];
}

/** For alternatives, only what all of them need. */
function needed(list: readonly Auth[]): Set<string> {
  const names = new Set<string>();
  for (const auth of list) {
    if (auth.type !== "anyOf") {
      for (const name of lookupsIn(auth)) names.add(name);
      continue;
    }
    const [first = new Set<string>(), ...others] = auth.alternatives.map(needed);
    for (const name of first) if (others.every((one) => one.has(name))) names.add(name);
  }
  return names;
}

/** Config fields that templates anywhere in a part of the model require. */
function lookupsIn(part: unknown, names = new Set<string>()): Set<string> {
  if (typeof part !== "object" || part === null) return names;
  const { kind, root, path, optional, fallback } = part as Record<string, unknown>;
  if (kind === "lookup" && root === "config" && Array.isArray(path)) {
    if (optional !== true && fallback === undefined) names.add(String(path[0]));
    return names;
  }
  for (const value of Object.values(part)) lookupsIn(value, names);
  return names;
}
