/** Requests with an API key. */
import { type ApiKey, isKey, keyId } from "./api_key.ts";
import { AccessRefused, type Authenticator } from "./authenticator.ts";

/** Where keys are stored: checked for every request, so that revoking one takes effect at once. */
export interface KeySource {
  find(id: string): Promise<ApiKey | undefined> | ApiKey | undefined;
}

/** `Authorization: Bearer vsk_…`, with keys that `vastar keys create` makes. */
export function apiKeys(
  source: KeySource | readonly ApiKey[],
  now: () => number = Date.now,
): Authenticator {
  const found = isList(source) ? new Map(source.map((key) => [key.id, key])) : undefined;
  const find = (id: string) => found ? found.get(id) : (source as KeySource).find(id);
  return {
    async authenticate(credential) {
      const id = keyId(credential);
      if (id === undefined) return undefined;
      const key = await find(id);
      if (!await isKey(credential, key) || key === undefined) {
        const detail = "The API key is unknown or was revoked: ask the operator for another.";
        throw new AccessRefused(401, "access.invalid", detail);
      }
      if (key.expiresAt !== undefined && !(Date.parse(key.expiresAt) > now())) {
        const detail = `The API key expired on ${key.expiresAt}: ask the operator for another.`;
        throw new AccessRefused(401, "access.expired", detail);
      }
      return key;
    },
  };
}

function isList(source: KeySource | readonly ApiKey[]): source is readonly ApiKey[] {
  return Array.isArray(source);
}
