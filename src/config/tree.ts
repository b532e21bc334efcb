/** A YAML file as values that know their position. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
} from "yaml";
import { ConnectorError, ErrorClass } from "../core/errors.ts";

export interface Place {
  /** If it is not the one that most places are in. */
  readonly file?: string | undefined;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export type ConfigMap = ConfigNode & { readonly kind: "map" };

export type ConfigNode =
  & Place
  & (
    | { readonly kind: "map"; readonly entries: ReadonlyMap<string, ConfigEntry> }
    | { readonly kind: "list"; readonly items: readonly ConfigNode[] }
    | {
      readonly kind: "value";
      readonly value: string | number | boolean | null;
      /** Depends on a variable that is not set here: there is a value, but it is unknown. It is null here. */
      readonly unknown?: true;
    }
  );

export interface ConfigEntry {
  readonly key: Place;
  readonly node: ConfigNode;
}

/** Collects everything that is wrong with a file, so that one run reports it all. */
export class ConfigProblems {
  readonly file: string;
  readonly #found: { place: Place; message: string }[] = [];

  constructor(file: string) {
    this.file = file;
  }

  add(place: Place, message: string): void {
    this.#found.push({ place, message });
  }

  /** @throws ConnectorError `config.invalid` with a line for each problem, in the order of the file. */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    const lines = this.#found
      .toSorted((a, b) =>
        Number(a.place.file !== undefined) - Number(b.place.file !== undefined) ||
        a.place.line - b.place.line || a.place.column - b.place.column
      )
      .map(({ place, message }) => {
        const { file = this.file, line, column } = place;
        return `${file}:${line}:${column}: ${message}`;
      });
    throw new ConnectorError({
      errorClass: ErrorClass.InvalidRequest,
      code: "config.invalid",
      message: lines.join("\n"),
      origin: "caller",
    });
  }
}

const MAX_BYTES = 1024 * 1024;
/** Nodes that aliases may add up to: a few lines can otherwise stand for billions. */
const MAX_NODES = 100_000;
const START: Place = { line: 1, column: 1 };

/** Always a map; empty for an empty file. Problems are collected, not thrown. */
export function parseTree(
  text: string,
  problems: ConfigProblems,
  file: string = problems.file,
): ConfigMap {
  const start: Place = { ...START, ...file !== problems.file && { file } };
  const empty: ConfigMap = { kind: "map", entries: new Map(), ...start };
  if (text.length > MAX_BYTES) {
    problems.add(start, `the file has ${text.length} characters; at most ${MAX_BYTES} are read`);
    return empty;
  }
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { ...start, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
  });
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const place = placeOf(pos[0]);
    if (code === "MULTIPLE_DOCS") {
      problems.add(place, "a second document begins here, and only one is read: remove `---`");
      break;
    }
    const line = text.split("\n", place.line)[place.line - 1] ?? "";
    // `${` opens a map inside [ ] and { }, which surprises people who meant a variable.
    const hint = /[[{].*\$\{/.test(line) ? '; put quotes around "${…}" inside [ ] and { }' : "";
    problems.add(place, message + hint);
    // What follows from the first one only confuses.
    if (hint !== "") break;
  }
  if (document.errors.length > 0 || document.contents === null) return empty;

  let nodes = 0;
  const convert = (node: unknown, open: readonly unknown[]): ConfigNode => {
    const at = placeOf((node as Node | null)?.range?.[0] ?? 0);
    if (++nodes > MAX_NODES) {
      if (nodes === MAX_NODES + 1) {
        problems.add(at, `more than ${MAX_NODES} values, aliases included`);
      }
      return { kind: "value", value: null, ...at };
    }
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target !== undefined && !open.includes(target)) {
        return { ...convert(target, open), ...at };
      }
      problems.add(at, `the alias *${node.source} ${target ? "contains itself" : "has no anchor"}`);
      return { kind: "value", value: null, ...at };
    }
    if (isMap(node)) {
      const entries = new Map<string, ConfigEntry>();
      for (const { key, value } of node.items) {
        const keyAt = placeOf((key as Node).range?.[0] ?? 0);
        if (!isScalar(key) || !String(key.value).isWellFormed()) {
          problems.add(keyAt, "a key must be a plain word");
        } else {
          const entry = value === null
            ? { kind: "value", value: null, ...keyAt } as const
            : convert(value, [...open, node]);
          entries.set(String(key.value), { key: keyAt, node: entry });
        }
      }
      return { kind: "map", entries, ...at };
    }
    if (isSeq(node)) {
      return {
        kind: "list",
        items: node.items.map((item) => convert(item, [...open, node])),
        ...at,
      };
    }
    return { kind: "value", value: isScalar(node) ? scalar(node) : null, ...at };
  };

  const root = convert(document.contents, []);
  if (root.kind !== "map") {
    problems.add(root, "the file must contain settings such as `listen: …`");
    return empty;
  }
  return root;
}

/** The values that configuration can use; dates and the like stay text, as written. */
function scalar(node: Scalar): string | number | boolean | null {
  const { value } = node;
  if (value === null || typeof value === "boolean" || typeof value === "number") {
    return value;
  }
  return typeof value === "string" ? value : String(node.source);
}
