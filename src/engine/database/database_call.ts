/** What a call asks of a database, once its body is read. */
import type { CommandBody, StatementBody } from "../../core/database/body.ts";
import type { DatabaseKind } from "../../core/database/schemes.ts";

export interface DatabaseCall {
  readonly kind: DatabaseKind;
  readonly body: StatementBody | CommandBody;
  /** It is reached without a network. */
  readonly local: boolean;
  /** With its credentials. */
  readonly url: string;
  readonly poolSize: number;
}

/** Nothing that it asks for changes anything, and the server sees to that. */
export function isReadOnly(body: StatementBody | CommandBody): boolean {
  return "command" in body
    ? body.readOnly === true
    : body.session?.readOnly === true || body.result === "describe";
}
