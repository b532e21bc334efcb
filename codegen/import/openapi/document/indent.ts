/**
 * YAML that only older tools read: the lines of a quoted text or of braces may stand left of what holds them. There blanks at the
 * start of a line mean nothing, so it is the same document with these lines moved to the right.
 */

const OPENING =
  /^(\s*)(?:-\s+|\?\s+)*(?:(?:[^\s"'[{#&*!|>%@`-][^#]*?|"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*:\s+)?(?:[&!]\S+\s+)*(?=["'[{])/;
const BLOCK = /(?:^|[\s:-])[|>][-+\d]*\s*(?:#.*)?$/;

/** No key is longer; the pattern would look through a long line again and again. */
const KEY_LENGTH = 500;

export function indented(text: string): string {
  const out: string[] = [];
  /** Blanks that continue what is open; undefined: nothing is. */
  let indent: string | undefined;
  let open: Open = { brackets: 0, quote: "" };
  /** Lines further in than this belong to a text that is written as it is. */
  let block = -1;
  for (const line of text.split("\n")) {
    const own = /^ */.exec(line)?.[0].length ?? 0;
    if (indent !== undefined) {
      out.push(own > indent.length || line.trim() === "" ? line : indent + line.trimStart());
      open = scan(line, 0, open);
      if (isClosed(open)) indent = undefined;
      continue;
    }
    out.push(line);
    if (block >= 0 && (line.trim() === "" || own > block)) continue;
    block = BLOCK.test(line.slice(-KEY_LENGTH)) ? own : -1;
    const start = OPENING.exec(line.slice(0, KEY_LENGTH));
    if (block >= 0 || start === null) continue;
    open = scan(line, start[0].length, { brackets: 0, quote: "" });
    if (!isClosed(open)) indent = " ".repeat(own + 2);
  }
  return out.join("\n");
}

interface Open {
  readonly brackets: number;
  readonly quote: string;
}

function isClosed({ brackets, quote }: Open): boolean {
  return brackets <= 0 && quote === "";
}

function scan(line: string, from: number, before: Open): Open {
  let { brackets, quote } = before;
  for (let at = from; at < line.length; at++) {
    const char = line[at] ?? "";
    if (quote !== "") {
      if (char === "\\" && quote === '"') at++;
      else if (char === quote) {
        if (quote === "'" && line[at + 1] === "'") at++;
        else quote = "";
      }
      if (quote === "" && brackets === 0) break;
    } else if (char === '"' || char === "'") {
      // Within a plain text it is a letter like any.
      if (brackets === 0 || /[\s,[{:]/.test(line[at - 1] ?? " ")) quote = char;
    } else if (char === "{" || char === "[") brackets++;
    else if (char === "}" || char === "]") {
      brackets--;
      if (brackets <= 0) break;
    } else if (char === "#" && /\s/.test(line[at - 1] ?? " ")) break;
  }
  return { brackets, quote };
}
