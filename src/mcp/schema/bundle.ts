/** A schema that stands alone: what it refers to is in its `$defs`, each type once, and no reference leads nowhere. */
import type { SchemaNode } from "../../schema/check.ts";
import { rewrite, type Rewriting } from "./keywords.ts";

export interface Bundled {
  /** Schemas that refer to `#/$defs/…`, for the place that holds {@link defs}. */
  readonly schemas: readonly (SchemaNode | boolean)[];
  readonly defs: SchemaNode;
}

export interface BundleOptions {
  /** Of all together, in characters of JSON. Types beyond it are named, not shown; the schemas themselves always are. */
  readonly maxChars: number;
  readonly property?: Rewriting["property"];
}

/** Types are longer than this, so that where less room is left there is no use in looking. */
const LEAST = 40;

/** What takes the place of a type that would be too much: anything fits. */
function leftOut(name: string): SchemaNode {
  return { title: name, description: `${name}: left out here for its size.` };
}

/** The nearest types first, so that what is left out is what is furthest away. */
export function bundle(
  schemas: readonly unknown[],
  types: SchemaNode,
  { maxChars, property }: BundleOptions,
): Bundled {
  const names = new Map<string, string>();
  const shown = new Map<string, SchemaNode | boolean>();
  const waiting: string[] = [];
  const seen = new Set<string>();
  const rewriting = (reference: Rewriting["reference"]): Rewriting => ({
    reference,
    ...(property === undefined ? {} : { property }),
  });
  const first = rewriting((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      waiting.push(name);
    }
    // Read back by `refName` below, when it is known which types are shown.
    return { $ref: encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1")) };
  });
  let chars = 0;
  const measured = (schema: unknown): SchemaNode | boolean => {
    const copy = rewrite(schema, first);
    chars += JSON.stringify(copy).length;
    return copy;
  };
  const roots = schemas.map(measured);
  // The list grows while it is walked.
  for (const name of waiting) {
    if (maxChars - chars < LEAST) break;
    if (!Object.hasOwn(types, name)) continue;
    const [charsBefore, waitingBefore] = [chars, waiting.length];
    const copy = measured(types[name]);
    if (chars <= maxChars) {
      shown.set(name, copy);
      names.set(name, safeName(name, new Set(names.values())));
      continue;
    }
    chars = charsBefore;
    // What only a type refers to that is left out is left out with it.
    for (const further of waiting.splice(waitingBefore)) seen.delete(further);
  }
  const last: Rewriting = {
    reference: (name) => names.has(name) ? { $ref: `#/$defs/${names.get(name)}` } : leftOut(name),
  };
  return {
    schemas: roots.map((root) => rewrite(root, last)),
    defs: Object.fromEntries(
      [...shown].map(([name, schema]) => [names.get(name) ?? name, rewrite(schema, last)]),
    ),
  };
}

/** A name that needs no escaping in a reference. */
function safeName(name: string, taken: ReadonlySet<string>): string {
  const safe = name.replace(/[^\w.-]/g, "_");
  for (let count = 2, next = safe;; next = `${safe}_${count++}`) if (!taken.has(next)) return next;
}

/** One schema with its `$defs`. */
export function standAlone(schema: unknown, types: SchemaNode, options: BundleOptions): SchemaNode {
  const { schemas: [root = true], defs } = bundle([schema], types, options);
  const node = typeof root === "boolean" ? (root ? {} : { not: {} }) : root;
  return Object.keys(defs).length === 0 ? node : { ...node, $defs: defs };
}
