/** Guesses what was meant, for the help of a diagnostic. */
import { closest } from "../../../src/core/suggest.ts";

/** "Did you mean `x`?" or the list of known names. */
export function didYouMean(word: string, known: readonly string[], what: string): string {
  const hit = closest(word, known);
  if (hit !== undefined) return `Did you mean \`${hit}\`?`;
  if (known.length === 0) return `There are no ${what} here.`;
  const listed = known.slice(0, 12).map((one) => `\`${one}\``).join(", ");
  return `Known ${what}: ${listed}${known.length > 12 ? ", …" : ""}.`;
}

const QUOTE = "A comma ends unquoted text within braces: put the text in quotes.";

/** Help for a key that does not exist. Text after a comma in `{ … }` arrives as a key without a value. */
export function unknownKeyHelp(
  key: string,
  value: unknown,
  known: readonly string[],
  what: string,
): string {
  return value === null && /[\s.]/.test(key) ? QUOTE : didYouMean(key, known, what);
}
