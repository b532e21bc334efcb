/** The known word that was probably meant. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(lower, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Optimal string alignment: a swap of two neighbours counts once, as it is the commonest slip. */
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
      if (cost < least) least = cost;
    }
    if (least > limit) return least;
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** "Did you mean `x`?" or the list of what is known. */
export function didYouMean(word: string, known: readonly string[], what: string): string {
  const hit = nearest(word, known);
  if (hit !== undefined) return `Did you mean \`${hit}\`?`;
  if (known.length === 0) return `There are no ${what} here.`;
  const listed = known.slice(0, 12).map((one) => `\`${one}\``).join(", ");
  return `Known ${what}: ${listed}${known.length > 12 ? ", …" : ""}.`;
}

const QUOTE = "A comma ends a text within braces: put the text before it in quotes.";

/** Help for a key that does not exist. Text after a comma in `{ … }` arrives as a key without a value. */
export function unknownKeyHelp(
  key: string,
  value: unknown,
  known: readonly string[],
  what: string,
): string {
  return value === null && /[\s.]/.test(key) ? QUOTE : didYouMean(key, known, what);
}
