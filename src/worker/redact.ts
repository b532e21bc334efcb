/** Keeps configured secrets out of whatever is said about failures. */

/** Shorter values would blank out ordinary words. */
const LEAST_LENGTH = 6;

/** Returns a function that replaces every occurrence of the secrets, also URL-encoded and in base64, by `[redacted]`. */
export function createRedactor(secrets: Iterable<string>): (text: string) => string {
  const needles = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < LEAST_LENGTH) continue;
    needles.add(secret);
    needles.add(encodeURIComponent(secret));
    needles.add(btoa(String.fromCharCode(...new TextEncoder().encode(secret))));
  }
  // Longest first: a secret may be part of another.
  const ordered = [...needles].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((clean, needle) => clean.replaceAll(needle, "[redacted]"), text);
}
