/** Where in the file a part of a statement stands. */
import type { Cursor } from "../../load/cursor.ts";
import type { Code } from "../report/codes.ts";
import type { Report } from "../report/report.ts";

/**
 * Reports at a part of a text. The file may have it indented, folded or escaped, so the part is looked for: as often as it
 * occurs in the text before that place, so often it is passed over.
 */
export function reportWithin(
  report: Report,
  cursor: Cursor,
  part: { readonly text: string; readonly at: number },
  code: Code,
  message: string,
  help: string,
): void {
  const whole = cursor.doc.span(cursor.container, cursor.key, "value");
  const source = cursor.doc.text.slice(whole.start, whole.end);
  const before = countOf(String(cursor.value).slice(0, part.at), part.text);
  let found = -1;
  for (let n = 0; n <= before; n++) {
    found = source.indexOf(part.text, found + 1);
    if (found < 0) return report.add(code, cursor, message, help);
  }
  const start = whole.start + found;
  const span = { start, end: start + part.text.length };
  report.addAt(cursor.doc, span, code, message, help);
}

function countOf(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) count++;
  return count;
}
