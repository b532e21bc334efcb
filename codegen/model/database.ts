/** What an operation of a database asks, in place of a method and a path. */
import type { Json } from "./selector.ts";
import type { Template } from "./template.ts";

export type Protocol = "postgres" | "mysql" | "sqlite" | "redis";

/** Of the addresses of a database, the usual one first. */
export const DATABASE_SCHEMES: Readonly<Record<Protocol, readonly [string, ...string[]]>> = {
  postgres: ["postgres", "postgresql", "pglite"],
  mysql: ["mysql", "mariadb"],
  sqlite: ["sqlite"],
  redis: ["redis", "rediss"],
};

/** What the server holds a call to. */
export interface SessionModel {
  readonly readOnly?: boolean;
  readonly role?: string;
  readonly isolation?: "read committed" | "repeatable read" | "serializable";
  /** Settings for the time of the call. */
  readonly set: readonly { readonly name: string; readonly value: Template }[];
}

/** A property of the input that is bound to a place. */
export interface BoundInput {
  readonly name: string;
  /** It may be absent; what is bound then. */
  readonly fallback?: Json;
  /** Base64 text that the database takes as bytes. */
  readonly bytes: boolean;
}

export type RowsKind = "rows" | "row" | "row?" | "value" | "affected";

/** How a column's value is to arrive where that is not the database's own way. */
export type ColumnForm = "number" | "text" | "boolean" | "json";

export interface SqlModel {
  readonly kind: "sql";
  /** As written in the spec, for readers. */
  readonly written: string;
  /** As the database gets it: `$1` or `?1` for the first of `inputs`, or `?` for one after the other. */
  readonly statement: string;
  /** Of MySQL each as often as it is used. */
  readonly inputs: readonly BoundInput[];
  readonly result: RowsKind;
  readonly session: SessionModel;
  readonly maxRows?: number;
  readonly as: readonly { readonly column: string; readonly form: ColumnForm }[];
}

/** Fixed text, or the place of an input in {@link CommandModel.inputs}. */
export type WordPart = string | number;

export interface CommandModel {
  readonly kind: "command";
  readonly written: string;
  /** The command's name first. `each`: one argument for each item of the list. */
  readonly words: readonly { readonly parts: readonly WordPart[]; readonly each: boolean }[];
  readonly inputs: readonly BoundInput[];
  readonly session: SessionModel;
  /** A flat list of names and values is an object to the caller. */
  readonly pairs: boolean;
}

export type QueryModel = SqlModel | CommandModel;
