/** What no file may contain: paths of one machine, private registries, disabled checks. */
import { isGenerated, listFiles, readText } from "../lib/files.ts";
import { lineAt, type Problem } from "../lib/problem.ts";

interface Rule {
  readonly pattern: RegExp;
  readonly files: RegExp;
  readonly message: string;
}

const TEXT = /\.(ts|js|json|md|yaml|yml|sh|fbs|lock)$|^\.ci\/|^\.gitignore$/;
const CODE = /\.ts$/;
/** Allowed where it is the assertion: what follows must not pass. */
const CODE_BUT_TYPE_TESTS = /^(?!tests\/types\/).*\.ts$/;

/** The patterns are written so that this file does not match itself. */
const RULES: readonly Rule[] = [
  {
    pattern: /(?<![\w.:/])\/(?:home|root|Users|work)\/[\w.-]+/g,
    files: TEXT,
    message:
      "is a path of one machine: use a path relative to the repository, or a temporary folder.",
  },
  {
    pattern:
      /https?:\/\/(?!registry\.npmjs\.org)[\w.-]*(?:registry|npm-proxy|artifactory|verdaccio)[\w.-]*[:/]/g,
    files: /\.lock$|package\.json$|\.npmrc$|\.ci\//,
    message: "is a registry of one network: lockfiles name packages, not hosts.",
  },
  {
    pattern: /@ts-(?:ignore|nocheck)|(?:deno-lint|oxlint|eslint)-(?:ignore|disable)[\w-]*/g,
    files: CODE,
    message: "switches a check off: give the code a type that passes.",
  },
  {
    pattern: /@ts-expect-error/g,
    files: CODE_BUT_TYPE_TESTS,
    message: "switches a check off: give the code a type that passes.",
  },
  {
    pattern: /\b(?:TO[D]O|FIX[M]E|XX[X]\b|HAC[K]\b)/g,
    files: CODE,
    message: "marks unfinished work: finish it or leave it out.",
  },
];

/** Files about the pattern itself. */
const EXEMPT = /^tools\/checks\/text\.ts$|^tests\/unit\/tools\//;

export async function checkText(root: string): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const file of await listFiles(root)) {
    const rules = RULES.filter((rule) => rule.files.test(file));
    if (rules.length === 0 || EXEMPT.test(file) || isGenerated(file)) continue;
    const text = await readText(root, file);
    for (const { pattern, message } of rules) {
      for (const match of text.matchAll(pattern)) {
        problems.push({ file, line: lineAt(text, match.index), message: `${match[0]} ${message}` });
      }
    }
  }
  return problems;
}
