/** Named types, converted once each, if the imported operations refer to them. */
import type { Losses } from "../loss.ts";
import { TypeNames } from "../operation/names.ts";
import type { Refs } from "../refs.ts";
import { heirsOf, schemaAt } from "./inheritance.ts";
import { convertSchema } from "./schema.ts";
import type { Out, OutObject, SchemaPlace } from "./out.ts";
import { object } from "../value.ts";

export class Types {
  readonly #refs: Refs;
  readonly #losses: Losses;
  readonly #names = new TypeNames();
  /** By pointer: whether it is only used where bytes are allowed. */
  readonly #used = new Map<string, boolean>();

  #heirs: ReadonlyMap<string, readonly string[]> = new Map();

  readonly #int64: SchemaPlace["int64"];

  constructor(refs: Refs, losses: Losses, int64: SchemaPlace["int64"]) {
    this.#refs = refs;
    this.#losses = losses;
    this.#int64 = int64;
  }

  /** `others`: pointers to schemas that stand elsewhere. */
  nameAll(schemas: unknown, others: readonly string[]): void {
    this.#heirs = heirsOf(object(schemas));
    // In a fixed order, as two may compete for one name.
    for (const key of Object.keys(object(schemas)).sort()) {
      this.#names.of(`#/components/schemas/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
    }
    for (const pointer of others) this.#names.of(pointer);
  }

  inline(schema: unknown, where: string, bytes: boolean): Out {
    return convertSchema(this.#context(where, bytes), schema);
  }

  has(name: string): boolean {
    return [...this.#used.keys()].some((pointer) => this.#names.of(pointer) === name);
  }

  #context(where: string, bytes: boolean): SchemaPlace {
    return {
      losses: this.#losses,
      names: this.#names,
      where,
      bytes,
      int64: this.#int64,
      // A type that is used in JSON somewhere cannot hold bytes anywhere.
      use: (pointer, here) => {
        const before = this.#used.get(pointer);
        if (before === undefined || (before && !here)) this.#used.set(pointer, here);
      },
      at: (pointer) => schemaAt((one) => this.#refs.at(one), pointer),
      problem: (ref) => this.#refs.problem(ref),
      heirs: (pointer) => this.#heirs.get(pointer) ?? [],
      depth: 0,
      convert: convertSchema,
    };
  }

  convertAll(): OutObject {
    const done = new Map<string, { bytes: boolean; out: Out }>();
    for (let more = true; more;) {
      more = false;
      // The map grows, and entries turn from bytes to JSON, while types are converted.
      for (const [pointer, bytes] of this.#used) {
        if (done.get(pointer)?.bytes === bytes) continue;
        more = true;
        const place = this.#context(`types.${this.#names.of(pointer)}`, bytes);
        done.set(pointer, {
          bytes,
          out: convertSchema({ ...place, self: pointer }, place.at(pointer)),
        });
      }
    }
    const named = [...done].map(([pointer, { out }]) => [this.#names.of(pointer), out] as const);
    return Object.fromEntries(named.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0));
  }
}
