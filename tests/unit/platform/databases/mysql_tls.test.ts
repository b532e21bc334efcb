/** TLS to MySQL, which begins in the middle of its greeting, and what follows passwords. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { RuntimeClient } from "../../../../mod.ts";
import { CA } from "../../../support/certificates.ts";
import { titled } from "../../../support/runtimes.ts";
import { mariadbBinaryMissing, MariadbServer } from "../../../support/servers/mariadb.ts";
import { ask, failure } from "../../../conformance/databases/ask.ts";

const clients: RuntimeClient[] = [];
let server: MariadbServer;

beforeAll(async () => {
  if (mariadbBinaryMissing === undefined) server = await MariadbServer.start();
}, 60_000);
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server?.stop();
});

function trusting(ca: readonly string[]): RuntimeClient {
  const client = new RuntimeClient({
    address: "embedded:",
    engine: { egress: { allow: ["loopback"] }, upstream: { ca }, retry: false },
  });
  clients.push(client);
  return client;
}

const url = (mode: string, host = "localhost", password = "p%3Ass%40word") =>
  `mysql://tester:${password}@${host}:${server.port}/test?sslmode=${mode}`;
const secure = { statement: "show status like 'Ssl_version'", result: "row" };
const check = (name: string, run: () => Promise<void>) =>
  test.skipIf(mariadbBinaryMissing !== undefined)(titled(name, mariadbBinaryMissing), run, 60_000);

check("a certificate for the name is taken, statements and cancelling go over TLS", async () => {
  const client = trusting([server.ca]);
  const { Value } = await ask(client, url("verify-full"), secure) as { Value: string };
  expect(Value).toMatch(/^TLSv1\.[23]$/);
  const slow = { statement: "select sleep(60)", result: "value" };
  const error = await failure(ask(client, url("verify-full"), slow, { timeoutMs: 300 }));
  expect(error.code).toBe("deadline.exceeded");
  const left =
    "select count(*) from information_schema.processlist where info like 'select sleep%'";
  let running: unknown;
  while (running !== "0") {
    running = await ask(client, url("verify-full"), { statement: left, result: "value" });
  }
});

check("an unknown authority, a missing name and no TLS are refused", async () => {
  const unknown = await failure(ask(trusting([CA]), url("verify-full"), secure));
  expect([unknown.code, unknown.sent]).toEqual(["tls.untrusted", "no"]);
  const address = await failure(
    ask(trusting([server.ca]), url("verify-full", "127.0.0.1"), secure),
  );
  expect(address.code).toBe("request.url");
  const plain = await failure(ask(trusting([]), url("disable"), secure));
  expect([plain.code, plain.sent]).toEqual(["database.denied", "no"]);
  const mode = await failure(ask(trusting([]), url("prefer"), secure));
  expect(mode.code).toBe("request.url");
});

check("require checks nothing, and a wrong password is in no error", async () => {
  const { Value } = await ask(trusting([]), url("require", "127.0.0.1"), secure) as {
    Value: string;
  };
  expect(Value).toMatch(/^TLSv1\.[23]$/);
  const denied = await failure(ask(trusting([]), url("require", "127.0.0.1", "hunter2"), secure));
  expect([denied.code, denied.sent]).toEqual(["database.denied", "no"]);
  expect(`${JSON.stringify(denied)} ${denied.stack} ${String(denied.cause)}`).not.toContain(
    "hunter2",
  );
});
