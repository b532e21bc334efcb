/** The lock file: what the server said of each statement, so that types need no server. */
import { createHash } from "node:crypto";
import type { Cursor } from "../../load/cursor.ts";
import type { Protocol } from "../../model/database.ts";
import type { Report } from "../report/report.ts";

/** `connector.yaml` → `connector.lock.json`. */
export function lockPath(spec: string): string {
  return spec.replace(/(\.[^./\\]*)?$/, ".lock.json");
}

export const LOCK_FORMAT = 1;

export interface LockedInput {
  readonly name: string;
  /** As the server calls it: `int8`, `text[]`. */
  readonly type: string;
  /** Of an enumeration. */
  readonly values?: readonly string[];
}

export interface LockedColumn extends LockedInput {
  /** The column of a table that holds no null, and no join that may leave it out. Absent: it may be null. */
  readonly notNull?: true;
}

export interface LockedOperation {
  /** `digestOf` the statement that the server was asked about. */
  readonly statement: string;
  readonly inputs: readonly LockedInput[];
  /** Empty: it returns no rows. */
  readonly columns: readonly LockedColumn[];
}

export interface Lock {
  readonly lock: typeof LOCK_FORMAT;
  readonly protocol: Protocol;
  readonly operations: Readonly<Record<string, LockedOperation>>;
}

export function digestOf(statement: string): string {
  const text = statement.replaceAll("\r\n", "\n");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Undefined after reporting a file that is not one, or is of another database. */
export function readLock(report: Report, cursor: Cursor, protocol: Protocol): Lock | undefined {
  const value = cursor.json();
  const help = "Run `vastar generate --database URL`, which writes it anew.";
  if (!isLock(value)) {
    report.add("VC2609", cursor, "This is not a lock file of this version.", help);
    return undefined;
  }
  if (value.protocol === protocol) return value;
  const at = cursor.at("protocol") ?? cursor;
  report.add(
    "VC2609",
    at,
    `This lock file is of ${value.protocol}, and the spec of ${protocol}.`,
    help,
  );
  return undefined;
}

function isLock(value: unknown): value is Lock {
  return isObject(value) && value["lock"] === LOCK_FORMAT &&
    typeof value["protocol"] === "string" &&
    isObject(value["operations"]) && Object.values(value["operations"]).every(isOperation);
}

function isOperation(value: unknown): boolean {
  return isObject(value) && typeof value["statement"] === "string" &&
    [value["inputs"], value["columns"]].every((list) => Array.isArray(list) && list.every(isTyped));
}

function isTyped(value: unknown): boolean {
  if (!isObject(value) || typeof value["name"] !== "string" || typeof value["type"] !== "string") {
    return false;
  }
  const { values } = value;
  return values === undefined ||
    (Array.isArray(values) && values.length > 0 && values.every((one) => typeof one === "string"));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
