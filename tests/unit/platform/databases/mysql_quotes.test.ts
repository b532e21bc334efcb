/** What the server takes for code, we take for code: pieces of quotes and comments in any order, tried on a server. */
import { expect, test } from "bun:test";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { readStatement } from "../../../../codegen/read/database/sql.ts";
import { checkOwnStatement } from "../../../../src/platform/shared/database/mysql/own_statement.ts";
import { SESSION } from "../../../../src/platform/shared/database/mysql/session.ts";
import { mariadbServer, MYSQL_PORT } from "../../../support/databases.ts";
import { titled } from "../../../support/runtimes.ts";

const { missing } = await mariadbServer();
const ROUNDS = 6_000;

const PIECES = [
  ...["'", "'", '"', '"', "`", "\\", "\\'", "''", '""', "--", "-- ", "--\t", "--\x01", "#", "\n"],
  ...["\r", "\r\n", "/*", "*/", "/*!", "/*M!", "/**/", "/*+ ", " ", ",", "@vc:=1", "@vc:=1"],
  ...["(@vc:=1)", "1", "x", "é", "\u00a0", "\u2028", "😀", "n'", "_utf8'", "x'41'", "||", "+", "-"],
  ...["\v", "\f", "{", "}", "as a", "'a' ", "0x41"],
];

test.skipIf(missing !== undefined)(
  titled("no variable of a statement that the server executes passes our readers", missing),
  async () => {
    const client = await createConnection({
      host: "127.0.0.1",
      port: MYSQL_PORT,
      user: "root",
      database: "test",
      charset: "UTF8MB4_UNICODE_CI",
    });
    await client.query(SESSION);
    let seed = 20_261_127;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const passed: string[] = [];
    let executed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const pieces = Array.from({ length: 1 + random(9) }, () => PIECES[random(PIECES.length)]);
      const end = `${random(2) === 0 ? "'" : ""}${random(3) === 0 ? "\n" : ""}`;
      const sql = `select 1,${pieces.join("")}${end}`;
      await client.query("set @vc = null");
      const accepted = await client.execute(sql).then(() => true, () => false);
      client.unprepare(sql);
      if (!accepted) continue;
      const [[row]] = await client.query<RowDataPacket[]>("select @vc as v");
      if (row?.["v"] === null) continue;
      executed++;
      if (!isRefused(sql)) passed.push(`runtime: ${sql}`);
      if (readStatement(sql, "mysql").mistakes.length === 0) passed.push(`spec: ${sql}`);
    }
    await client.end();
    expect(passed).toEqual([]);
    expect(executed).toBeGreaterThan(30);
  },
  60_000,
);

function isRefused(sql: string): boolean {
  try {
    checkOwnStatement(sql, true);
    return false;
  } catch {
    return true;
  }
}
