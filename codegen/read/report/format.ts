/** Formats diagnostics for people and tools. */
import { CODES } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";

export type DiagnosticFormat = "text" | "json" | "sarif";

/** `text` ends with a newline, or is empty if there are none. */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  format: DiagnosticFormat = "text",
): string {
  switch (format) {
    case "json":
      return JSON.stringify({ diagnostics }, null, 2) + "\n";
    case "sarif":
      return JSON.stringify(sarif(diagnostics), null, 2) + "\n";
    default:
      return text(diagnostics);
  }
}

function text(diagnostics: readonly Diagnostic[]): string {
  if (diagnostics.length === 0) return "";
  const blocks = diagnostics.map((one) => {
    const gutter = String(one.line);
    const blank = " ".repeat(gutter.length);
    const caret = " ".repeat(one.caret - 1) + "^".repeat(one.length);
    return [
      `${one.file}:${one.line}:${one.column}: ${one.severity} ${one.code}: ${one.message}`,
      `  ${gutter} | ${one.excerpt}`,
      `  ${blank} | ${caret}`,
      `  help: ${one.help}`,
      "",
    ].join("\n");
  });
  return `${blocks.join("\n")}\n${summary(diagnostics)}\n`;
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((one) => one.severity === "error").length;
  const parts: string[] = [];
  if (errors > 0) parts.push(counted(errors, "error"));
  if (diagnostics.length > errors) parts.push(counted(diagnostics.length - errors, "warning"));
  return parts.join(", ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function sarif(diagnostics: readonly Diagnostic[]): unknown {
  const codes = [...new Set(diagnostics.map((one) => one.code))].sort();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: {
        driver: {
          name: "vastar",
          rules: codes.map((id) => ({
            id,
            shortDescription: { text: CODES[id as keyof typeof CODES]?.[1] ?? id },
          })),
        },
      },
      columnKind: "utf16CodeUnits",
      results: diagnostics.map((one) => ({
        ruleId: one.code,
        ruleIndex: codes.indexOf(one.code),
        level: one.severity,
        message: { text: `${one.message} ${one.help}` },
        locations: [{
          physicalLocation: {
            artifactLocation: { uri: uriOf(one.file) },
            region: {
              startLine: one.line,
              startColumn: one.column,
              endColumn: one.column + one.length,
            },
          },
        }],
      })),
    }],
  };
}

/** Relative paths stay relative: tools look them up in the checkout. */
function uriOf(path: string): string {
  const text = encodeURI(path.replaceAll("\\", "/").toWellFormed()).replace(
    /[?#]/g,
    encodeURIComponent,
  );
  return text.startsWith("/")
    ? `file://${text}`
    : /^[A-Za-z]:/.test(text)
    ? `file:///${text}`
    : text;
}
