/** Names of entries: hashes, since stores allow few characters, and names of tenants and hosts are nobody's business there. */
const encoder = new TextEncoder();

export async function keyOf(kind: string, name: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(name)));
  let hex = "";
  for (const byte of hash.subarray(0, 16)) hex += byte.toString(16).padStart(2, "0");
  return `${kind}.${hex}`;
}
