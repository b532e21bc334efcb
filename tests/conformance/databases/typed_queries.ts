/** Statements of all kinds over one schema, with what must be known of their columns: `name: type` or `name: type?` where it may be null. */

export const TABLES: readonly string[] = [
  `create type status as enum ('open', 'paid', 'sent')`,
  `create domain email as text check (value like '%@%')`,
  `create table people (id bigint generated always as identity primary key, name text not null, email email,
    born date, height real, vip boolean not null default false, score numeric(8, 3), token uuid not null default gen_random_uuid())`,
  `create table orders (id integer generated always as identity primary key, person bigint not null references people,
    status status not null default 'open', total numeric(10, 2) not null default 0, tags text[] not null default '{}',
    counts bigint[], placed timestamptz not null default '2026-03-05 12:00+00', local timestamp, took interval,
    details jsonb not null default '{}', raw json, photo bytea, ip inet, span int4range, small smallint, ratio double precision,
    code character(3), label varchar(20), at time, path status[])`,
  `insert into people (name, email, born, height, score) values ('Ada', 'ada@example.com', '1990-02-03', 1.75, 12.5), ('Bo', null, null, null, null)`,
  `insert into orders (person, status, total, tags, counts, local, took, details, raw, photo, ip, span, small, ratio, code, label, at, path)
    values (1, 'paid', 10.50, '{a,b}', '{1,9007199254740993}', '2026-03-05 12:00', '1 day 02:00', '{"gift": true}', '[1]', '\\x6869', '10.0.0.1', '[1,5)',
      7, 0.5, 'abc', 'x', '10:30', '{open,paid}'), (1, 'open', 3, '{}', null, null, null, '{}', null, null, null, null, null, null, null, null, null, null)`,
  `create view rich as select id, name from people where score > 10`,
  `create function twice(n integer) returns integer language sql immutable as 'select n * 2'`,
];

export interface TypedQuery {
  readonly sql: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
}

const PERSON = ["id: int8", "name: text"];

