/** A process that prints in every possible way, with its output taken over by a JSON log. */
import process from "node:process";
import { captureOutput } from "../../../cli/runtime/log/console.ts";
import { openLog } from "../../../cli/runtime/log/log.ts";
import { createRedactor } from "../../../src/daemon/redact.ts";

const [, , ending] = process.argv;
const redactor = createRedactor(() => ["s3cr3t-known"]);
const log = openLog({ level: "debug", format: "json" }, redactor, (line) => {
  process.stderr.write(line);
});
captureOutput(log, () => process.exit(1));
console.log("said\nin two lines", 1);
console.warn("warned", new Error("with s3cr3t-known"));
process.emitWarning("beware");
setTimeout(() => {
  if (ending === "rejection") void Promise.reject(new Error("broken s3cr3t-known"));
  else throw new Error("broken s3cr3t-known");
}, 20);
// Nobody ends it but the failure.
setTimeout(() => process.exit(7), 20_000);
