/**
 * Requests and example inputs in one flat shape, so that they can be compared without knowing how a parameter was written:
 * path of names → values as text. Indices in lists are dropped, their order is kept.
 */
import { isObject } from "../input.ts";

/** `created.gte` → `1680000000`; several values of one path are joined by commas, as unexploded lists are. */
export type Flat = ReadonlyMap<string, string>;

/** Collects values under their paths. */
export class Flattening {
  readonly #values = new Map<string, string[]>();

  /** `a[b][0][]`, `a.b` and `a[b]` mean the same. */
  addText(key: string, value: string): void {
    this.#push(
      key.replace(/\[([^\]]*)\]/g, ".$1").split(".").filter((part) =>
        part !== "" && !/^\d+$/.test(part)
      ),
      value,
    );
  }

  addValue(path: readonly string[], value: unknown): void {
    if (Array.isArray(value)) { for (const item of value) this.addValue(path, item); }
    else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) this.addValue([...path, key], item);
    } else if (value !== undefined) this.#push(path, String(value));
  }

  #push(path: readonly string[], value: string): void {
    const key = path.join(".");
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }

  done(): Flat {
    return new Map([...this.#values].map(([key, values]) => [key, values.join(",")]));
  }
}

export function flattenInput(input: { readonly [name: string]: unknown }): Flat {
  const flat = new Flattening();
  flat.addValue([], input);
  return flat.done();
}

/** How many values of the example are in the request; -1 if one is missing or different. */
export function matchScore(example: Flat, request: Flat): number {
  for (const [key, value] of example) if (request.get(key) !== value) return -1;
  return example.size;
}
