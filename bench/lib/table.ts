/** Rows as text in columns: the first left-aligned, the others right-aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((cells) => cells.length));
  const widths = Array.from(
    { length: columns },
    (_, column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)),
  );
  const lines = rows.map((cells) =>
    cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)
    ).join("  ").trimEnd()
  );
  return lines.join("\n");
}
