/** Types as a spec writes them. */
import type { DigitsAs } from "../../../model/schema.ts";
import { isTakenType } from "../../../read/names.ts";
import type { Losses } from "../loss.ts";
import type { TypeNames } from "../operation/names.ts";

/** A type as a spec writes it: a name, or a mapping. */
export type Out = string | OutObject;
export interface OutObject {
  [key: string]: unknown;
}

/** What an integer of 64 bits is in programs. */
export type Int64 = "number" | DigitsAs;

export interface SchemaPlace {
  readonly losses: Losses;
  readonly names: TypeNames;
  /** For messages. */
  readonly where: string;
  /** Bytes are allowed here (multipart); elsewhere `format: binary` becomes text. */
  readonly bytes: boolean;
  /** How integers of 64 bits are read. */
  readonly int64: Int64;
  /** Called for every referenced schema, by pointer, with whether bytes are allowed there. */
  readonly use: (pointer: string, bytes: boolean) => void;
  /** Resolves a pointer. */
  readonly at: (pointer: string) => unknown;
  /** Why a reference leads nowhere. */
  readonly problem: (ref: string) => string;
  readonly depth: number;
  /** Of the named schema that is converted, until something within it is. */
  readonly self?: string;
  /** Pointers of the schemas that are all of another one, by `allOf`, and something more. */
  readonly heirs: (pointer: string) => readonly string[];
  /** Converts a part; passed around so that the parts need not import each other in a circle. */
  readonly convert: (ctx: SchemaPlace, schema: unknown) => Out;
}

/** Expands a short form to a mapping, so that keys can be added. */
export function expand(out: Out): OutObject {
  if (typeof out !== "string") return out;
  if (out === "unknown") return {};
  if (out === "bytes") return { type: "string", format: "binary" };
  return /^[a-z]/.test(out) ? { type: out } : { $ref: out };
}

/** The reverse, if no keys were added. */
export function short(out: Out): Out {
  if (typeof out === "string") return out;
  const keys = Object.keys(out);
  if (keys.length === 0) return "unknown";
  if (keys.length > 1) return out;
  const [type, ref] = [out["type"], out["$ref"]];
  if (
    typeof type === "string" &&
    ["string", "number", "integer", "boolean", "null", "object"].includes(type)
  ) return type;
  return typeof ref === "string" && !isTakenType(ref) ? ref : out;
}
