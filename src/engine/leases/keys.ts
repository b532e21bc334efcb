/** Names of entries: hashes, since stores allow few characters. */
import { hashText } from "../state/hash.ts";

export function keyOf(kind: string, name: string): string {
  // Two hashes of 53 bits: one alone would meet another among millions.
  return `${kind}.${hashText(name)}-${hashText(`${kind}\n${name}`)}`;
}
