/** Patterns of JSON Schema are unanchored. An invalid one is reported elsewhere; here it matches everything. */
export function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}
