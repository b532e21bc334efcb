/** Asks MySQL for the columns of statements, through the engine: it prepares them and runs none. Of values it says nothing. */
import type { DatabaseDescription } from "../../../src/core/database/body.ts";
import type { LockedColumn } from "../../../codegen/read/database/lock.ts";
import type { RuntimeClient } from "../../../src/client/runtime_client.ts";
import { askDatabase } from "./ask.ts";
import type { Described, Describer } from "./question.ts";

interface ColumnRow {
  readonly t: string;
  readonly c: string;
  readonly declared: string;
}

const COLUMNS = "select concat(table_schema, '.', table_name) as t, column_name as c, " +
  "column_type as declared from information_schema.columns where concat(table_schema, '.', table_name) in ";

type Column = DatabaseDescription["columns"][number];

export function describeMysql(client: RuntimeClient, url: string): Describer {
  /** Of tables, what their columns are declared as. */
  const tables = new Map<string, ReadonlyMap<string, string>>();

  async function learn(columns: readonly Column[]): Promise<void> {
    const found = columns.flatMap(({ source }) => source === undefined ? [] : [tableOf(source)]);
    const unknown = [...new Set(found)].filter((table) => !tables.has(table));
    if (unknown.length === 0) return;
    const rows = await askDatabase(client, url, {
      statement: `${COLUMNS}(${unknown.map(() => "?").join(", ")})`,
      parameters: unknown,
      result: "rows",
    }) as ColumnRow[];
    for (const table of unknown) {
      const own = rows.filter(({ t }) => t === table);
      tables.set(table, new Map(own.map(({ c, declared }) => [c, declared])));
    }
  }

  return {
    async describe({ statement, inputs }): Promise<Described> {
      const { columns } = await askDatabase(client, url, {
        statement,
        result: "describe",
      }) as DatabaseDescription;
      await learn(columns);
      // The server knows which joins may leave a row out, but not that the sums of all groups have no group.
      const sums = /\brollup\b/i.test(statement);
      const names = [...new Set(inputs.map(({ name }) => name))];
      return {
        inputs: names.map((name) => ({ name, type: "" })),
        columns: columns.map((column): LockedColumn => ({
          name: column.name,
          ...typeOf(column),
          ...(column.notNull === true && !sums && { notNull: true as const }),
        })),
      };
    },
    close: () => client.close(),
  };

  /** As the table declares it; of what is computed, as a column would be that holds it. */
  function typeOf({ declared = "", source }: Column): Pick<LockedColumn, "type" | "values"> {
    const own = source && tables.get(tableOf(source))?.get(source[2]);
    const type = declared === "json" ? "json" : own ?? declared;
    const values = /^enum\((.*)\)$/.exec(type)?.[1];
    return values === undefined ? { type } : { type: "enum", values: labels(values) };
  }
}

function tableOf([schema, table]: readonly string[]): string {
  return `${schema}.${table}`;
}

/** `'a','it''s'` */
function labels(text: string): string[] {
  return [...text.matchAll(/'((?:[^']|'')*)'/g)].map(([, label = ""]) =>
    label.replaceAll("''", "'")
  );
}
