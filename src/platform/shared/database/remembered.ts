const MOST_KEPT = 500;
/** Longer texts would be much to keep. */
const MOST_CHARACTERS = 10_000;

/** What is found about a text, kept for the next time: most calls ask what others have asked. What throws is not kept. */
export function remembered<T>(find: (text: string) => T): (text: string) => T {
  const kept = new Map<string, T>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const found = find(text);
    if (text.length <= MOST_CHARACTERS) {
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(text, found);
    }
    return found;
  };
}
