do $shop$
begin
  create schema if not exists shop_demo;
  if not exists (select from pg_roles where rolname = 'shop_demo') then
    create role shop_demo nologin;
  end if;
  if to_regtype('shop_demo.order_status') is null then
    create type shop_demo.order_status as enum ('open', 'paid', 'sent');
  end if;
  create table if not exists shop_demo.customers (
    id bigint generated always as identity primary key,
    tenant text not null default current_setting('app.tenant'),
    name text not null,
    email text,
    since date not null default current_date,
    unique (tenant, id)
  );
  create table if not exists shop_demo.products (
    id bigint generated always as identity primary key,
    tenant text not null default current_setting('app.tenant'),
    name text not null,
    price numeric(10, 2) not null check (price >= 0),
    tags text[] not null default '{}',
    details jsonb not null default '{}',
    unique (tenant, id)
  );
  create table if not exists shop_demo.orders (
    id bigint generated always as identity primary key,
    tenant text not null default current_setting('app.tenant'),
    customer bigint not null,
    status shop_demo.order_status not null default 'open',
    placed timestamptz not null default now(),
    unique (tenant, id),
    -- A reference is checked without regard to whose row it leads to, so it names the tenant.
    foreign key (tenant, customer) references shop_demo.customers (tenant, id)
  );
  create table if not exists shop_demo.order_lines (
    tenant text not null default current_setting('app.tenant'),
    "order" bigint not null,
    product bigint not null,
    quantity integer not null check (quantity > 0),
    primary key ("order", product),
    foreign key (tenant, "order") references shop_demo.orders (tenant, id),
    foreign key (tenant, product) references shop_demo.products (tenant, id)
  );
  -- Each tenant sees rows of its own, and can write no others. The owner of the tables is held to it too.
  declare
    name text;
  begin
    foreach name in array array['customers', 'products', 'orders', 'order_lines'] loop
      execute format('alter table shop_demo.%I enable row level security, force row level security', name);
      execute format('drop policy if exists own on shop_demo.%I', name);
      execute format(
        'create policy own on shop_demo.%I using (tenant = current_setting(''app.tenant'', true))', name);
    end loop;
  end;
  grant usage on schema shop_demo to shop_demo;
  grant select, insert, update, delete on all tables in schema shop_demo to shop_demo;
  if not exists (select from shop_demo.customers where tenant = current_setting('app.tenant')) then
    insert into shop_demo.customers (name, email, since)
    values ('Ada', 'ada@example.com', '2026-01-10'), ('Bo', null, '2026-02-01');
    insert into shop_demo.products (name, price, tags, details)
    values ('Green tea', 4.50, '{tea,organic}', '{"grams": 100}'), ('Black tea', 3.90, '{tea}', '{"grams": 125}'),
      ('Teapot', 29.00, '{}', '{"colour": "blue"}');
  end if;
end
$shop$
