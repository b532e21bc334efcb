/** API keys as a file or a variable holds them. */
import { type ConnectorError, invalidRequest } from "../../core/errors.ts";
import type { ApiKey } from "../../worker/mod.ts";

/** `name`: where the text is from, for messages. @throws ConnectorError `keys.file`. */
export function parseKeys(text: string, name: string): readonly ApiKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(name, "it is not JSON", error);
  }
  const keys = typeof value === "object" && value !== null && "keys" in value ? value.keys : value;
  if (!Array.isArray(keys) || !keys.every(isKey)) throw unreadable(name, "it holds something else");
  return keys;
}

function isKey(value: unknown): value is ApiKey {
  if (typeof value !== "object" || value === null) return false;
  const { id, hash, tenant } = value as Record<string, unknown>;
  return typeof id === "string" && typeof tenant === "string" && typeof hash === "string" &&
    /^[0-9a-f]{64}$/.test(hash);
}

export function unreadable(name: string, why: string, cause?: unknown): ConnectorError {
  return invalidRequest(
    "keys.file",
    `${name} is not a file of API keys: ${why}. \`vastar keys create\` writes one.`,
    cause,
  );
}
