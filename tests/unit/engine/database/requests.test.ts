/** URLs and bodies of calls to databases: what is wrong is said, and nothing of a password. */
import { describe, expect, test } from "bun:test";
import { ConnectorError } from "../../../../src/core/errors.ts";
import { databaseUrl, looksLikeDatabase } from "../../../../src/engine/database/database_url.ts";
import { readBody } from "../../../../src/engine/database/read_body.ts";
import { resolveDatabases } from "../../../../src/engine/database/database_options.ts";
import { parseUrl } from "../../../../src/http/syntax.ts";

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ConnectorError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "";
}

describe("URLs", () => {
  test("have hosts in the form that rules are about", () => {
    const hosts = ["DB.Example", "0x7f.1", "2130706433", "[::1]"];
    expect(hosts.map((host) => databaseUrl(`postgres://${host}/x`).hostname)).toEqual([
      "db.example",
      "127.0.0.1",
      "127.0.0.1",
      "[::1]",
    ]);
  });

  test("that are wrong are refused without being shown", () => {
    const wrong = [
      "postgres:///x",
      "postgres://u:hunter2@h:0/x",
      "postgres://u:hunter2@h/%zz",
      "postgres://u:hunter2@h/a b",
      "sqlite://host/path",
      "database:",
      "database:a/b",
      "sqlite:/a%00b",
      "postgres://u:hunter2@h/x?channel_binding=require",
      "sqlite:/a?mode=ro",
      "postgres://u:hun#ter2@h/x",
    ];
    for (const text of wrong) {
      expect(refusal(() => databaseUrl(text))).toMatch(/^request\.url: the URL of a database/);
      expect(refusal(() => databaseUrl(text))).not.toContain("hunter2");
    }
  });

  test("have options that are known", () => {
    expect(refusal(() => databaseUrl("postgres://h/x?sslmod=require"))).toMatch(
      /it has the option "sslmod"\. Did you mean "sslmode"\? Known here: sslmode, application_name/,
    );
    expect(databaseUrl("postgres://h/x?sslmode=require&application_name=shop").search).not.toBe("");
  });

  test("are told from those of the web, which never lead to a database", () => {
    expect(["postgres://h", "database:x", "https://h", "ftp://h", "x"].map(looksLikeDatabase))
      .toEqual([true, true, false, false, false]);
    // As in a redirect.
    expect(refusal(() => parseUrl("postgres://127.0.0.1/x"))).toMatch(/^request\.scheme:/);
  });
});

describe("bodies", () => {
  const read = (body: unknown, kind: "postgres" | "redis" = "postgres") =>
    refusal(() => readBody(kind, new TextEncoder().encode(JSON.stringify(body))));
  const statement = "select 1";

  test("that are right", () => {
    expect(read({ statement, result: "row?" })).toBe("");
    expect(read({ command: ["GET", 1, { $bytes: "" }] }, "redis")).toBe("");
    expect(
      read({
        statement,
        result: "rows",
        session: { set: { "app.x": ["a", { call: "tenantId" }] }, isolation: "serializable" },
        as: { n: "number" },
      }),
    ).toBe("");
  });

  test("that are wrong are told what would be right", () => {
    const cases: readonly [unknown, RegExp][] = [
      ["x", /is an object/],
      [{ statement: " ", result: "rows" }, /statement is the text of one statement/],
      [{ statement: "a\0b", result: "rows" }, /NUL/],
      [{ statement }, /result is missing; it is one of rows, row/],
      [{ statement, result: "row", stream: true }, /stream goes with the result "rows"/],
      [{ statement, result: "rows", maxRows: 0 }, /maxRows is 0; it is a whole number above 0/],
      [{ statement, result: "rows", paramters: [] }, /Did you mean "parameters"\?/],
      [{ statement, result: "rows", parameters: {} }, /parameters is a list/],
      [{ statement, result: "rows", as: { n: "date" } }, /number, text, boolean, json/],
      [{ statement, result: "rows", session: { readonly: true } }, /Did you mean "readOnly"\?/],
      [{ statement, result: "rows", session: { role: "" } }, /name of a role/],
      [{ statement, result: "rows", session: { isolation: "none" } }, /read committed/],
      [{ statement, result: "rows", session: { set: { role: "x" } } }, /cannot change role/],
      [
        { statement, result: "rows", session: { set: { transaction_read_only: "off" } } },
        /cannot change transaction_read_only/,
      ],
      [
        { statement, result: "rows", session: { set: { "a;b": "x" } } },
        /not the name of a setting/,
      ],
      [{ statement, result: "rows", session: { set: { a: [{ call: "ip" }] } } }, /or its parts/],
    ];
    for (const [body, why] of cases) expect(read(body)).toMatch(why);
    expect(read({ command: [] }, "redis")).toMatch(/begins with the command/);
    expect(read({ command: ["GET", null] }, "redis")).toMatch(/an argument of a command/);
    expect(refusal(() => readBody("postgres", Uint8Array.of(0xff)))).toMatch(/is JSON/);
  });
});

describe("options", () => {
  test("of a database by name are checked, and its URL is not shown", () => {
    const named = (url: string) => () =>
      resolveDatabases({ named: { shop: { url, connectors: [] } } });
    expect(refusal(named("https://u:hunter2@h"))).toMatch(
      /^config.option: databases.named.shop.url: .*its scheme is not that of a database/,
    );
    expect(refusal(named("https://u:hunter2@h"))).not.toContain("hunter2");
    expect(refusal(() => resolveDatabases({ poolSize: 0 }))).toMatch(/poolSize/);
  });

  test("let callers open what a pattern names, and nothing above it", () => {
    const { mayOpen } = resolveDatabases({ files: ["/data/*.db"] });
    expect(["/data/a.db", "/data/../etc/x.db", "/etc/x.db"].map(mayOpen)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
