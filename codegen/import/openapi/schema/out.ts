/** Types as a spec writes them. */
import { isTakenType } from "../../../read/names.ts";
import type { Losses } from "../loss.ts";
import type { TypeNames } from "../operation/names.ts";

/** A type as a spec writes it: a name, or a mapping. */
export type Out = string | OutObject;
export interface OutObject {
  [key: string]: unknown;
}

export interface SchemaPlace {
  readonly losses: Losses;
  readonly names: TypeNames;
  /** For messages. */
  readonly where: string;
  /** Bytes can stand here (multipart); elsewhere `format: binary` becomes text. */
  readonly bytes: boolean;
  /** Told of every schema that is referred to, by pointer, with whether bytes can stand there. */
  readonly use: (pointer: string, bytes: boolean) => void;
  /** What a pointer leads to. */
  readonly at: (pointer: string) => unknown;
  /** Why a reference leads nowhere. */
  readonly problem: (ref: string) => string;
  readonly depth: number;
  /** Of the named schema that is converted, until something within it is. */
  readonly self?: string;
  /** Pointers of the schemas that are all of another one, by `allOf`, and something more. */
  readonly heirs: (pointer: string) => readonly string[];
  /** Converts a part; handed around so that the parts need not import each other in a circle. */
  readonly convert: (ctx: SchemaPlace, schema: unknown) => Out;
}

/** A short form as the mapping it stands for, so that more can be said about it. */
export function expand(out: Out): OutObject {
  if (typeof out !== "string") return out;
  if (out === "unknown") return {};
  if (out === "bytes") return { type: "string", format: "binary" };
  return /^[a-z]/.test(out) ? { type: out } : { $ref: out };
}

/** The reverse, where nothing more was said. */
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