export const QUERIES: Readonly<Record<string, TypedQuery>> = {
  all: {
    sql: "select * from people",
    columns: [
      ...PERSON,
      "email: text?",
      "born: date?",
      "height: float4?",
      "vip: bool",
      "score: numeric?",
      "token: uuid",
    ],
  },
  everything: {
    sql: "select * from orders",
    columns: [
      "id: int4",
      "person: int8",
      "status: status",
      "total: numeric",
      "tags: text[]",
      "counts: int8[]?",
      "placed: timestamptz",
      "local: timestamp?",
      "took: interval?",
      "details: jsonb",
      "raw: json?",
      "photo: bytea?",
      "ip: inet?",
      "span: int4range?",
      "small: int2?",
      "ratio: float8?",
      "code: bpchar?",
      "label: varchar?",
      "at: time?",
      "path: status[]?",
    ],
  },
  renamed: {
    sql: "select id as key, name as label from people",
    columns: ["key: int8", "label: text"],
  },
  byId: {
    sql: "select id, name from people where id = $id",
    input: { id: "1" },
    inputs: { id: "int8" },
    columns: PERSON,
  },
  byStatus: {
    sql: "select id from orders where status = $status and total > $over",
    input: { status: "paid", over: 1 },
    inputs: { status: "status", over: "numeric" },
    columns: ["id: int4"],
  },
  byList: {
    sql: "select id from people where id = any($ids)",
    input: { ids: ["1", 2] },
    inputs: { ids: "int8[]" },
    columns: ["id: int8"],
  },
  cast: {
    sql: "select $n::int as n, $t::text as t, $d::date as d",
    input: { n: 1, t: "x", d: "2026-01-31" },
    inputs: { n: "int4", t: "text", d: "date" },
    columns: ["n: int4?", "t: text?", "d: date?"],
  },
  twiceUsed: {
    sql: "select id from people where name = $text or email = $text",
    input: { text: "Ada" },
    inputs: { text: "text" },
    columns: ["id: int8"],
  },
  count: { sql: "select count(*) as n from orders", columns: ["n: int8?"] },
  sums: {
    sql:
      "select person, sum(total) as total, avg(ratio) as ratio, max(placed) as last from orders group by person",
    columns: ["person: int8", "total: numeric?", "ratio: float8?", "last: timestamptz?"],
  },
  rollup: {
    sql: "select person, status, count(*) as n from orders group by rollup (person, status)",
    columns: ["person: int8?", "status: status?", "n: int8?"],
  },
  computed: {
    sql:
      "select id + 1 as next, upper(name) as loud, vip and true as sure, email is null as lacking from people",
    columns: ["next: int8?", "loud: text?", "sure: bool?", "lacking: bool?"],
  },
  chosen: {
    sql: "select case when vip then 1 end as one, coalesce(email, '') as email from people",
    columns: ["one: int4?", "email: text?"],
  },
  inner: {
    sql: "select p.name, o.id, o.status from people p join orders o on o.person = p.id",
    columns: ["name: text", "id: int4", "status: status"],
  },
  left: {
    sql: "select p.name, o.id, o.status from people p left join orders o on o.person = p.id",
    columns: ["name: text", "id: int4?", "status: status?"],
  },
  leftOf: {
    sql: "select p.name, o.id from people p left join orders o on o.person = p.id where p.id = $id",
    input: { id: 1 },
    inputs: { id: "int8" },
    columns: ["name: text", "id: int4?"],
  },
  right: {
    sql: "select p.name, o.id from orders o right join people p on o.person = p.id",
    columns: ["name: text", "id: int4?"],
  },
  full: {
    sql: "select p.name, o.id from people p full join orders o on o.person = p.id",
    columns: ["name: text?", "id: int4?"],
  },
  strict: {
    // The condition leaves no row without an order, which the plan knows.
    sql:
      "select p.name, o.id from people p left join orders o on o.person = p.id where o.total > 0",
    columns: ["name: text", "id: int4"],
  },
  self: {
    sql: "select a.name, b.name as other from people a left join people b on b.id = a.id + 1",
    columns: ["name: text?", "other: text?"],
  },
  chained: {
    sql:
      "select p.name, o.id, q.name as payer from people p join orders o on o.person = p.id left join rich q on q.id = p.id",
    columns: ["name: text?", "id: int4", "payer: text?"],
  },
  cte: {
    sql:
      "with late as (select * from orders where total > 0) select p.name, l.id from people p left join late l on l.person = p.id",
    columns: ["name: text", "id: int4?"],
  },
  kept: {
    sql:
      "with late as materialized (select * from orders) select p.name, l.id from people p left join late l on l.person = p.id",
    columns: ["name: text", "id: int4?"],
  },
  lateral: {
    sql:
      "select p.name, o.id from people p left join lateral (select id from orders where person = p.id limit 1) o on true",
    columns: ["name: text", "id: int4?"],
  },
  subquery: {
    sql:
      "select name, (select max(id) from orders o where o.person = p.id) as newest from people p",
    columns: ["name: text", "newest: int4?"],
  },
  union: {
    sql: "select id, name from people union all select null, label from orders",
    columns: ["id: int8?", "name: text?"],
  },
  view: { sql: "select id, name from rich", columns: ["id: int8?", "name: text?"] },
  window: {
    sql:
      "select id, rank() over (order by total) as place, lag(total) over (order by id) as before from orders",
    columns: ["id: int4", "place: int8?", "before: numeric?"],
  },
  called: {
    sql: "select twice($n) as n, g from generate_series(1, 2) g",
    input: { n: 4 },
    inputs: { n: "int4" },
    columns: ["n: int4?", "g: int4?"],
  },
  values: { sql: "values (1, 'a'), (2, 'b')", columns: ["column1: int4?", "column2: text?"] },
  json: {
    sql:
      "select details->>'gift' as gift, jsonb_agg(tags) over () as tags, array[1, 2]::bigint[] as list from orders",
    columns: ["gift: text?", "tags: jsonb?", "list: int8[]?"],
  },
  insert: {
    sql:
      "insert into people (name, email, score) values ($name, $email, $score) returning id, email, token",
    input: { name: "Cy", email: "cy@example.com", score: "1.125" },
    inputs: { name: "text", email: "text", score: "numeric" },
    columns: ["id: int8", "email: text?", "token: uuid"],
  },
  update: {
    sql:
      "update orders set tags = $tags, details = $details, path = $path where id = $id returning id, tags, details",
    input: { tags: ["x"], details: { gift: false }, path: ["sent"], id: 1 },
    inputs: { tags: "text[]", details: "jsonb", path: "status[]", id: "int4" },
    columns: ["id: int4", "tags: text[]", "details: jsonb"],
  },
  changed: {
    sql:
      "with paid as (update orders set status = 'paid' where status = 'open' returning id, person) select p.name, paid.id from people p left join paid on paid.person = p.id",
    columns: ["name: text", "id: int4?"],
  },
};
