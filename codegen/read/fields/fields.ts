/** Reads the keys of one mapping: unknown or missing keys and values of the wrong kind are reported, the rest is used. */
import { type Cursor, IMPORT_FAILED, type ValueKind } from "../../load/cursor.ts";
import { closest } from "../../../src/core/suggest.ts";
import { durationMs } from "./duration.ts";
import type { Report } from "../report/report.ts";
import { habitOfKey } from "../report/habits.ts";
import { type ShapeName, SHAPES } from "./shapes.ts";
import { didYouMean, unknownKeyHelp } from "../report/suggest.ts";

const ARTICLES: Record<ValueKind, string> = {
  mapping: "a mapping",
  list: "a list",
  text: "text",
  number: "a number",
  boolean: "true or false",
  null: "nothing",
};

/** "the number 3", "a list": for "… was found". */
export function describe(cursor: Cursor): string {
  const { value, kind } = cursor;
  if (kind === "number") return `the number ${String(value)}`;
  if (kind === "boolean") return `\`${String(value)}\``;
  if (kind === "text") {
    const text = String(value);
    return `\`${text.length > 60 ? text.slice(0, 57) + "…" : text}\``;
  }
  return ARTICLES[kind];
}

/** True if the value has the kind; reported otherwise. */
export function isKind(report: Report, cursor: Cursor, kind: ValueKind, help?: string): boolean {
  if (cursor.kind === kind) return true;
  if (cursor.value === IMPORT_FAILED) return false;
  const quote = kind === "text" && (cursor.kind === "number" || cursor.kind === "boolean");
  report.add(
    "VC1104",
    cursor,
    `${ARTICLES[kind][0]?.toUpperCase()}${ARTICLES[kind].slice(1)} belongs here, but ${
      describe(cursor)
    } was found.`,
    help ?? (quote ? `Put it in quotes: "${String(cursor.value)}".` : `Write ${ARTICLES[kind]}.`),
  );
  return false;
}

export function readText(report: Report, cursor: Cursor, help?: string): string | undefined {
  if (!isKind(report, cursor, "text", help)) return undefined;
  if (cursor.value !== "") return cursor.value as string;
  report.add("VC1108", cursor, "This text is empty.", "Write a value, or remove the key.");
  return undefined;
}

export function readChoice<T extends string>(
  report: Report,
  cursor: Cursor,
  choices: readonly T[],
): T | undefined {
  const found = choices.find((choice) => choice === cursor.value);
  if (found !== undefined) return found;
  if (!isKind(report, cursor, "text")) return undefined;
  report.add(
    "VC1105",
    cursor,
    `${capital(describe(cursor))} is not known here.`,
    didYouMean(String(cursor.value), choices, "values"),
  );
  return undefined;
}

export function readNumber(
  report: Report,
  cursor: Cursor,
  range: { min?: number; max?: number; integer?: boolean } = {},
): number | undefined {
  if (!isKind(report, cursor, "number")) return undefined;
  const value = cursor.value as number;
  const { min = -Infinity, max = Infinity, integer = false } = range;
  if (
    Number.isFinite(value) && value >= min && value <= max && (!integer || Number.isInteger(value))
  ) {
    return value;
  }
  const what = integer ? "a whole number" : "a number";
  const limits = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
  report.add(
    "VC1107",
    cursor,
    `${value} is out of range.`,
    `Write ${what} ${min === -Infinity ? "" : limits}`.trim() + ".",
  );
  return undefined;
}

export function readDuration(report: Report, cursor: Cursor): number | undefined {
  const ms = durationMs(cursor.value);
  if (ms !== undefined) return ms;
  report.add(
    "VC1106",
    cursor,
    `${capital(describe(cursor))} is not a duration.`,
    "Write a number above 0 and a unit: 500ms, 5s, 10m, 2h or 1d.",
  );
  return undefined;
}

/** The keys of one mapping. */
export class Fields {
  readonly cursor: Cursor;
  readonly report: Report;
  readonly shape: ShapeName;

