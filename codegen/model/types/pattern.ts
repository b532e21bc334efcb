/** Patterns of JSON Schema are unanchored. An invalid one is reported where it stands; here it matches everything. */
export function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}
