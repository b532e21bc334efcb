/** The known name closest to a mistyped one, or undefined when nothing is close enough to be meant. */
export function closest(name: string, known: Iterable<string>): string | undefined {
  const typed = name.toLowerCase();
  // A third of the letters may be wrong: `lisen` finds `listen`, `x` finds nothing.
  const limit = Math.max(1, Math.floor(typed.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - typed.length) >= bestDistance) continue;
    const distance = editDistance(typed, candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** ` Did you mean "listen"?`, or nothing, to append to a message. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const found = closest(name, known);
  return found === undefined ? "" : ` Did you mean "${found}"?`;
}

/** Insertions, deletions, replacements and swaps of neighbours, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
