/** Failures of databases that no server names. */
import { badAnswer, ConnectorError, ErrorClass, invalidRequest } from "../../core/errors.ts";

export function badBody(message: string): ConnectorError {
  return invalidRequest("database.request", message);
}

/** `written`: whether the statement, or the command, may have reached the server. */
export function connectionLost(written: boolean, cause?: unknown): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "database.connection_lost",
    message: written
      ? "the connection to the database was lost before it answered"
      : "the connection to the database was lost before anything was sent",
    origin: "upstream",
    sent: written ? "maybe" : "no",
    cause,
  });
}

interface Wrong {
  noRow(): ConnectorError;
  manyRows(): ConnectorError;
  manyColumns(columns: number): ConnectorError;
  tooMany(most: number): ConnectorError;
  sameName(name: string): ConnectorError;
  column(name: string, as: string): ConnectorError;
  tooLarge(most: number): ConnectorError;
}

/** Answers of a shape that the call does not take. */
export const WRONG: Wrong = {
  noRow: () => badAnswer("database.no_row", "the statement gave no row; its result says one"),
  manyRows: () =>
    badAnswer("database.many_rows", "the statement gave more than one row; its result says one"),
  manyColumns: (columns: number) =>
    badAnswer(
      "database.many_columns",
      `the statement gave ${columns} columns; the result "value" is one`,
    ),
  tooMany: (most: number) =>
    badAnswer(
      "database.too_many_rows",
      `the statement gave more than ${most} rows: ask for fewer, raise maxRows, or stream them`,
    ),
  sameName: (name: string) =>
    badAnswer(
      "database.same_name",
      `two columns are named ${
        JSON.stringify(name.slice(0, 60))
      }: give one of them another name (as …)`,
    ),
  column: (name: string, as: string) =>
    badAnswer(
      "database.column",
      `the column ${
        JSON.stringify(name.slice(0, 60))
      } has a value that does not fit ${as}, which the call declares`,
    ),
  tooLarge: (most: number) =>
    badAnswer(
      "database.too_large",
      `the rows take more than ${most} bytes: ask for less, or stream them`,
    ),
};
