/** The state shared by all readers of one spec. */
import type { Cursor } from "../load/cursor.ts";
import type { SourceDocument } from "../load/source.ts";
import type { Schema } from "../model/schema.ts";
import type { ConfigField, HookModel, ServerModel } from "../model/ir.ts";
import type { OpenHookModule } from "./hooks/modules.ts";
import type { Report } from "./report/report.ts";
import type { TypeTable } from "./types/table.ts";

/** Used wherever a type could not be read. */
export const UNKNOWN: Schema = { kind: "unknown" };

export interface SchemaOptions {
  /** Keys beside those of JSON Schema, such as `in` of a parameter. */
  readonly extra?: readonly string[];
  /** A part of an `allOf`, which may require properties that its siblings define. */
  readonly part?: boolean;
}

export interface Context {
  readonly report: Report;
  /** The spec's own root. */
  readonly root: Cursor;
  /** Files in the spec format; of others (OpenAPI documents) only the used parts are checked. */
  readonly own: ReadonlySet<SourceDocument>;
  readonly types: TypeTable;
  /** Reads a type; passed around so that its parts need not import each other in a circle. */
  readonly readSchema: (ctx: Context, cursor: Cursor, options?: SchemaOptions) => Schema;
  /** The same without `allOf`, `oneOf` and `anyOf`. */
  readonly readTyped: (ctx: Context, cursor: Cursor, options: SchemaOptions) => Schema;
  readonly config: Map<string, ConfigField>;
  readonly usedConfig: Set<string>;
  readonly hooks: Map<string, HookModel>;
  readonly usedHooks: Set<string>;
  /** Absent for a spec given as text, which has no folder. */
  readonly hookModules: OpenHookModule | undefined;
  readonly servers: Map<string, ServerModel>;
  /** Reads the named types that were referenced but not read yet. Call it before looking into types. */
  readonly readTypes: () => void;
  /** Generated error classes, with the type of their body. */
  readonly errorClasses: Map<string, { readonly shape: string }>;
  /** Run once every operation and type is known. */
  readonly later: (() => void)[];
}
