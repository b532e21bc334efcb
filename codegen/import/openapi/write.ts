/**
 * The spec as text: one line per operation and type, each a JSON value. That is valid YAML and gives small diffs.
 */

/** Sections with one entry per line. */
const SECTIONS: ReadonlySet<string> = new Set(["servers", "config", "operations", "types"]);

export function writeSpec(
  spec: { readonly [key: string]: unknown },
  comment: readonly string[],
): string {
  const lines = comment.map((line) => `# ${line}`);
  for (const [key, value] of Object.entries(spec)) {
    if (value === undefined) continue;
    if (!SECTIONS.has(key)) {
      lines.push(`${key}: ${inline(value)}`);
      continue;
    }
    const entries = Object.entries(value as Record<string, unknown>);
    if (entries.length === 0) continue;
    lines.push("", `${key}:`);
    for (const [name, one] of entries) lines.push(`  ${keyOf(name)}: ${JSON.stringify(one)}`);
  }
  return lines.join("\n") + "\n";
}

function inline(value: unknown): string {
  return JSON.stringify(value);
}

function keyOf(name: string): string {
  const plain = /^[A-Za-z$_][\w.$-]*$/.test(name) &&
    !/^(true|false|null|yes|no|on|off|y|n)$/i.test(name);
  return plain ? name : JSON.stringify(name);
}
