/**
 * One document of several: what references lead to in other files is put under {@link FILES}, `$id`s and `$anchor`s are followed,
 * and every reference becomes a pointer into the whole. The network is never asked.
 */
import { dirname, join } from "node:path/posix";
import { decodePointer } from "../../../load/workspace.ts";
import { isObject, list, type Obj, object, text } from "../value.ts";
import { type Marks, marksOf, type Reference } from "./references.ts";

/** Under this key the other files stand, by their path. */
export const FILES = "$files";

/** The folder in which references to files are followed. */
export interface DocumentFiles {
  /** Path of the document in it. */
  readonly document: string;
  /** What a file in it holds, or why it cannot be had. Paths never lead out of the folder by what they say. */
  read(path: string): { readonly value: unknown } | { readonly problem: string };
}

export interface Bundle {
  readonly root: Obj;
  /** Why a reference, as it stands, leads nowhere. */
  readonly problems: ReadonlyMap<string, string>;
  /** Pointers to schemas that have no name in `components`. */
  readonly schemas: readonly string[];
}

/**
 * Cheap to look for, and seldom found: most documents have pointers of their own alone, and none that is written in two ways
 * (`#/components/schemas/Page%3CPet%3E`).
 */
const FOREIGN =
  /\$(?:id|anchor|dynamicAnchor|self)\b|\$ref["']?\s*:\s*["']?(?!["'#\s])|\$ref["']?\s*:\s*["']?#(?!\/)|#\/[^"'\s]*%/;

/** `source`: the text, where there is one. What is given is left as it is. */
export function bundle(given: Obj, source: string | undefined, files?: DocumentFiles): Bundle {
  if (source !== undefined && !FOREIGN.test(source)) {
    return { root: given, problems: new Map(), schemas: [] };
  }
  const marks = marksOf(given);
  const isPlain = marks.ids.size === 0 && marks.anchors.size === 0 &&
    marks.references.every(({ target }) => target.startsWith("#/") && !target.includes("%"));
  if (isPlain) return { root: given, problems: new Map(), schemas: [] };
  const root = structuredClone(given) as Record<string, unknown>;
  return new Bundler(root, files).bundle();
}

/** A file, or the document itself. */
interface Part {
  /** In the folder. */
  readonly path: string;
  readonly value: unknown;
  readonly marks: Marks;
  /** Steps to it in the whole. */
  readonly at: readonly string[];
}

class Bundler {
  readonly #root: Record<string, unknown>;
  readonly #files: DocumentFiles | undefined;
  readonly #parts = new Map<string, Part | string>();
  /** By absolute address without fragment: steps to it. */
  readonly #byAddress = new Map<
    string,
    { readonly part: Part; readonly steps: readonly string[] }
  >();
  readonly #problems = new Map<string, string>();
  readonly #schemas = new Set<string>();

  constructor(root: Record<string, unknown>, files: DocumentFiles | undefined) {
    this.#root = root;
    this.#files = files;
  }

  bundle(): Bundle {
    const main = this.#part(this.#files?.document ?? "", this.#root, []);
    const self = text(this.#root["$self"]);
    if (self !== undefined) this.#byAddress.set(bare(self), { part: main, steps: [] });
    // More parts are found while their references are followed.
    const resolved: { readonly one: Reference; readonly pointer: string }[] = [];
    const seen = new Set<Part>();
    for (;;) {
      const next = [...this.#parts.values()].find((part): part is Part =>
        typeof part !== "string" && !seen.has(part)
      );
      if (next === undefined) break;
      seen.add(next);
      for (const one of next.marks.references) {
        const pointer = this.#resolve(next, one);
        if (pointer !== undefined) resolved.push({ one, pointer });
      }
    }
    for (const { one, pointer } of resolved) one.holder[one.key] = pointer;
    this.#adopt(resolved);
    return { root: this.#root, problems: this.#problems, schemas: [...this.#schemas].sort() };
  }

  #part(path: string, value: unknown, at: readonly string[]): Part {
    const part: Part = { path, value, marks: marksOf(value), at };
    this.#parts.set(path, part);
    for (const [id, steps] of part.marks.ids) {
      this.#byAddress.set(bare(addressOf(id, path)), { part, steps });
    }
    return part;
  }

  #resolve(part: Part, { target, within, isSchema }: Reference): string | undefined {
    const hash = target.indexOf("#");
    const address = hash < 0 ? target : target.slice(0, hash);
    const fragment = hash < 0 ? "" : target.slice(hash + 1);
    const lose = (why: string): undefined => {
      this.#problems.set(target, why);
      return undefined;
    };
    const found = address === ""
      ? { part, steps: within === undefined ? [] : part.marks.ids.get(within) ?? [] }
      : this.#find(part, address, within);
    if (typeof found === "string") return lose(found);
    const steps = fragment !== "" && !fragment.startsWith("/")
      ? found.part.marks.anchors.get(`${idAt(found)}#${decodePointer(fragment)}`)
      : this.#stepsTo(found, fragment.split("/").slice(1).map(decodePointer));
    if (steps === undefined) return lose("leads nowhere");
    const pointer = pointerOf(steps);
    if (isSchema && steps[0] === FILES) this.#schemas.add(pointer);
    return pointer;
  }

  /** Below the nearest `$id`; many write it from the start of the file, or of the document, all the same. */
  #stepsTo({ part, steps }: Found, inside: readonly string[]): readonly string[] | undefined {
    const tries = [[...part.at, ...steps, ...inside], [...part.at, ...inside], inside];
    return tries.find((one) => reaches(this.#root, one));
  }

  #find(part: Part, address: string, within: string | undefined): Found | string {
    const ids = [within, part.at.length === 0 ? text(this.#root["$self"]) : undefined];
    const bases = [
      ...ids.flatMap((id) => id === undefined ? [] : [addressOf(id, part.path)]),
      part.path,
    ];
    for (const base of bases) {
      const known = this.#byAddress.get(bare(addressOf(address, base)));
      if (known !== undefined) return known;
    }
    if (/^[a-z][a-z\d+.-]*:/i.test(address)) {
      return "is not in this document, and nothing is fetched from the network";
    }
    if (this.#files === undefined) return "leads to another file: give the folder with --refs";
    const path = join(dirname(part.path), decodeFile(address));
    if (path.startsWith("../") || path === ".." || path.startsWith("/")) {
      return "leads out of the folder";
    }
    const known = this.#parts.get(path) ?? this.#read(path);
    return typeof known === "string" ? known : { part: known, steps: [] };
  }

  #read(path: string): Part | string {
    const read = this.#files?.read(path) ?? { problem: "" };
    if ("problem" in read) {
      this.#parts.set(path, read.problem);
      return read.problem;
    }
    const files = this.#root[FILES] ??= {};
    (files as Record<string, unknown>)[path] = read.value;
    return this.#part(path, read.value, [FILES, path]);
  }

  /** `components.schemas.Pet: { $ref: ./pet.yaml }` gives the schema its name; so is it called wherever it is used. */
  #adopt(resolved: readonly { readonly one: Reference; readonly pointer: string }[]): void {
    const schemas = object(object(this.#root["components"])["schemas"]) as Record<string, unknown>;
    const names = new Map<string, string>();
    for (const [name, schema] of Object.entries(schemas)) {
      const target = text(object(schema)["$ref"]);
      if (target === undefined || Object.keys(object(schema)).length > 1) continue;
      if (!target.startsWith(`#/${FILES}/`) || names.has(target)) continue;
      names.set(target, pointerOf(["components", "schemas", name]));
      schemas[name] = valueAt(this.#root, stepsOf(target));
      this.#schemas.delete(target);
    }
    for (const { one, pointer } of resolved) {
      const name = names.get(pointer);
      if (name !== undefined) one.holder[one.key] = name;
    }
  }
}

interface Found {
  readonly part: Part;
  /** Of the nearest `$id`, in the part. */
  readonly steps: readonly string[];
}

function idAt({ part, steps }: Found): string {
  const found = [...part.marks.ids].find(([, one]) => one.join("/") === steps.join("/"));
  return found?.[0] ?? "";
}

/** An address without its fragment. */
function bare(address: string): string {
  return address.replace(/#.*$/, "");
}

/** Relative to another address, or to a path in the folder. */
function addressOf(address: string, base: string): string {
  if (URL.canParse(address)) return new URL(address).href;
  if (URL.canParse(address, base)) return new URL(address, base).href;
  return join(dirname(base), address);
}

function decodeFile(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

function pointerOf(steps: readonly string[]): string {
  return `#${
    steps.map((step) =>
      `/${step.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("%", "%25")}`
    ).join("")
  }`;
}

function stepsOf(pointer: string): string[] {
  return pointer.split("/").slice(1).map(decodePointer);
}

function valueAt(root: unknown, steps: readonly string[]): unknown {
  let at: unknown = root;
  for (const step of steps) {
    if (Array.isArray(at)) at = list(at)[Number(step)];
    else if (isObject(at) && Object.hasOwn(at, step)) at = at[step];
    else return undefined;
  }
  return at;
}

function reaches(root: unknown, steps: readonly string[]): boolean {
  return valueAt(root, steps) !== undefined && (steps.length > 0 || isObject(root));
}
