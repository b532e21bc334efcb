/** Named types: declared under `types`, or reached through a `$ref` inside an imported file. */
import type { Cursor } from "../../load/cursor.ts";
import { decodePointer } from "../../load/workspace.ts";
import type { NamedTypes } from "../../model/types/resolve.ts";
import type { RefSchema, Schema } from "../../model/schema.ts";
import { habitOfType } from "../report/habits.ts";
import { isIdentifier, isTakenType, pascalCase } from "../names.ts";
import type { Report } from "../report/report.ts";
import { closest } from "../../../src/core/suggest.ts";

export interface TypeEntry {
  readonly name: string;
  readonly cursor: Cursor;
  /** Named under `types` by the author, so that being unused is worth a warning. */
  readonly declared: boolean;
  schema?: Schema;
}

export class TypeTable implements NamedTypes {
  readonly entries: Map<string, TypeEntry> = new Map();
  /** Position of a type → its name, so that `$ref`s within imported files find it. */
  readonly #places = new Map<unknown, Map<string, string>>();
  readonly #unread: TypeEntry[] = [];
  #read = 0;

  schemaOf(name: string): Schema | undefined {
    return this.entries.get(name)?.schema;
  }

  declare(report: Report, key: string, cursor: Cursor, imported: boolean): void {
    const name = imported ? this.#freeName(pascalCase(key) || "Type") : key;
    if (!isIdentifier(name) || !/^[A-Z_]/.test(name)) {
      const better = pascalCase(key);
      report.add(
        "VC2101",
        cursor,
        `\`${key}\` cannot be the name of a type.`,
        `Start with a capital letter and use letters, digits and _${
          isIdentifier(better) ? `, such as \`${better}\`` : ""
        }.`,
        "key",
      );
    } else if (!imported && isTakenType(name)) {
      const help = `Choose another name, such as \`Api${name}\`.`;
      report.add(
        "VC2103",
        cursor,
        `\`${name}\` is a name that TypeScript or the generated code uses.`,
        help,
        "key",
      );
    }
    this.#add(name, cursor, true);
  }

  #freeName(wanted: string): string {
    let name = isTakenType(wanted) ? `${wanted}Type` : wanted;
    for (let n = 2; this.entries.has(name); n++) name = `${wanted}${n}`;
    return name;
  }

  #add(name: string, cursor: Cursor, declared: boolean): TypeEntry {
    const entry: TypeEntry = { name, cursor, declared };
    this.entries.set(name, entry);
    this.#unread.push(entry);
    if (cursor.key !== undefined) {
      let keys = this.#places.get(cursor.container);
      if (keys === undefined) this.#places.set(cursor.container, keys = new Map());
      if (!keys.has(String(cursor.key))) keys.set(String(cursor.key), name);
    }
    return entry;
  }

  nextUnread(): TypeEntry | undefined {
    return this.#unread[this.#read++];
  }

  /** A type by its name, or undefined after reporting it. */
  byName(report: Report, name: string, at: Cursor): RefSchema | undefined {
    if (this.entries.has(name)) return { kind: "ref", name };
    const near = closest(name, [
      ...this.entries.keys(),
      "string",
      "integer",
      "number",
      "boolean",
      "unknown",
      "object",
    ]);
    report.add(
      "VC1201",
      at,
      `There is no type \`${name}\`.`,
      habitOfType(name) ??
        (near === undefined
          ? `Define it: \`types: { ${isIdentifier(name) ? name : "Name"}: { … } }\`.`
          : `Did you mean \`${near}\`?`),
    );
    return undefined;
  }

  /** `Name`, `#/types/Name`, or a pointer within the file that `at` is in. */
  byRef(report: Report, ref: string, at: Cursor, root: Cursor): RefSchema | undefined {
    const own = /^#\/types\/([^/]+)$/.exec(ref);
    if (own !== null && at.doc === root.doc) {
      return this.byName(report, decodePointer(own[1] ?? ""), at);
    }
    if (!ref.startsWith("#/")) {
      if (isIdentifier(ref)) return this.byName(report, ref, at);
      report.add(
        "VC1202",
        at,
        `\`${ref}\` is not a reference to a type.`,
        "Write the type's name. For a type in another file, use `$import: ./file.json#/components/schemas/Name`.",
      );
      return undefined;
    }
    return this.#byPointer(report, ref, at);
  }

  #byPointer(report: Report, ref: string, at: Cursor): RefSchema | undefined {
    let container: unknown;
    let key = "";
    let value: unknown = at.doc.value;
    for (const raw of ref.split("/").slice(1)) {
      key = decodePointer(raw);
      container = value;
      const inside = typeof value === "object" && value !== null && Object.hasOwn(value, key);
      if (!inside) {
        // OpenAPI keeps its schemas elsewhere than specs do.
        const name = decodePointer(ref.split("/").at(-1) ?? "");
        const help = this.entries.has(name)
          ? `Write the type's name: \`${name}\`.`
          : "Give a JSON pointer to a schema that exists in the same file.";
        report.add("VC1202", at, `\`${ref}\` leads nowhere in this file.`, help);
        return undefined;
      }
      value = (value as Record<string, unknown>)[key];
    }
    const known = this.#places.get(container)?.get(key);
    if (known !== undefined) return { kind: "ref", name: known };
    const cursor = at.elsewhere(value, container, key);
    return {
      kind: "ref",
      name: this.#add(this.#freeName(pascalCase(key) || "Type"), cursor, false).name,
    };
  }
}
