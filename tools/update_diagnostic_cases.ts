/** Writes the current messages into the cases of tests/codegen/diagnostics; read the diff before committing it. */
import { readFileSync, writeFileSync } from "node:fs";
import { formatDiagnostics } from "../codegen/read/report/format.ts";
import { diagnose, readCases } from "./diagnostic_cases.ts";

for (const one of readCases("tests/codegen/diagnostics")) {
  const text = readFileSync(one.path, "utf8");
  const until = text.slice(0, text.indexOf("#= expected\n"));
  writeFileSync(one.path, `${until}#= expected\n${formatDiagnostics(diagnose(one, one.wrong))}`);
  for (const left of diagnose(one, one.right)) {
    console.log(`${one.name}: the right example is wrong: ${left.code} ${left.message}`);
  }
  if (!diagnose(one, one.wrong).some((found) => found.code === one.code)) {
    console.log(`${one.name}: does not give ${one.code}`);
  }
}
