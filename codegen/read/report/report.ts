/** Collects problems, locates them in the text, and applies suppressions. */
import type { Cursor } from "../../load/cursor.ts";
import { LineIndex, type LoadProblem, type SourceDocument, type Span } from "../../load/source.ts";
import type { Position } from "../../model/position.ts";
import { type Code, infoOf, isCode } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { excerptOf } from "./excerpt.ts";
import { Suppressions } from "./suppress.ts";

/** A spec that is wrong everywhere must not fill the terminal. */
const MAX_DIAGNOSTICS = 1000;

interface Entry {
  readonly diagnostic: Diagnostic;
  readonly document: SourceDocument;
}

export class Report {
  readonly #entries: Entry[] = [];
  readonly #seen = new Set<string>();
  readonly #lines = new Map<SourceDocument, LineIndex>();

  /** At a value, or at its key. */
  add(
    code: Code,
    at: Cursor,
    message: string,
    help: string,
    part: "key" | "value" = "value",
  ): void {
    this.addAt(at.doc, at.doc.span(at.container, at.key, part), code, message, help);
  }

  problem(document: SourceDocument, problem: LoadProblem): void {
    const code = isCode(problem.code) ? problem.code : "VC1004";
    this.addAt(document, problem.span, code, problem.message, problem.help);
  }

  addAt(document: SourceDocument, span: Span, code: Code, message: string, help: string): void {
    const line = this.#index(document).at(span.start);
    const identity = `${document.path}\n${line.line}\n${line.column}\n${code}\n${message}`;
    if (this.#seen.has(identity) || this.#entries.length >= MAX_DIAGNOSTICS) return;
    this.#seen.add(identity);
    const room = Math.max(1, line.text.length - line.column + 1);
    const length = Math.max(1, Math.min(span.end - span.start, room));
    const { excerpt, caret } = excerptOf(line.text, line.column);
    this.#entries.push({
      document,
      diagnostic: {
        code,
        severity: infoOf(code).severity,
        file: document.path,
        line: line.line,
        column: line.column,
        length: Math.min(length, Math.max(1, excerpt.length - caret + 1)),
        message,
        help,
        excerpt,
        caret,
      },
    });
  }

  /** For the model: precise enough to find it in an editor. */
  position(at: Cursor): Position {
    const { line, column } = this.#index(at.doc).at(at.doc.near(at.container, at.key).start);
    return { file: at.doc.path, line, column };
  }

  get hasErrors(): boolean {
    return this.#entries.some((entry) => entry.diagnostic.severity === "error");
  }

  /** Sorted by file (as they were opened), line and column. */
  finish(documents: readonly SourceDocument[]): Diagnostic[] {
    let kept = this.#entries;
    for (const document of documents) {
      const suppressions = Suppressions.of(document);
      if (suppressions === undefined) continue;
      kept = kept.filter((entry) =>
        entry.document !== document || !suppressions.covers(entry.diagnostic)
      );
      const before = this.#entries.length;
      for (const { span, code, message, help } of suppressions.problems(this.hasErrors)) {
        this.addAt(document, span, code, message, help);
      }
      kept = [...kept, ...this.#entries.slice(before)];
    }
    const order = new Map(documents.map((document, index) => [document.path, index]));
    const rank = (d: Diagnostic): number => order.get(d.file) ?? 0;
    return kept.map((entry) => entry.diagnostic).sort((a, b) =>
      rank(a) - rank(b) || a.line - b.line || a.column - b.column ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)
    );
  }

  #index(document: SourceDocument): LineIndex {
    let index = this.#lines.get(document);
    if (index === undefined) this.#lines.set(document, index = new LineIndex(document.text));
    return index;
  }
}
