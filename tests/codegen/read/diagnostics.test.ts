import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { type Code, CODES } from "../../../codegen/read/report/codes.ts";
import { formatDiagnostics } from "../../../codegen/read/report/format.ts";
import { diagnose, readCases } from "../../../tools/diagnostic_cases.ts";
import { CASES_FOLDER, diagnosticsDocs, DOCS_FILE } from "../../../tools/diagnostics_docs.ts";

const cases = readCases(CASES_FOLDER);

describe("diagnostics", () => {
  for (const one of cases) {
    test(`${one.name}: ${CODES[one.code as Code]?.[1]}`, () => {
      const found = diagnose(one, one.wrong);
      expect(formatDiagnostics(found)).toBe(one.expected);
      expect(found.map((diagnostic) => diagnostic.code)).toContain(one.code);
      expect(formatDiagnostics(diagnose(one, one.right))).toBe("");
    });
  }

  test("every code has a case, and there are at least 80 mistakes", () => {
    const covered = new Set(cases.map((one) => one.code));
    expect(Object.keys(CODES).filter((code) => !covered.has(code))).toEqual([]);
    expect(new Set(cases.map((one) => one.wrong)).size).toBeGreaterThanOrEqual(80);
  });

  test("docs/diagnostics.md is what tools/diagnostics_docs.ts makes of the cases", () => {
    expect(readFileSync(DOCS_FILE, "utf8")).toBe(diagnosticsDocs(cases));
  });
});