  private constructor(report: Report, cursor: Cursor, shape: ShapeName) {
    this.report = report;
    this.cursor = cursor;
    this.shape = shape;
  }

  /** Undefined if it is not a mapping. Unknown and missing keys are reported, and the rest is still read. */
  static read(report: Report, cursor: Cursor, name: ShapeName): Fields | undefined {
    const shape = SHAPES[name];
    const known = [...shape.required, ...shape.optional];
    const help = `Write the keys of ${shape.what}: ${known.slice(0, 12).join(", ")}${
      known.length > 12 ? ", …" : ""
    }.`;
    if (!isKind(report, cursor, "mapping", help)) return undefined;
    const meant = new Set<string>();
    for (const key of cursor.keys()) {
      if (known.includes(key) || (shape.extensible === true && key.startsWith("x-"))) continue;
      const at = cursor.keyCursor(key);
      const close = closest(key, known);
      if (close !== undefined) meant.add(close);
      report.add(
        "VC1102",
        at,
        `${capital(shape.what)} has no key \`${key}\`.`,
        habitOfKey(name, key) ?? unknownKeyHelp(key, at.value, known, "keys"),
        "key",
      );
    }
    for (const key of shape.required) {
      if (cursor.at(key) !== undefined || cursor.value === IMPORT_FAILED) continue;
      // Present but misspelt, which was reported.
      if (meant.has(key)) continue;
      report.add(
        "VC1103",
        cursor,
        `${capital(shape.what)} needs the key \`${key}\`.`,
        key === "connector" ? "Add `connector: 1`, the version of the format." : `Add \`${key}:\`.`,
        "key",
      );
    }
    return new Fields(report, cursor, name);
  }

  at(key: string): Cursor | undefined {
    return this.cursor.at(key);
  }

  text(key: string, help?: string): string | undefined {
    const cursor = this.at(key);
    return cursor && readText(this.report, cursor, help);
  }

  boolean(key: string): boolean | undefined {
    const cursor = this.at(key);
    return cursor && isKind(this.report, cursor, "boolean") ? cursor.value as boolean : undefined;
  }

  number(
    key: string,
    range?: { min?: number; max?: number; integer?: boolean },
  ): number | undefined {
    const cursor = this.at(key);
    return cursor && readNumber(this.report, cursor, range);
  }

  duration(key: string): number | undefined {
    const cursor = this.at(key);
    return cursor && readDuration(this.report, cursor);
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const cursor = this.at(key);
    return cursor && readChoice(this.report, cursor, choices);
  }

  /** A list, or a single value as a list of one. */
  list(key: string): Cursor[] {
    const cursor = this.at(key);
    return cursor === undefined ? [] : cursor.kind === "list" ? cursor.items() : [cursor];
  }

  /** A list of texts, or one text. */
  texts(key: string): string[] {
    return this.list(key).flatMap((item) => readText(this.report, item) ?? []);
  }

  /** Entries of a mapping with free keys. */
  entries(key: string): [string, Cursor][] {
    const cursor = this.at(key);
    return cursor === undefined ? [] : entriesOf(this.report, cursor);
  }
}

/** `help`: used if it is not a mapping. */
export function entriesOf(report: Report, cursor: Cursor, help?: string): [string, Cursor][] {
  if (!isKind(report, cursor, "mapping", help)) return [];
  return cursor.keys().flatMap((key): [string, Cursor][] => {
    const child = cursor.at(key);
    return child === undefined ? [] : [[key, child]];
  });
}

export function capital(text: string): string {
  return (text[0] ?? "").toUpperCase() + text.slice(1);
}

/** `T` with optional keys where a value may be undefined. */
export type Defined<T> =
  & { [K in keyof T as undefined extends T[K] ? never : K]: T[K] }
  & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

/** Leaves out undefined values, as `exactOptionalPropertyTypes` requires. */
export function defined<T extends object>(value: T): Defined<T> {
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) out[key] = item;
  return out as Defined<T>;
}
