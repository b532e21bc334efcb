/** Members, functions and type names of operations, without clashes. */
import type { Cursor } from "../../load/cursor.ts";
import type { Context } from "../context.ts";
import {
  camelCase,
  CLIENT_MEMBERS,
  isIdentifier,
  isReservedWord,
  pascalCase,
  TYPE_SUFFIXES,
  UNSAFE_MEMBERS,
} from "../names.ts";

export interface OperationNames {
  readonly members: readonly string[];
  readonly functionName: string;
  readonly typeName: string;
}

export class OperationNamer {
  readonly #ctx: Context;
  /** Full member path → id of the operation there. */
  readonly #operations = new Map<string, string>();
  /** Every proper prefix of a member path → id of an operation below it. */
  readonly #groups = new Map<string, string>();
  readonly #functions = new Map<string, string>();
  readonly #typeNames = new Set<string>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  name(id: string, at: Cursor): OperationNames | undefined {
    const members = id.split(".").map(camelCase);
    if (!/^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)*$/.test(id) || !members.every(isIdentifier)) {
      const words = id.split(/[^\w-]+/).map(camelCase).filter(isIdentifier);
      const better = words.join(".");
      const help = `Write names joined by dots, such as \`${
        better === "" ? "items.list" : better
      }\`.`;
      return this.#refuse("VC2101", at, `\`${id}\` cannot be the id of an operation.`, help);
    }
    const [first = ""] = members;
    const hidden = members.find((member) => UNSAFE_MEMBERS.has(member)) ??
      (CLIENT_MEMBERS.has(first) ? first : undefined);
    if (hidden !== undefined) {
      return this.#refuse(
        "VC2103",
        at,
        `\`${hidden}\` is a member that every client has.`,
        `Choose another name for \`${id}\`.`,
      );
    }
    if (!this.#claim(id, members, at)) return undefined;
    let functionName = camelCase(members.join("-"));
    if (isReservedWord(functionName)) functionName += "_";
    const other = this.#functions.get(functionName);
    if (other !== undefined) {
      const message = `\`${id}\` and \`${other}\` both become the function \`${functionName}\`.`;
      return this.#refuse("VC2102", at, message, "Rename one of them.");
    }
    this.#functions.set(functionName, id);
    return { members, functionName, typeName: this.#typeName(members) };
  }

  #refuse(
    code: "VC2101" | "VC2102" | "VC2103" | "VC2104",
    at: Cursor,
    message: string,
    help: string,
  ): undefined {
    this.#ctx.report.add(code, at, message, help, "key");
    return undefined;
  }

  #claim(id: string, members: readonly string[], at: Cursor): boolean {
    const path = members.join(".");
    const same = this.#operations.get(path);
    if (same !== undefined) {
      this.#refuse(
        "VC2102",
        at,
        `\`${id}\` and \`${same}\` both become \`${path}\`.`,
        "Rename one of them.",
      );
      return false;
    }
    const below = this.#groups.get(path);
    if (below !== undefined) {
      this.#refuse(
        "VC2104",
        at,
        `\`${id}\` is an operation, but also the group of \`${below}\`.`,
        `Move it into the group, such as \`${id}.all\`.`,
      );
      return false;
    }
    for (let n = 1; n < members.length; n++) {
      const group = members.slice(0, n).join(".");
      const above = this.#operations.get(group);
      if (above !== undefined) {
        this.#refuse(
          "VC2104",
          at,
          `\`${above}\` is an operation, so \`${id}\` cannot be below it.`,
          `Move \`${above}\` into the group, such as \`${above}.all\`.`,
        );
        return false;
      }
      this.#groups.set(group, id);
    }
    this.#operations.set(path, id);
    return true;
  }

  /** No type of the connector may have a name that generated code derives from this one. */
  #typeName(members: readonly string[]): string {
    const wanted = pascalCase(members.join("-"));
    const taken = (name: string): boolean =>
      this.#typeNames.has(name) ||
      TYPE_SUFFIXES.some((suffix) => this.#ctx.types.entries.has(name + suffix));
    let name = wanted;
    for (let n = 1; taken(name); n++) name = `${wanted}Call${n === 1 ? "" : n}`;
    this.#typeNames.add(name);
    return name;
  }
}
