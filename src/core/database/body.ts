/** What a call to a database carries as its body, in JSON. docs/databases.md describes it. */

/** Bytes are `{ "$bytes": base64 }`. */
export type DatabaseValue =
  | null
  | boolean
  | number
  | string
  | readonly DatabaseValue[]
  | { readonly [name: string]: DatabaseValue };

export interface DatabaseBytes {
  readonly $bytes: string;
}

export const RESULTS = ["rows", "row", "row?", "value", "affected", "describe"] as const;

/** `describe` runs nothing: it asks the server for the types of the parameters and columns. */
export type DatabaseResult = typeof RESULTS[number];

export const ISOLATIONS = ["read committed", "repeatable read", "serializable"] as const;

export const CALL_FACTS = ["tenantId", "workspaceId", "traceId"] as const;

/** Text, or a fact of the call, which the engine fills in: it knows whose call it is. */
export type SettingPart = string | { readonly call: typeof CALL_FACTS[number] };

/** How a statement runs. Everything holds for its transaction only. */
export interface DatabaseSession {
  /** The server refuses writes. */
  readonly readOnly?: boolean;
  readonly role?: string;
  /** Settings of the server, for row-level security: `{ "app.tenant": [{ "call": "tenantId" }] }`. */
  readonly set?: Readonly<Record<string, string | readonly SettingPart[]>>;
  /** Declares a transaction: the engine repeats it when the server breaks it off as the victim of another. */
  readonly isolation?: typeof ISOLATIONS[number];
}

export const COLUMN_AS = ["number", "text", "boolean", "json"] as const;

/** `number`: int8 and numeric, otherwise text. `boolean`, `json`: of SQLite's numbers and text. */
export type ColumnAs = typeof COLUMN_AS[number];

/** For `postgres:`, `pglite:`, `mysql:`, `sqlite:`. */
export interface StatementBody {
  /** One statement, with binds as the server writes them: `$1`, `?1`, `?`. */
  readonly statement: string;
  /** By position. */
  readonly parameters?: readonly DatabaseValue[];
  readonly result: DatabaseResult;
  /** With `rows`: a row a line, as they come. */
  readonly stream?: boolean;
  readonly session?: DatabaseSession;
  /** More rows are a failure; those of a stream come before it. Default: 10,000 unless streamed. */
  readonly maxRows?: number;
  /** What columns are, where it is not what the server's types say; a value that does not fit is a failure. */
  readonly as?: Readonly<Record<string, ColumnAs>>;
}

/** For `redis:`. */
export interface CommandBody {
  readonly command: readonly (string | number | DatabaseBytes)[];
  /** Only commands of which the server says that they change nothing. */
  readonly readOnly?: boolean;
  /** Text of the reply comes as bytes. */
  readonly bytes?: boolean;
  /** A list of names and values becomes an object. */
  readonly shape?: "pairs";
}

export interface DatabaseDescription {
  /** How the server would run it for any parameters: what `explain (format json)` says. Absent if no column is one of a table, or it does not say it. */
  readonly plan?: unknown;
  /** Type of each parameter, by the server's number. */
  readonly parameters: readonly number[];
  readonly columns: readonly {
    readonly name: string;
    readonly type: number;
    /** 0 unless it is a column of a table. */
    readonly table: number;
    /** Its number in the table. */
    readonly column: number;
    /** Of MySQL, which has no such numbers: schema, table and column; absent unless it is one of a table. */
    readonly source?: readonly [schema: string, table: string, column: string];
    /** Of MySQL: as a column would be declared that holds it. */
    readonly declared?: string;
    /** Of MySQL: the server says that it is never null. */
    readonly notNull?: true;
  }[];
}
