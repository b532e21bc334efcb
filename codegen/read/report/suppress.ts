/** `# vastar-ignore VC2201: kept for the next release` on a line, or alone on the line before. */
import { LineIndex, type SourceDocument, type Span } from "../../load/source.ts";
import { type Code, infoOf, isCode } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";

interface Suppression {
  readonly code: Code;
  readonly line: number;
  readonly span: Span;
  used: boolean;
}

interface Problem {
  readonly code: Code;
  readonly span: Span;
  readonly message: string;
  readonly help: string;
}

const HELP =
  "Write `# vastar-ignore VC2201: reason`, on the line of the warning or alone before it.";

export class Suppressions {
  readonly #list: Suppression[] = [];
  readonly #malformed: Problem[] = [];

  static of(document: SourceDocument): Suppressions | undefined {
    return document.text.includes("vastar-ignore") && !document.path.endsWith(".json")
      ? new Suppressions(document)
      : undefined;
  }

  private constructor(document: SourceDocument) {
    const index = new LineIndex(document.text);
    const pattern = /#[ \t]*vastar-ignore\b([^\n]*)/g;
    for (
      let match = pattern.exec(document.text);
      match !== null;
      match = pattern.exec(document.text)
    ) {
      const span = { start: match.index, end: match.index + match[0].trimEnd().length };
      const place = index.at(match.index);
      const alone = place.text.slice(0, place.column - 1).trim() === "";
      this.#read(match[1] ?? "", alone ? place.line + 1 : place.line, span);
    }
  }

  #read(text: string, line: number, span: Span): void {
    const match = /^\s+(\S+?)\s*(?::\s*(.*))?$/.exec(text.trimEnd());
    const code = match?.[1] ?? "";
    const bad = (message: string): void => {
      this.#malformed.push({ code: "VC1014", span, message, help: HELP });
    };
    if (match === null) bad("`vastar-ignore` without a code.");
    else if (!isCode(code)) bad(`\`${code}\` is not a code of a diagnostic.`);
    else if (infoOf(code).severity === "error") {
      bad(`${code} is an error; only warnings can be suppressed.`);
    } else if ((match[2] ?? "").trim() === "") bad(`${code} is suppressed without a reason.`);
    else this.#list.push({ code, line, span, used: false });
  }

  covers(diagnostic: Diagnostic): boolean {
    let covered = false;
    for (const one of this.#list) {
      if (one.code !== diagnostic.code || one.line !== diagnostic.line) continue;
      one.used = true;
      covered = true;
    }
    return covered;
  }

  /** `broken`: there are errors, so warnings may be missing. */
  problems(broken: boolean): Problem[] {
    const unused = broken ? [] : this.#list.filter((one) => !one.used).map((one): Problem => ({
      code: "VC1015",
      span: one.span,
      message: `There is no ${one.code} here to suppress.`,
      help: "Remove the comment.",
    }));
    return [...this.#malformed, ...unused];
  }
}
