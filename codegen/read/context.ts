/** What the readers of the parts of a spec share while one connector is read. */
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
  /** A part of an `allOf`, which may make required what its siblings define. */
  readonly part?: boolean;
}

export interface Context {
  readonly report: Report;
  /** The spec's own root. */
  readonly root: Cursor;
  /** Files written in this language; in others (OpenAPI documents) only what is used is looked at. */
  readonly own: ReadonlySet<SourceDocument>;
  readonly types: TypeTable;
  /** Reads a type; handed around so that its parts need not import each other in a circle. */
  readonly readSchema: (ctx: Context, cursor: Cursor, options?: SchemaOptions) => Schema;
  /** The same without `allOf`, `oneOf` and `anyOf`. */
  readonly readTyped: (ctx: Context, cursor: Cursor, options: SchemaOptions) => Schema;
  readonly config: Map<string, ConfigField>;
  readonly usedConfig: Set<string>;
  readonly hooks: Map<string, HookModel>;
  readonly usedHooks: Set<string>;
  /** Absent for a spec that is only a text: nothing stands beside it. */
  readonly hookModules: OpenHookModule | undefined;
  readonly servers: Map<string, ServerModel>;
  /** Reads the named types that have been met but not read. Call it before looking into types. */
  readonly readTypes: () => void;
  /** Generated error classes, with the type of their body. */
  readonly errorClasses: Map<string, { readonly shape: string }>;
  /** Done when every operation and type is known. */
  readonly later: (() => void)[];
}
