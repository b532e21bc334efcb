/** Two tenants with tokens, and secrets that neither of them knows, as an operator would set them up. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../mod.ts";
import type { ConnectorError } from "../../../src/core/errors.ts";
import { OpenAI } from "../../../connectors/openai/mod.gen.ts";
import { OWN_RUNTIME } from "../../support/process.ts";
import { baseBody, baseRequest, WireClient } from "../../unit/daemon/support/wire_client.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

const TOKENS = { acme: "token-of-acme-0123456789", reader: "token-of-reader-0123456789" };
const FIRST = "sk-first-0123456789";
const SECOND = "sk-second-0123456789";
const BATCH = "sk-batch-0123456789";

interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
}

const asked: Asked[] = [];
let folder = "";
let api: Server;
let elsewhere: Server;
let daemon: DaemonProcess;
let address = "";

function port(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function serve(name: string): Promise<Server> {
  const server = createServer((request: IncomingMessage, response) => {
    const { authorization } = request.headers;
    const path = request.url ?? "";
    asked.push({ path: `${name}${path}`, authorization });
    request.resume();
    if (path === "/away") {
      response.writeHead(307, { location: `http://127.0.0.1:${port(elsewhere)}/there` }).end();
      return;
    }
    response.setHeader("content-type", "application/json");
    // A host that echoes requests must not get a secret; this one only says whether it knows it.
    const known = authorization === `Bearer ${FIRST}` || authorization === `Bearer ${SECOND}` ||
      authorization === `Bearer ${BATCH}`;
    response.statusCode = known || name !== "api" ? 200 : 401;
    response.end(JSON.stringify({ object: "list", data: [] }));
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

function configure(): string {
  return `
tokens:
  - { token: ${TOKENS.acme}, tenant: acme }
  - { token: ${TOKENS.reader}, tenant: reader }
egress: { allow: ["127.0.0.1"] }
tenants:
  default: { connectors: { allow: [openai, http] } }
  acme:
    operations: { deny: ["openai.files.*"] }
    hosts: { allow: ["127.0.0.1:${port(api)}"] }
  reader:
    methods: { allow: [GET, HEAD] }
    egress: { allow: ["127.0.0.1:${port(api)}"] }
secrets:
  main: { file: key }
  batch: { command: [cat, batch] }
credentials:
  - secret: main
    tenants: [acme, reader]
    connectors: [openai, http]
    hosts: ["127.0.0.1:${port(api)}"]
    headers: { authorization: "Bearer \${secret}" }
  - secret: batch
    tenants: [batch]
    connectors: [openai]
    hosts: ["127.0.0.1:${port(api)}"]
    headers: { authorization: "Bearer \${secret}" }
`;
}

beforeAll(async () => {
  [api, elsewhere] = await Promise.all([serve("api"), serve("elsewhere")]);
  folder = mkdtempSync(join(tmpdir(), "vt-"));
  writeFileSync(join(folder, "key"), `${FIRST}\n`);
  writeFileSync(join(folder, "batch"), BATCH);
  const file = join(folder, "runtime.yaml");
  const absolute = (text: string) =>
    text.replace("file: key", `file: ${join(folder, "key")}`)
      .replace("[cat, batch]", `[cat, ${join(folder, "batch")}]`);
  writeFileSync(file, absolute(configure()));
  address = `unix:${join(folder, "d.sock")}`;
  daemon = await startDaemonProcess(OWN_RUNTIME, [
    ...["--listen", address, "--admin", "tcp://127.0.0.1:0", "--config", file],
  ]);
});
afterAll(async () => {
  await daemon.kill();
  for (const server of [api, elsewhere]) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  rmSync(folder, { recursive: true, force: true });
});

function clientOf(tenant: keyof typeof TOKENS): RuntimeClient {
  return new RuntimeClient({ address, token: TOKENS[tenant] });
}

const at = (path: string) => `http://127.0.0.1:${port(api)}${path}`;

async function failure(work: PromiseLike<unknown>): Promise<ConnectorError> {
  try {
    await work;
  } catch (error) {
    return error as ConnectorError;
  }
  throw new Error("it succeeded");
}

describe("a tenant", () => {
  test("whose key the runtime holds calls without one, from a generated client", async () => {
    await using runtime = clientOf("acme");
    const openai = new OpenAI({
      runtime,
      baseURL: at("/v1"),
      credentials: "runtime",
      env: () => "sk-of-the-environment",
    });
    expect((await openai.models.list()).data.data).toEqual([]);
    expect(asked.at(-1)).toEqual({ path: "api/v1/models", authorization: `Bearer ${FIRST}` });
  });

  test("is refused what it may not do, with a message that names the rule", async () => {
    await using acme = clientOf("acme");
    await using reader = clientOf("reader");
    const before = asked.length;
    const openai = new OpenAI({ runtime: acme, baseURL: at("/v1"), credentials: "runtime" });
    const found = await Promise.all([
      failure(openai.files.delete({ file_id: "f" })),
      failure(acme.executeHTTP({ url: `http://127.0.0.1:${port(elsewhere)}/` })),
      failure(reader.executeHTTP({ method: "POST", url: at("/x"), body: "y" })),
      failure(reader.executeHTTP({ url: `http://127.0.0.1:${port(elsewhere)}/` })),
    ]);
    expect(found.map(({ code, origin, sent }) => [code, origin, sent])).toEqual([
      ["tenant.denied", "local", "no"],
      ["tenant.denied", "local", "no"],
      ["tenant.denied", "local", "no"],
      ["egress.denied", "local", "no"],
    ]);
    const places = [
      "it is in tenants.acme.operations.deny",
      "it is not in tenants.acme.hosts.allow",
      '"POST": it is not in tenants.reader.methods.allow',
      "tenants.reader.egress.allow",
    ];
    expect(found.map(({ message }, index) => message.includes(places[index] ?? "")))
      .toEqual([true, true, true, true]);
    expect(asked.length).toBe(before);
    expect((await reader.executeHTTP({ url: at("/v1/models") })).status).toBe(200);
  });

  test("with a token of its own cannot be named by others", async () => {
    await using stranger = new RuntimeClient({ address, tenantId: "acme" });
    await using reader = new RuntimeClient({ address, token: TOKENS.reader, tenantId: "acme" });
    expect((await failure(stranger.executeHTTP({ url: at("/") }))).code).toBe(
      "tenant.token_required",
    );
    expect((await failure(reader.executeHTTP({ url: at("/") }))).code).toBe("tenant.mismatch");
  });

  test("does not see its key leave with a redirect", async () => {
    await using reader = clientOf("reader");
    const error = await failure(reader.executeHTTP({ url: at("/away") }));
    expect(error.code).toBe("egress.denied");
    await using anyone = new RuntimeClient({ address });
    expect((await anyone.executeHTTP({ url: at("/away") })).status).toBe(200);
    expect(asked.at(-1)).toEqual({ path: "elsewhere/there", authorization: undefined });
  });
});

test("a base client gets the key of the connector that it names", async () => {
  const client = new WireClient({ kind: "unix", path: address.slice("unix:".length) });
  const request = (id: number, connector: string) =>
    client.bytes(baseRequest(id, { url: at("/v1/models") }, { connector, tenantId: "batch" }));
  request(1, "openai");
  const { message } = await client.next("response");
  expect(baseBody(message).status_code).toBe(200);
  expect(asked.at(-1)?.authorization).toBe(`Bearer ${BATCH}`);
  request(2, "opnai");
  const refused = (await client.next("response")).message;
  expect(refused.errorMessage).toContain('connector "opnai" is unknown');
  client.socket.destroy();
});

test("a key is replaced under load without a call that fails", async () => {
  await using acme = clientOf("acme");
  let over = false;
  let failed = 0;
  let made = 0;
  const used = new Set<string | undefined>();
  async function load(): Promise<void> {
    while (!over) {
      const { status } = await acme.executeHTTP({ url: at("/v1/models") });
      made++;
      if (status !== 200) failed++;
      const last = asked.at(-1)?.authorization;
      used.add(last);
    }
  }
  const workers = Array.from({ length: 8 }, load);
  for (const key of [SECOND, FIRST, SECOND]) {
    const now = made;
    while (made < now + 50) await new Promise((done) => setTimeout(done, 5));
    writeFileSync(join(folder, "key"), key);
    daemon.signal("SIGHUP");
    const known = asked.length;
    const arrived = () => asked.slice(known).some((one) => one.authorization === `Bearer ${key}`);
    while (!arrived()) await new Promise((done) => setTimeout(done, 5));
  }
  over = true;
  await Promise.all(workers);
  expect(made).toBeGreaterThan(150);
  expect(failed).toBe(0);
  expect([...used].sort()).toEqual([`Bearer ${FIRST}`, `Bearer ${SECOND}`]);
}, 60_000);

test("a key that is no longer available leaves the old configuration in force", async () => {
  writeFileSync(join(folder, "key"), "");
  daemon.signal("SIGHUP");
  while (!daemon.stderr().includes("is not available")) {
    await new Promise((done) => setTimeout(done, 10));
  }
  await using acme = clientOf("acme");
  expect((await acme.executeHTTP({ url: at("/v1/models") })).status).toBe(200);
  expect(daemon.stderr()).toContain("at least 6 are needed");
}, 60_000);

test("no key is in anything that the daemon says", async () => {
  const paths = ["/metrics", "/config", "/readyz"];
  const pages = await Promise.all(
    paths.map(async (path) => (await fetch(`${daemon.admin}${path}`)).text()),
  );
  const said = pages.join("\n") + daemon.stdout() + daemon.stderr();
  expect(said).toContain("acme");
  for (const secret of [FIRST, SECOND, BATCH, ...Object.values(TOKENS)]) {
    expect(said.includes(secret)).toBe(false);
  }
});
