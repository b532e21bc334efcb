/** docs/diagnostics.md from the table of codes and the cases of the golden test: `bun tools/diagnostics_docs.ts`. */
import { writeFileSync } from "node:fs";
import { type Code, CODES } from "../codegen/read/report/codes.ts";
import { type DiagnosticCase, readCases } from "./diagnostic_cases.ts";

export const CASES_FOLDER = "tests/codegen/diagnostics";
export const DOCS_FILE = "docs/diagnostics.md";

const AREAS: Readonly<Record<string, string>> = {
  VC10: "Files and syntax",
  VC11: "Keys and values",
  VC12: "Types",
  VC13: "Templates",
  VC14: "Selectors",
  VC15: "Servers, configuration and auth",
  VC16: "Operations, parameters and bodies",
  VC17: "Streams",
  VC18: "Pagination",
  VC19: "Errors",
  VC20: "Policy",
  VC21: "Names",
  VC22: "Lint",
  VC23: "Examples",
  VC24: "Hooks and webhooks",
  VC25: "Operations that refer to others",
};

const INTRO = `<!-- deno-fmt-ignore-file: made by tools/diagnostics_docs.ts -->

# Diagnostics

Every mistake in a connector spec is reported in one run, with file, line, column, a stable code, what was found and what
would be right. Errors end with exit code 1 and nothing is written; warnings do not.

An intended warning can be suppressed with a reason, on its line or alone on the line before:

\`\`\`yaml
types:
  Draft: { type: string } # vastar-ignore VC2201: part of the next version
\`\`\`

\`--format json\` gives the same as data, \`--format sarif\` as SARIF 2.1.0 for code scanners.

What every spec needs (\`connector\`, \`id\`, \`version\`, \`servers\`, \`operations\`) is left out of the examples.
`;

export function diagnosticsDocs(cases: readonly DiagnosticCase[]): string {
  const parts = [INTRO];
  let area = "";
  for (const [code, [severity, title]] of Object.entries(CODES)) {
    const heading = AREAS[code.slice(0, 4)] ?? "";
    if (heading !== area) parts.push(`## ${heading}\n`);
    area = heading;
    parts.push(`### ${code}: ${title}\n`);
    if (severity === "warning") parts.push("A warning.\n");
    for (const one of cases) if (one.code === code as Code) parts.push(example(one));
  }
  return parts.join("\n");
}

function example(one: DiagnosticCase): string {
  const [first = "", ...rest] = one.expected.split("\n");
  const help = rest.find((line) => line.startsWith("  help: "))?.slice(8) ?? "";
  const own = one.expected.split("\n").find((line) => line.includes(` ${one.code}: `)) ?? first;
  const message = own.slice(own.indexOf(`${one.code}: `) + one.code.length + 2);
  const said = own === first ? help : helpAfter(one.expected, own);
  return [
    `${message} ${said}\n`,
    "```yaml",
    `# wrong\n${visible(one.wrong)}\n`,
    `# right\n${visible(one.right)}`,
    "```\n",
  ].join("\n");
}

function helpAfter(expected: string, line: string): string {
  const lines = expected.split("\n");
  return lines.slice(lines.indexOf(line)).find((one) => one.startsWith("  help: "))?.slice(8) ?? "";
}

function visible(fragment: string): string {
  return fragment.replaceAll(/⟦[0-9a-f]{2}⟧/g, "\ufffd").trimEnd();
}

if (import.meta.main) writeFileSync(DOCS_FILE, diagnosticsDocs(readCases(CASES_FOLDER)));
