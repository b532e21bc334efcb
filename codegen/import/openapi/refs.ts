/** `$ref` within the document. */
import { decodePointer } from "../../load/workspace.ts";
import type { Losses } from "./loss.ts";
import { isObject, type Obj, object } from "./value.ts";

export class Refs {
  readonly #document: Obj;
  readonly #losses: Losses;
  readonly #problems: ReadonlyMap<string, string>;

  /** `problems`: why references, as they stand, could not be followed. */
  constructor(document: Obj, losses: Losses, problems: ReadonlyMap<string, string> = new Map()) {
    this.#document = document;
    this.#losses = losses;
    this.#problems = problems;
  }

  /** Why a reference leads nowhere. */
  problem(ref: string): string {
    return this.#problems.get(ref) ?? "leads nowhere";
  }

  /** The value at a pointer, or undefined. */
  at(pointer: string): unknown {
    let value: unknown = this.#document;
    for (const raw of pointer.split("/").slice(1)) {
      const key = decodePointer(raw);
      if (Array.isArray(value)) value = value[Number(key)];
      else if (isObject(value) && Object.hasOwn(value, key)) value = value[key];
      else return undefined;
    }
    return value;
  }

  /** The schema that a reference resolves to; an empty one if it is broken or circular. */
  schema(schema: unknown): Obj {
    let at = object(schema);
    for (let hops = 0; hops < 20 && typeof at["$ref"] === "string"; hops++) {
      at = object(this.at(at["$ref"]));
    }
    return at;
  }

  /** Resolves an object through any chain of references. */
  follow(value: unknown, where: string): Obj {
    let at = object(value);
    for (let hops = 0; typeof at["$ref"] === "string"; hops++) {
      const ref = at["$ref"];
      const target = ref.startsWith("#") ? this.at(ref) : undefined;
      if (!isObject(target) || hops > 30) {
        this.#losses.add("reference", where, `\`${ref}\` ${this.problem(ref)}.`);
        return {};
      }
      at = target;
    }
    return at;
  }
}
