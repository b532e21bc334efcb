/** What MySQL says of a column, as it would be declared. */
import type { DatabaseDescription } from "../../../../core/database/body.ts";
import type { FoundColumn, FoundStatement } from "./package.ts";

const NAMES: ReadonlyMap<number, string> = new Map([
  [0, "decimal"],
  [1, "tinyint"],
  [2, "smallint"],
  [3, "int"],
  [4, "float"],
  [5, "double"],
  [7, "timestamp"],
  [8, "bigint"],
  [9, "mediumint"],
  [10, "date"],
  [11, "time"],
  [12, "datetime"],
  [13, "year"],
  [16, "bit"],
  [245, "json"],
  [246, "decimal"],
  [247, "enum"],
  [248, "set"],
  [255, "geometry"],
]);
const [NOT_NULL, UNSIGNED, ENUM, SET] = [1, 32, 256, 2_048] as const;
const BINARY = 63;

export function descriptionOf({ columns, parameters }: FoundStatement): DatabaseDescription {
  return {
    // It says how many, not of what types.
    parameters: parameters.map(() => 0),
    columns: columns.map((column) => ({
      name: column.name,
      type: column.columnType,
      table: 0,
      column: 0,
      declared: declared(column),
      ...(column.orgTable !== "" && column.orgName !== "" && {
        source: [column.schema, column.orgTable, column.orgName] as const,
      }),
      ...((column.flags & NOT_NULL) !== 0 && { notNull: true as const }),
    })),
  };
}

function declared(column: FoundColumn): string {
  const { columnType, columnLength, flags, characterSet, extendedFormat, extendedTypeName } =
    column;
  if (extendedFormat === "json") return "json";
  if (extendedTypeName !== undefined) return extendedTypeName;
  if ((flags & ENUM) !== 0) return "enum";
  if ((flags & SET) !== 0) return "set";
  const name = NAMES.get(columnType) ?? (characterSet === BINARY ? "blob" : "text");
  if (columnType === 1 && columnLength === 1) return "tinyint(1)";
  return (flags & UNSIGNED) !== 0 && name.endsWith("int") ? `${name} unsigned` : name;
}
