/** Derives names in the spec from names in the document, deterministically. */
import { FILES } from "../document/bundle.ts";
import { decodePointer } from "../../../load/workspace.ts";
import {
  camelCase,
  CLIENT_MEMBERS,
  isIdentifier,
  isTakenType,
  pascalCase,
  UNSAFE_MEMBERS,
  words,
} from "../../../read/names.ts";

export interface NamedOperation {
  readonly operationId: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly tags: readonly string[];
}

/** `repos/create-in-org` → `repos.createInOrg`; without an id, from path and method. */
export function operationId(operation: NamedOperation): string {
  const id = operation.operationId;
  // An id without usable letters says less than the path does.
  const parts = id === undefined || !hasLatin(id)
    ? fromPath(operation)
    : fromId(id, operation.tags.filter(hasLatin));
  const members = parts.map((part) => camelCase(ascii(part))).filter((part) => part !== "").map(
    safe,
  );
  const [first] = members;
  if (first !== undefined && CLIENT_MEMBERS.has(first)) members[0] = `${first}Api`;
  return members.length === 0 ? "call" : members.join(".");
}

function hasLatin(text: string): boolean {
  return /[A-Za-z]/.test(text.normalize("NFKD"));
}

function safe(member: string): string {
  const plain = member.replace(/[^\w$]/g, "");
  return UNSAFE_MEMBERS.has(plain) || !isIdentifier(plain) || plain.startsWith("_") ||
      plain.startsWith("$")
    ? `op${pascalCase(plain)}`
    : plain;
}

function fromId(id: string, tags: readonly string[]): string[] {
  const split = id.split(/[/.]/).filter((part) => part !== "");
  if (split.length > 1) return split;
  const [tag] = tags;
  if (tag === undefined || words(tag).length === 0) return [id];
  const [before = "", ...after] = id.split("_");
  // `Users_getById` beside the tag `users` names the group itself.
  if (after.length > 0 && camelCase(before).toLowerCase() === camelCase(tag).toLowerCase()) {
    return [tag, after.join("_")];
  }
  return [tag, id];
}

function fromPath({ method, path }: NamedOperation): string[] {
  const segments = path.split(/[?#]/)[0]?.split("/").filter((part) => part !== "") ?? [];
  const fixed = segments.filter((part) => !part.includes("{"));
  const last = segments.at(-1) ?? "";
  const parameter = last.includes("{") ? `-by-${last.replace(/[{}]/g, "")}` : "";
  return [...fixed, method.toLowerCase() + parameter];
}

/** Makes ids unique, and keeps operations from having the name of a group. */
export class OperationIds {
  readonly #ids = new Set<string>();
  readonly #functions = new Set<string>();
  readonly #groups = new Set<string>();

  constructor(wanted: readonly string[]) {
    for (const id of wanted) {
      for (let at = id.lastIndexOf("."); at > 0; at = id.lastIndexOf(".", at - 1)) {
        this.#groups.add(id.slice(0, at));
      }
    }
  }

  take(wanted: string, method: string): string {
    const base = this.#groups.has(wanted) ? `${wanted}.${method.toLowerCase()}` : wanted;
    let id = base;
    for (let n = 2; this.#taken(id); n++) id = `${base}${n}`;
    this.#ids.add(id);
    this.#functions.add(camelCase(id.replaceAll(".", "-")));
    return id;
  }

  #taken(id: string): boolean {
    return this.#ids.has(id) || this.#groups.has(id) ||
      this.#functions.has(camelCase(id.replaceAll(".", "-")));
  }
}

const STRUCTURE = new Set(
  "components schemas paths responses content schema properties $defs definitions".split(" "),
);

/**
 * The name from a pointer. For a named schema it is its name; within one, and elsewhere, it is the whole path, so
 * that the name does not depend on what else is imported.
 */
function meaning(pointer: string): string {
  const [first = "", file = "", ...inside] = pointer.split("/").slice(1).map(decodePointer);
  const isFile = first === FILES;
  if (isFile && inside.length === 0) {
    return file.replace(/^.*\//, "").replace(/(?:\.(?:schema|ya?ml|json))+$/i, "");
  }
  const parts = isFile ? inside : [first, file, ...inside];
  const told = parts.filter((part, index) =>
    index === 2 && parts[1] === "schemas" || !STRUCTURE.has(part) && !/^\w+\/[\w.+*-]+$/.test(part)
  );
  return told.join(" ");
}

/** Accents are dropped, and letters of other scripts become numbers: ugly, but unique and stable. */
function ascii(text: string): string {
  return text.replaceAll("ß", "ss").normalize("NFKD").replace(/\p{M}/gu, "").replace(
    /[^\x00-\x7f]/gu,
    (letter) => /[\p{L}\p{N}]/u.test(letter) ? `U${letter.codePointAt(0)?.toString(16)}` : " ",
  );
}

/** Type names for schemas by their pointer. */
export class TypeNames {
  readonly #byPointer = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(reserved: readonly string[] = []) {
    for (const name of reserved) this.#taken.add(name);
  }

  of(pointer: string): string {
    const known = this.#byPointer.get(pointer);
    if (known !== undefined) return known;
    const plain = pascalCase(ascii(meaning(pointer))).replace(/[^\w$]/g, "");
    const wanted = plain === "" || !/^[A-Z_]/.test(plain)
      ? `Type${plain}`
      : isTakenType(plain)
      ? `${plain}Type`
      : plain;
    let name = wanted;
    for (let n = 2; this.#taken.has(name); n++) name = `${wanted}${n}`;
    this.#taken.add(name);
    this.#byPointer.set(pointer, name);
    return name;
  }
}

/** Property of the input: kept if it is an identifier, else in camel case. */
export function inputName(wire: string): string {
  if (isIdentifier(wire) && !UNSAFE_MEMBERS.has(wire)) return wire;
  const name = camelCase(ascii(wire)).replace(/[^\w$]/g, "");
  return isIdentifier(name) && !UNSAFE_MEMBERS.has(name) ? name : `param${pascalCase(name)}`;
}
