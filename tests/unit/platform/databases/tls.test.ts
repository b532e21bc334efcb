/** TLS to PostgreSQL: asked for within its protocol, checked against the name in the URL and the address that was resolved. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { RuntimeClient } from "../../../../mod.ts";
import { ADDRESS, CA, NAMED } from "../../../support/certificates.ts";
import { DatabaseProxy } from "../../../support/servers/database_proxy.ts";
import { POSTGRES_PORT, postgresUrl, serverOn } from "../../../support/databases.ts";
import { titled } from "../../../support/runtimes.ts";
import { ask, failure } from "../../../conformance/databases/ask.ts";

const { missing } = await serverOn(POSTGRES_PORT, "PostgreSQL");
const proxies: DatabaseProxy[] = [];
const clients: RuntimeClient[] = [];
let good: DatabaseProxy;
let named: DatabaseProxy;
let plain: DatabaseProxy;

beforeAll(async () => {
  good = await DatabaseProxy.start(POSTGRES_PORT, ADDRESS);
  named = await DatabaseProxy.start(POSTGRES_PORT, NAMED);
  plain = await DatabaseProxy.start(POSTGRES_PORT);
  proxies.push(good, named, plain);
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all(proxies.map((proxy) => proxy.stop()));
});

function trusting(ca: readonly string[]): RuntimeClient {
  const client = new RuntimeClient({
    address: "embedded:",
    engine: { egress: { allow: ["loopback"] }, upstream: { ca }, retry: false },
  });
  clients.push(client);
  return client;
}

const secure = "select ssl is null from pg_stat_ssl where pid = pg_backend_pid()";
const statement = { statement: secure, result: "value" };
const check = (name: string, run: () => Promise<void>) =>
  test.skipIf(missing !== undefined)(titled(name, missing), run);

check("a certificate for the address is taken, statements and cancelling go over TLS", async () => {
  const url = `${postgresUrl(good.port)}?sslmode=verify-full`;
  const client = trusting([CA]);
  expect(await ask(client, url, statement)).toBe(false);
  const slow = { statement: "select pg_sleep(60)", result: "value" };
  const before = good.connections;
  const error = await failure(ask(client, url, slow, { timeoutMs: 200 }));
  expect(error.code).toBe("deadline.exceeded");
  while (good.connections === before) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await ask(client, url, statement)).toBe(false);
});

check("an unknown authority, another name and no TLS at all are refused", async () => {
  const codes = [];
  for (
    const [ca, port] of [[[], good.port], [[CA], named.port], [[CA], plain.port]] as const
  ) {
    const url = `${postgresUrl(port)}?sslmode=verify-full`;
    const error = await failure(ask(trusting(ca), url, statement));
    codes.push(`${error.code} ${error.sent}`);
  }
  expect(codes).toEqual(["tls.untrusted no", "tls.name no", "tls.failed no"]);
});

check("require checks nothing, and other modes are reported", async () => {
  expect(await ask(trusting([]), `${postgresUrl(named.port)}?sslmode=require`, statement)).toBe(
    false,
  );
  const other = await failure(
    ask(trusting([]), `${postgresUrl(named.port)}?sslmode=prefer`, statement),
  );
  expect(other.code).toBe("request.url");
});
