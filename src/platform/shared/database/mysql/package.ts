/** What is used of the package `mysql2`; its own types are not there for programs that did not install it. */
import type { Socket } from "node:net";

export interface FoundColumn {
  readonly name: string;
  readonly columnType: number;
  readonly columnLength: number;
  readonly flags: number;
  readonly characterSet: number;
  readonly decimals: number;
  /** Of tables; empty for what is computed. */
  readonly schema: string;
  readonly orgTable: string;
  readonly orgName: string;
  /** Of MariaDB: `json`. */
  readonly extendedFormat?: string | undefined;
  /** Of MariaDB: `uuid`, `inet6`. */
  readonly extendedTypeName?: string | undefined;
}

export interface FoundStatement {
  readonly columns: readonly FoundColumn[];
  readonly parameters: readonly unknown[];
  close(): unknown;
}

/** What a statement without rows did. */
export interface Done {
  readonly affectedRows: number;
}

export type Value = string | number | boolean | Uint8Array | object | null;
export type Row = readonly Value[];

export interface Command {
  /** Undefined: there are no rows, and `result` comes once, with {@link Done}. */
  on(event: "fields", listener: (columns: readonly FoundColumn[] | undefined) => void): unknown;
  on(event: "result", listener: (row: Row | Done) => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
  on(event: "end", listener: () => void): unknown;
}

export interface Client {
  readonly threadId: number;
  connect(done: (error: unknown) => void): void;
  query(options: Question): Command;
  /** Prepared, once for a text, and bound. */
  execute(options: Question): Command;
  prepare(
    options: { readonly sql: string },
    done: (error: unknown, statement: FoundStatement) => void,
  ): unknown;
  unprepare(options: { readonly sql: string }): unknown;
  pause(): void;
  resume(): void;
  destroy(): void;
  on(event: "error", listener: (error: unknown) => void): unknown;
}

export interface Question {
  readonly sql: string;
  readonly values?: readonly Value[];
  readonly rowsAsArray?: boolean;
}

export interface Mysql {
  createConnection(
    options: Readonly<Record<string, unknown>> & { readonly stream: Socket },
  ): Client;
}
