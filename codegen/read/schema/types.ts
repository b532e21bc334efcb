/** The `type` keyword, and whether the other keywords apply to it. */
import type { Cursor } from "../../load/cursor.ts";
import type { Context } from "../context.ts";
import { describe } from "../fields/fields.ts";
import { habitOfKeyword } from "../report/habits.ts";
import {
  COMMON_KEYWORDS,
  SCHEMA_KEYWORDS,
  TYPE_NAMES,
  TYPED_KEYWORDS,
  type TypeName,
  typesOf,
} from "./keywords.ts";
import { didYouMean, unknownKeyHelp } from "../report/suggest.ts";

/** Imported files follow their own rules: keywords that do not affect types are ignored there. */
export function isForeign(ctx: Context, cursor: Cursor): boolean {
  return !ctx.own.has(cursor.doc);
}

export function typesNamed(ctx: Context, cursor: Cursor): TypeName[] {
  const type = cursor.at("type");
  if (type === undefined) return [];
  const list = type.kind === "list" ? type.items() : [type];
  return list.flatMap((item) => {
    const known = TYPE_NAMES.find((name) => name === item.value);
    if (known !== undefined) return [known];
    const named = typeof item.value === "string" && ctx.types.entries.has(item.value);
    ctx.report.add(
      "VC1105",
      item,
      `${describe(item)} is not a JSON type.`,
      named ? `Refer to a type by \`$ref: ${item.value}\`.` : typeHelp(String(item.value)),
    );
    return [];
  });
}

/** Type names from other languages, and formats that are mistaken for types. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ...["date", "date-time", "time", "uuid", "uri", "email"].map((format) =>
    [format, `{ type: string, format: ${format} }`] as const
  ),
  ["datetime", "{ type: string, format: date-time }"],
  ["int", "{ type: integer }"],
  ["float", "{ type: number }"],
  ["bool", "{ type: boolean }"],
  ["str", "{ type: string }"],
  ["bytes", "bytes"],
  ["binary", "bytes"],
  ["file", "bytes"],
  ["unknown", "unknown"],
  ["any", "unknown"],
]);

function typeHelp(name: string): string {
  const meant = MEANT.get(name);
  if (meant !== undefined) return `Write \`${meant}\` in place of this type.`;
  return didYouMean(name, TYPE_NAMES, "types");
}

/** Reports unknown keywords, and keywords that cannot affect the type. */
export function checkKeywords(ctx: Context, cursor: Cursor, extra: readonly string[]): void {
  if (isForeign(ctx, cursor)) return;
  const types = cursor.at("type") === undefined ? undefined : new Set(quietTypes(cursor));
  for (const key of cursor.keys()) {
    if (COMMON_KEYWORDS.includes(key) || extra.includes(key) || key.startsWith("x-")) continue;
    if (!SCHEMA_KEYWORDS.includes(key)) {
      const known = [...SCHEMA_KEYWORDS, ...extra];
      const at = cursor.keyCursor(key);
      ctx.report.add(
        "VC1102",
        at,
        `A type has no keyword \`${key}\`.`,
        habitOfKeyword(key, at.value) ?? unknownKeyHelp(key, at.value, known, "keywords"),
        "key",
      );
      continue;
    }
    // For an unknown type it is unknown which keywords apply.
    if (types === undefined || types.size === 0) continue;
    if ([...types].some((type) => TYPED_KEYWORDS[type].includes(key))) {
      continue;
    }
    const owners = typesOf(key);
    ctx.report.add(
      "VC1203",
      cursor.keyCursor(key),
      `\`${key}\` does not apply to type ${[...types].join(" or ")}.`,
      habitOfKeyword(key, cursor.at(key)?.value) ??
        `It belongs to type ${owners.join(" or ")}: remove it, or change the type.`,
      "key",
    );
  }
}

function quietTypes(cursor: Cursor): TypeName[] {
  const type = cursor.at("type")?.value;
  const list: readonly unknown[] = Array.isArray(type) ? type : [type];
  return TYPE_NAMES.filter((name) => list.includes(name));
}
