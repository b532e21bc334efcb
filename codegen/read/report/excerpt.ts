const WIDTH = 140;
const BEFORE = 60;

/** The line of a mistake, truncated around the column if long; tabs become spaces so that the caret lines up. */
export function excerptOf(line: string, column: number): { excerpt: string; caret: number } {
  const shown = line.replaceAll("\t", " ").replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
  if (shown.length <= WIDTH) return { excerpt: shown, caret: Math.min(column, shown.length + 1) };
  const from = Math.max(0, column - 1 - BEFORE);
  const cut = shown.slice(from, from + WIDTH);
  const lead = from > 0 ? "…" : "";
  const tail = from + WIDTH < shown.length ? "…" : "";
  return { excerpt: lead + cut + tail, caret: column - from + lead.length };
}
