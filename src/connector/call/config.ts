/** Reads configuration from options, then environment, then defaults. */
import type { Platform } from "../../core/platform.ts";
import { invalidRequest } from "../../core/errors.ts";
import { missingConfig } from "../auth/demand.ts";
import { sound } from "../request/values.ts";
import type { ConfigFieldData, ConnectorData } from "../data/connector.ts";

/** Reports all missing fields, and every way to set them, in one error. */
export function resolveConfig(
  connector: ConnectorData,
  options: Readonly<Record<string, unknown>>,
  env: Platform["env"],
): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  const missing: string[] = [];
  const held = options["credentials"] === "runtime";
  for (const field of connector.config ?? []) {
    if (held && field.secret) {
      checkHeld(connector.id, field, options);
      continue;
    }
    const value = options[field.name] ?? fromEnv(field, env) ?? field.default;
    if (typeof value === "string") {
      sound(value, `${field.name} of ${connector.id}`, "config.invalid");
    }
    if (value !== undefined && value !== null && value !== "") config[field.name] = value;
    else if (!field.optional) missing.push(field.name);
  }
  if (missing.length === 0) return config;
  throw missingConfig(connector, [missing]);
}

/** With two secrets for one call, nobody can tell which one was meant. */
function checkHeld(
  id: string,
  { name }: ConfigFieldData,
  options: Readonly<Record<string, unknown>>,
): void {
  if (options[name] === undefined || options[name] === null) return;
  throw invalidRequest(
    "config.invalid",
    `${id} was given both ${name} and credentials: "runtime", which means that the runtime holds it: leave one out`,
  );
}

function fromEnv(field: ConfigFieldData, env: Platform["env"]): unknown {
  const text = field.env && env(field.env);
  if (!text) return undefined;
  return field.read ? field.read(text, field) : text;
}
