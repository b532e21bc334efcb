/** What a database gave, in the shape that the call asked for. */
import type { StatementBody } from "../../core/database/body.ts";
import type { DatabaseOutcome } from "../../core/database/driver.ts";
import { WRONG } from "./failures.ts";

/** Rows to read: one more shows that there are too many. */
export function rowsToRead({ result, maxRows }: StatementBody, usual: number): number {
  switch (result) {
    case "rows":
      return maxRows ?? usual;
    case "affected":
    case "describe":
      return 0;
    case "row":
    case "row?":
    case "value":
      return 1;
  }
}

/** @throws ConnectorError `database.*`. */
export function shaped(body: StatementBody, outcome: DatabaseOutcome, most: number): string {
  if (outcome.kind === "value") return outcome.json;
  if (outcome.kind === "description") return JSON.stringify(outcome.description);
  const { rows, more, columns, affected } = outcome;
  const [first] = rows;
  switch (body.result) {
    case "affected":
      return String(affected);
    case "row?":
      if (more) throw WRONG.manyRows();
      return first ?? "null";
    case "row":
      if (more) throw WRONG.manyRows();
      if (first === undefined) throw WRONG.noRow();
      return first;
    case "value":
      if (columns !== 1) throw WRONG.manyColumns(columns);
      if (more) throw WRONG.manyRows();
      if (first === undefined) throw WRONG.noRow();
      return first;
    default:
      if (more) throw WRONG.tooMany(most);
      return `[${rows.join(",")}]`;
  }
}
