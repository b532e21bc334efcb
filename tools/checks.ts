/** The checks of this repository by name. Each is a function of a root folder, so that its test can give it a bad tree. */
import { checkAlone } from "./check_alone.ts";
import { checkDocs } from "./check_docs.ts";
import { checkErrors } from "./check_errors.ts";
import { checkExports } from "./check_exports.ts";
import { checkLayers } from "./check_layers.ts";
import { checkLinks } from "./check_links.ts";
import { checkSizes } from "./check_sizes.ts";
import { checkText } from "./check_text.ts";
import { checkUniversal } from "./check_universal.ts";
import type { Check } from "./lib/problem.ts";

export const CHECKS: readonly { readonly name: string; readonly check: Check }[] = [
  { name: "layers", check: checkLayers },
  { name: "universal code", check: checkUniversal },
  { name: "exports", check: checkExports },
  { name: "file sizes", check: checkSizes },
  { name: "text", check: checkText },
  { name: "links", check: checkLinks },
  { name: "error codes", check: checkErrors },
  { name: "tables in docs", check: checkDocs },
  { name: "tests that run alone", check: (root) => checkAlone(root) },
];
