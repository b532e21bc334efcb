/** The checks of this repository by name. Each takes a root folder, so that its test can pass a bad tree. */
import { checkDocs } from "./docs.ts";
import { checkErrors } from "./errors.ts";
import { checkFailures } from "./failures.ts";
import { checkExports } from "./exports.ts";
import { checkFolders } from "./folders.ts";
import { checkLayers } from "./layers.ts";
import { checkLinks } from "./links.ts";
import { checkSchedule } from "./schedule.ts";
import { checkScripts } from "./scripts.ts";
import { checkSizes } from "./sizes.ts";
import { checkText } from "./text.ts";
import { checkUniversal } from "./universal.ts";
import type { Check } from "../lib/problem.ts";

export const CHECKS: readonly { readonly name: string; readonly check: Check }[] = [
  { name: "layers", check: checkLayers },
  { name: "universal code", check: checkUniversal },
  { name: "exports", check: checkExports },
  { name: "file sizes", check: checkSizes },
  { name: "folders", check: checkFolders },
  { name: "text", check: checkText },
  { name: "links", check: checkLinks },
  { name: "error codes", check: checkErrors },
  { name: "error classes", check: checkFailures },
  { name: "tables in docs", check: checkDocs },
  { name: "scripts", check: checkScripts },
  { name: "lists of tests", check: (root) => checkSchedule(root) },
];
