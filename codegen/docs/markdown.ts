/** Markdown building blocks, laid out as formatters do. */

/** Prose from a spec; anything that looks like HTML stays text. */
export function prose(text: string): string {
  return text.trim().replace(/<(?=[a-zA-Z/!?])/g, "\\<");
}

export function inlineCode(text: string): string {
  if (!text.includes("`")) return `\`${text}\``;
  const fence = "`".repeat(Math.max(...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence} ${text} ${fence}`;
}

export function codeBlock(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/^`{3,}/gm)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

/** Empty for a table without rows. Columns that are empty in all rows are left out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const used = head.map((_, column) => column).filter((column) =>
    rows.some((row) => (row[column] ?? "") !== "")
  );
  const lines = [head, ...rows].map((row) => used.map((column) => cell(row[column] ?? "")));
  const widths = used.map((_, at) => Math.max(3, ...lines.map((line) => (line[at] ?? "").length)));
  const written = lines.map((line) =>
    `| ${line.map((text, at) => text.padEnd(widths[at] ?? 0)).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [written[0], rule, ...written.slice(1)].join("\n");
}

function cell(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ").replaceAll(/(?<!\\)\|/g, "\\|");
}

/** Heading anchors as Markdown hosts generate them; the second of the same name gets `-1`. */
export class Headings {
  readonly #taken = new Map<string, number>();
  readonly #links = new Map<string, string>();

  /** The line of a heading that `key` links to. */
  add(level: number, text: string, key: string): string {
    const plain = text.replaceAll("`", "");
    const slug = plain.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
    const times = this.#taken.get(slug) ?? 0;
    this.#taken.set(slug, times + 1);
    this.#links.set(key, times === 0 ? slug : `${slug}-${times}`);
    return `${"#".repeat(level)} ${text}`;
  }

  /** `#chatrequest`; undefined if there is no heading (yet). */
  link(key: string): string | undefined {
    const slug = this.#links.get(key);
    return slug === undefined ? undefined : `#${slug}`;
  }
}
