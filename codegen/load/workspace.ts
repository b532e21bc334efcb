/** All files of one spec: opened once each, kept inside the spec's folder, tied together by `$import`. */
import { basename, dirname, join, relative, sep } from "node:path";
import { Cursor, IMPORT_FAILED, kindOf } from "./cursor.ts";
import type { LoadIo } from "./io.ts";
import type { LoadLimits } from "./limits.ts";
import { parseText, readText } from "./read.ts";
import type { LoadProblem, SourceDocument } from "./source.ts";

/** Called for every problem, with the document it is in. */
export type OnProblem = (document: SourceDocument, problem: LoadProblem) => void;

const MAX_IMPORTS = 16;
const BROKEN: ReadonlySet<string> = new Set(["VC1004", "VC1005", "VC1006", "VC1007"]);

export class Workspace {
  /** In the order they were opened. */
  readonly documents: SourceDocument[] = [];
  readonly #io: LoadIo;
  readonly #limits: LoadLimits;
  readonly #onProblem: OnProblem;
  readonly #opened = new Map<string, SourceDocument | undefined>();
  #folder: string | undefined;

  constructor(io: LoadIo, limits: LoadLimits, onProblem: OnProblem) {
    this.#io = io;
    this.#limits = limits;
    this.#onProblem = onProblem;
  }

  /** Includes files that could not be read. */
  get paths(): string[] {
    return [...this.#opened.keys()];
  }

  /** The first file: every other must be in its folder. */
  openRoot(path: string, text?: string): Cursor | undefined {
    if (text !== undefined) return this.#parsed(path, text);
    try {
      this.#folder = this.#io.realPath(dirname(path));
    } catch {
      // A missing folder is reported by reading the file in it.
    }
    return this.#open(path, blank(path));
  }

  /** A file that may be missing: no problem is reported then. */
  openOptional(path: string): Cursor | undefined {
    try {
      this.#io.realPath(path);
    } catch {
      return undefined;
    }
    return this.#open(path, blank(path));
  }

  #rootOf(document: SourceDocument, trail: readonly unknown[]): Cursor {
    return Cursor.root(document, (from, target) => this.#follow(from, target), trail);
  }

  #parsed(path: string, text: string, trail: readonly unknown[] = []): Cursor | undefined {
    const parsed = parseText(path, text, this.#limits);
    const shown = parsed.document ?? blank(path, text);
    this.documents.push(shown);
    for (const problem of parsed.problems) this.#onProblem(shown, problem);
    this.#opened.set(path, parsed.document);
    // Anything after a syntax error is guesswork, and messages about it would mislead.
    if (parsed.problems.some((problem) => BROKEN.has(problem.code))) {
      this.#opened.set(path, undefined);
      return undefined;
    }
    return parsed.document && this.#rootOf(parsed.document, trail);
  }

  #open(
    path: string,
    blame: SourceDocument,
    from?: Cursor,
    trail: readonly unknown[] = [],
  ): Cursor | undefined {
    const report = (problem: LoadProblem): void => {
      if (from === undefined) this.#onProblem(blame, problem);
      else {
        const span = from.doc.span(from.container, from.key, "value");
        this.#onProblem(from.doc, { ...problem, span });
      }
    };
    if (this.#opened.has(path)) {
      const document = this.#opened.get(path);
      return document && this.#rootOf(document, trail);
    }
    if (this.documents.length >= this.#limits.maxFiles) {
      report({
        code: "VC1002",
        span: { start: 0, end: 1 },
        message: `The spec imports more than ${this.#limits.maxFiles} files.`,
        help: "Put what belongs together into one file.",
      });
      return undefined;
    }
    if (this.#escapes(path)) {
      report({
        code: "VC1010",
        span: { start: 0, end: 1 },
        message: `\`${path}\` leads out of the folder of the spec.`,
        help: "Keep every file of a connector in its folder, without symbolic links out of it.",
      });
      return undefined;
    }
    const read = readText(path, this.#io, this.#limits);
    if (read.problem !== undefined) {
      this.#opened.set(path, undefined);
      if (read.shown === "") report(read.problem);
      else {
        const shown = blank(path, read.shown);
        this.documents.push(shown);
        this.#onProblem(shown, read.problem);
      }
      return undefined;
    }
    return this.#parsed(path, read.text, trail);
  }

  #escapes(path: string): boolean {
    if (this.#folder === undefined) return false;
    try {
      const inside = relative(this.#folder, this.#io.realPath(path));
      return inside === ".." || inside.startsWith(".." + sep) || inside.startsWith(sep);
    } catch {
      return false;
    }
  }

  #follow(from: Cursor, target: unknown): Cursor | undefined {
    const at = from.keyCursor("$import");
    const problem = (code: string, message: string, help: string): undefined => {
      const span = at.doc.span(at.container, at.key, "value");
      this.#onProblem(at.doc, { code, span, message, help });
      return undefined;
    };
    if (typeof target !== "string" || !/^\.{1,2}\//.test(target)) {
      return problem(
        "VC1011",
        typeof target === "string"
          ? `\`${target}\` is not a relative path.`
          : `\`$import\` takes a path as text, not a ${kindOf(target)}.`,
        "Write `$import: ./file.json#/components/schemas`: a file of this folder, then a JSON pointer.",
      );
    }
    if (from.trail.includes(from.value) || from.trail.length >= MAX_IMPORTS) {
      return problem(
        "VC1012",
        "These imports are circular.",
        "Make one of the files independent of the other.",
      );
    }
    const hash = target.indexOf("#");
    const file = hash < 0 ? target : target.slice(0, hash);
    const path = join(dirname(from.doc.path), file);
    const root = this.#open(path, from.doc, at, [...from.trail, from.value]);
    if (root === undefined) return undefined;
    const found = pointTo(
      root,
      target.slice(hash < 0 ? target.length : hash + 1),
    );
    if (found instanceof Cursor) return found;
    return problem(
      "VC1013",
      `\`${found}\` does not exist in \`${basename(path)}\`.`,
      "Give a JSON pointer to something in that file, such as `#/components/schemas/User`.",
    );
  }
}

/** Follows a JSON pointer; returns the part that could not be followed. */
export function pointTo(root: Cursor, pointer: string): Cursor | string {
  let at = root;
  let passed = "#";
  for (const raw of pointer.split("/").slice(1)) {
    const key = decodePointer(raw);
    passed += `/${raw}`;
    const next = at.kind === "list" ? at.items()[Number(key)] : at.at(key);
    if (next === undefined) return passed;
    at = next;
  }
  return at;
}

export function decodePointer(segment: string): string {
  let text = segment;
  try {
    text = decodeURIComponent(segment);
  } catch {
    // Not percent-encoded: used literally.
  }
  return text.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Represents a file that could not be parsed, so that messages have an excerpt. */
function blank(path: string, text = ""): SourceDocument {
  const span = { start: 0, end: 1 };
  return { path, text, value: IMPORT_FAILED, span: () => span, near: () => span };
}
