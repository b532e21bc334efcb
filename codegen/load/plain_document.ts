/** Large YAML that was read the fast way, which knows no places: the full parser finds them when a message needs one. */
import { parentsOf, pathTo } from "./json.ts";
import type { LoadLimits } from "./limits.ts";
import type { Key, SourceDocument, Span } from "./source.ts";
import { parseYamlDocument } from "./yaml.ts";

const START: Span = { start: 0, end: 1 };

export class PlainDocument implements SourceDocument {
  readonly path: string;
  readonly text: string;
  readonly value: unknown;
  readonly #limits: LoadLimits;
  #parents: ReturnType<typeof parentsOf> | undefined;
  #full: SourceDocument | "too large" | undefined;

  constructor(path: string, text: string, value: unknown, limits: LoadLimits) {
    this.path = path;
    this.text = text;
    this.value = value;
    this.#limits = limits;
  }

  span(container: unknown, key: Key | undefined, part: "key" | "value"): Span {
    this.#full ??= this.text.length > this.#limits.maxFreeFormLength
      ? "too large"
      : parseYamlDocument(this.path, this.text, this.#limits).document;
    if (this.#full === "too large" || this.#full === undefined) return START;
    let at = this.#full.value;
    for (const step of pathTo(this.#parents ??= parentsOf(this.value), container)) {
      if (typeof at !== "object" || at === null) return START;
      at = (at as Record<Key, unknown>)[step];
    }
    return this.#full.span(at, key, part);
  }

  /** For every operation and type: too many to parse a document of megabytes for. */
  near(): Span {
    return START;
  }
}
