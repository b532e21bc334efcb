/** What is used of the package `postgres`; its own types are not there for programs that did not install it. */

export interface Backend {
  readonly pid: number;
  readonly secret: number;
}

export interface FoundColumn {
  readonly name: string;
  readonly type: number;
  readonly table: number;
  readonly number: number;
}

export interface FoundStatement {
  readonly types: readonly number[];
  readonly columns: readonly FoundColumn[] | null;
}

export interface Result {
  readonly count: number | null;
  readonly command: string | undefined;
  /** Whoever answered. */
  readonly state: Backend | undefined;
}

export type Row = readonly (string | null)[];

export interface Query extends PromiseLike<Result & readonly Row[]> {
  /** Of the server's process that runs it, once it is sent. */
  readonly state: Backend | null;
  readonly statement: FoundStatement | null;
  /** Rows that the next step of a cursor fetches. */
  cursorRows: number;
  values(): Query;
  /** Queries are sent in the order of these calls. */
  execute(): Query;
  forEach(each: (row: Row) => void): Query;
  cursor(rows: number, some: (rows: readonly Row[]) => Promise<unknown>): Query;
  describe(): PromiseLike<FoundStatement>;
}

export interface Sql {
  readonly CLOSE: unknown;
  readonly options: {
    readonly parsers: Record<number, unknown>;
    serializers: Record<number, (value: never) => string>;
  };
  unsafe(
    text: string,
    parameters?: readonly unknown[],
    options?: { readonly prepare: boolean; readonly simple: boolean },
  ): Query;
  typed(value: unknown, type: number): unknown;
  end(options: { timeout: number }): Promise<void>;
}

export type Postgres = (options: Readonly<Record<string, unknown>>) => Sql;

/** What it needs of a socket; those of node:net are such. */
export interface DatabaseSocket {
  on(event: "data", listener: (bytes: Uint8Array) => void): unknown;
  once(event: "close", listener: () => void): unknown;
  write(bytes: Uint8Array): boolean;
  destroy(): unknown;
}
