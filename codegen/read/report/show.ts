/** A value as messages show it. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return `\`${text.length > 60 ? text.slice(0, 57) + "…" : text}\``;
}
