/** Finds operations by words. */

export interface Entry {
  readonly connector: string;
  readonly operation: string;
  readonly summary: string;
}

/** Those with all words in their names or summaries; those whose names begin with one first. */
export function find(entries: readonly Entry[], asked: string): readonly Entry[] {
  const words = asked.toLowerCase().split(/[\s/]+/).filter(Boolean);
  const scored: { readonly entry: Entry; readonly score: number }[] = [];
  for (const entry of entries) {
    const name = `${entry.connector}.${entry.operation}`.toLowerCase();
    const summary = entry.summary.toLowerCase();
    let score = 0;
    for (const word of words) {
      const at = name.indexOf(word);
      if (at >= 0) score += at === 0 || /[^a-z\d]/.test(name[at - 1] ?? "") ? 3 : 2;
      else if (summary.includes(word)) score += 1;
      else {
        score = -1;
        break;
      }
    }
    if (score >= 0) scored.push({ entry, score });
  }
  return scored.sort((a, b) => b.score - a.score).map(({ entry }) => entry);
}
