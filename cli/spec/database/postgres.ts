/** Asks PostgreSQL for the types of statements, through the engine: it runs none of them. */
import type {
  DatabaseDescription,
  DatabaseSession,
  StatementBody,
} from "../../../src/core/database/body.ts";
import type { SessionModel, SqlModel } from "../../../codegen/model/mod.ts";
import type { LockedColumn } from "../../../codegen/read/database/lock.ts";
import type { RuntimeClient } from "../../../src/client/runtime_client.ts";
import { askDatabase } from "./ask.ts";
import { leftOut } from "./plan.ts";
import { type Described, type Describer, mayLeaveOut } from "./question.ts";

interface TypeRow {
  readonly oid: number;
  readonly name: string;
  /** Of an array: its items; of a domain: what it is made of. */
  readonly inner: number;
  readonly isArray: boolean;
  readonly values: readonly string[] | null;
}

interface ColumnRow {
  readonly table: number;
  readonly column: number;
  readonly full: string;
  readonly notNull: boolean;
}

const TYPES = `select t.oid, t.typname as name,
  case when t.typtype = 'd' then t.typbasetype else t.typelem end as inner,
  t.typcategory = 'A' and t.typelem <> 0 and t.typtype <> 'd' as "isArray",
  (select json_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid) as values
from pg_catalog.pg_type t where t.oid = any($1::oid[])`;

const COLUMNS =
  `select a.attrelid as "table", a.attnum as "column", n.nspname || '.' || c.relname as "full",
  a.attnotnull as "notNull"
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where a.attrelid = any($1::oid[])`;

export function describePostgres(client: RuntimeClient, url: string): Describer {
  const types = new Map<number, TypeRow>();
  const ask = (body: StatementBody): Promise<unknown> => askDatabase(client, url, body);

  async function learn(oids: readonly number[]): Promise<void> {
    const unknown = [...new Set(oids)].filter((oid) => oid !== 0 && !types.has(oid));
    if (unknown.length === 0) return;
    const rows = await ask({
      statement: TYPES,
      parameters: [unknown],
      result: "rows",
    }) as TypeRow[];
    for (const row of rows) types.set(row.oid, row);
    await learn(rows.map(({ inner }) => inner));
  }

  function typeOf(oid: number): Pick<LockedColumn, "type" | "values"> {
    const row = types.get(oid);
    if (row === undefined) return { type: "unknown" };
    if (row.isArray) {
      const items = typeOf(row.inner);
      return { ...items, type: `${items.type}[]` };
    }
    if (row.values !== null) return { type: row.name, values: row.values };
    return types.has(row.inner) && !/^(?:point|box|lseg|name)$/.test(row.name)
      ? typeOf(row.inner)
      : { type: row.name };
  }

  async function describe({ statement, session, inputs }: SqlModel): Promise<Described> {
    const { parameters, columns, plan } = await ask({
      statement,
      result: "describe",
      session: sessionOf(session),
    }) as DatabaseDescription;
    await learn([...parameters, ...columns.map(({ type }) => type)]);
    const tables = [...new Set(columns.map(({ table }) => table).filter((table) => table !== 0))];
    const known = tables.length === 0
      ? []
      : await ask({ statement: COLUMNS, parameters: [tables], result: "rows" }) as ColumnRow[];
    const missing = known.length === 0 ? undefined : tablesLeftOut(statement, plan);
    return {
      inputs: inputs.map(({ name }, index) => ({ name, ...typeOf(parameters[index] ?? 0) })),
      columns: columns.map(({ name, type, table, column }): LockedColumn => {
        const own = known.find((one) => one.table === table && one.column === column);
        const notNull = own?.notNull === true && missing?.has(own.full) === false;
        return { name, ...typeOf(type), ...(notNull && { notNull }) };
      }),
    };
  }

  return { describe, close: () => client.close() };
}

/** Undefined: any. */
function tablesLeftOut(statement: string, plan: unknown): ReadonlySet<string> | undefined {
  if (!mayLeaveOut(statement)) return new Set();
  // A server, or a pool before it, that does not say: the words of the statement are all there is.
  return plan === undefined ? undefined : leftOut(plan);
}

/** What decides how names are looked up. */
function sessionOf({ role, set }: SessionModel): DatabaseSession {
  return {
    ...role !== undefined && { role },
    set: Object.fromEntries(set.map(({ name, value }) => [name, textOf(value)])),
  };
}

/** Nobody calls: where whose call it is would stand, there is nothing. */
function textOf(value: SessionModel["set"][number]["value"]): string {
  return value.map((part) => part.kind === "literal" ? part.text : "").join("");
}
