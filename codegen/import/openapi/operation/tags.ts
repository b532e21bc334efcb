/** Tags of a document: in OpenAPI 3.2 they have a kind, and one may be part of another. */
import { list, type Obj, object, text } from "../value.ts";

export class Tags {
  readonly #tags: ReadonlyMap<string, Obj>;

  constructor(document: Obj) {
    const stated = list(document["tags"]).map(object);
    this.#tags = new Map(stated.flatMap((tag) => {
      const name = text(tag["name"]);
      return name === undefined ? [] : [[name, tag] as const];
    }));
  }

  /** Those that say where an operation belongs; badges and audiences do not. */
  grouping(tags: readonly string[]): string[] {
    return tags.filter((tag) => (text(this.#tags.get(tag)?.["kind"]) ?? "nav") === "nav");
  }

  withParents(tags: readonly string[]): string[] {
    const all = new Set<string>();
    for (const tag of tags) {
      let at: string | undefined = tag;
      while (at !== undefined && !all.has(at)) {
        all.add(at);
        at = text(this.#tags.get(at)?.["parent"]);
      }
    }
    return [...all];
  }
}
