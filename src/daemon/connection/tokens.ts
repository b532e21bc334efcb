/** Access tokens: who may open a session, and as which tenant. */

export interface AccessToken {
  readonly token: string;
  /** Binds every connection that presents the token to this tenant. Absent: any tenant may be named. */
  readonly tenantId?: string | undefined;
}

/** The name that clients use for an unnamed tenant. */
export const UNNAMED = "default";

const encoder = new TextEncoder();

/** The entry for a presented token. Every entry is compared in full, so that timing reveals nothing about any of them. */
export function findToken(
  tokens: readonly AccessToken[],
  presented: string,
): AccessToken | undefined {
  const given = encoder.encode(presented);
  let found: AccessToken | undefined;
  for (const entry of tokens) {
    if (sameBytes(encoder.encode(entry.token), given)) found = entry;
  }
  return found;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i % b.length] ?? 0);
  return difference === 0;
}
