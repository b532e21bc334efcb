/** API keys as a file or a variable holds them. */
import { type ConnectorError, invalidRequest } from "../../core/errors.ts";
import { checkRules } from "../../worker/access/caller.ts";
import type { ApiKey } from "../../worker/mod.ts";

/** `name`: where the text is from, for messages. @throws ConnectorError `keys.file`. */
export function parseKeys(text: string, name: string): readonly ApiKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(name, "it is not JSON", error);
  }
  const isFile = typeof value === "object" && value !== null && Object.hasOwn(value, "keys");
  const keys = isFile ? (value as { readonly keys: unknown }).keys : value;
  if (!Array.isArray(keys) || !keys.every(isKey)) throw unreadable(name, "it holds something else");
  for (const key of keys) checkLimits(key, name);
  return keys;
}

/** What cannot be read must not count as absent, which would allow everything, forever. */
function checkLimits(key: ApiKey, name: string): void {
  const { id, expiresAt } = key;
  if (expiresAt !== undefined && !(typeof expiresAt === "string" && Date.parse(expiresAt) > 0)) {
    throw unreadable(name, `expiresAt of the key ${id} is not a date like 2027-01-31T00:00:00Z`);
  }
  try {
    checkRules(key);
  } catch (error) {
    throw unreadable(name, `what the key ${id} may use cannot be read`, error);
  }
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
