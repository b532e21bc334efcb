/** What generated code says of an operation of a database. */
import type { Json } from "../../core/json.ts";

export interface InputData {
  readonly name: string;
  /** What is bound if the caller gives none. Absent: the caller must give one. */
  readonly fallback?: Json;
  /** Base64 text that the database takes as bytes. */
  readonly bytes?: true;
}

/** A fact of the call, which only the engine knows for certain. */
export interface CallFact {
  readonly call: "tenantId" | "workspaceId" | "traceId";
}

export interface SessionData {
  readonly readOnly?: true;
  readonly role?: string;
  readonly isolation?: "read committed" | "repeatable read" | "serializable";
  /** Setting → text, or its parts. */
  readonly set?: Readonly<Record<string, string | readonly (string | CallFact)[]>>;
}

export interface StatementData {
  readonly statement: string;
  /** In the order of their places. */
  readonly inputs?: readonly InputData[];
  readonly result: "rows" | "row" | "row?" | "value" | "affected";
  readonly stream?: true;
  readonly session?: SessionData;
  readonly maxRows?: number;
  /** How the values of columns are to arrive where that is not the database's own way. */
  readonly as?: Readonly<Record<string, "number" | "text" | "boolean" | "json">>;
}

/** Text, the place of an input, several of both joined, or one argument for each item of a list. */
export type WordData = string | number | readonly (string | number)[] | { readonly each: number };

export interface CommandData {
  /** The command's name first. */
  readonly command: readonly WordData[];
  readonly inputs?: readonly InputData[];
  readonly readOnly?: true;
  /** A flat list of names and values is an object to the caller. */
  readonly shape?: "pairs";
}
