/** Servers of NATS as people run them: with users, with certificates, with a small limit. */
import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ErrorClass, RuntimeClient } from "../../../mod.ts";
import { createDaemon } from "../../../src/daemon/mod.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { platform } from "#platform";
import { listen } from "../../../src/platform/listen.ts";
import { askPool } from "../../../src/platform/nats/ask_pool.ts";
import { platform as web } from "../../../src/platform/web/mod.ts";
import { parseNatsAddress } from "../../../src/transport/nats_address.ts";
import { failure } from "../../conformance/context.ts";
import { ADDRESS, CA } from "../../support/certificates.ts";
import { startDaemonProcess } from "../support/daemon_process.ts";
import { OWN_RUNTIME } from "../../support/process.ts";
import { NatsServer } from "../../support/nats.ts";
import { startUpstream, until } from "../../support/upstream.ts";
import { Cable } from "./cable.ts";
import { it, joinAt } from "./own_servers.ts";
import { pattern } from "../../support/upstream_routes.ts";

/** What `docs/scale-out.md` gives to a user: what it may publish, and to what it may subscribe. */
function permissions(user: string): readonly (readonly string[])[] {
  const text = readFileSync(new URL("../../../docs/scale-out.md", import.meta.url), "utf8");
  const row = text.split("\n").find((line) => line.startsWith(`| ${user} `)) ?? "";
  return row.split("|").slice(2, 4).map((cell) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, subject = ""]) => subject)
  );
}

describe("a server of NATS", () => {
  it("with a user and a password, which no error shows", async (_, stack) => {
    const server = await NatsServer.start(["--user", "vee", "--pass", "s3cret/pw"]);
    stack.defer(() => server.stop());
    const upstream = await startUpstream();
    stack.defer(() => upstream.close());
    const right = `nats://vee:s3cret%2Fpw@${server.at}/p`;
    await joinAt(right, `127.0.0.1:${upstream.port}`, stack);
    await using client = new RuntimeClient({ address: right });
    expect((await client.executeHTTP({ url: `${upstream.url}/json` })).statusCode).toBe(200);
    expect(client.address).toBe(`nats://${server.at}/p`);
    await using other = new RuntimeClient({ address: `nats://vee:wr0ngpw@${server.at}/p` });
    const refused = await failure(other.executeHTTP({ url: `${upstream.url}/json` }));
    expect([refused.code, refused.sent]).toEqual(["connect.forbidden", "no"]);
    await using none = new RuntimeClient({ address: `nats://${server.at}/p?creds=/no/such.creds` });
    expect((await failure(none.executeHTTP({ url: upstream.url }))).code).toBe(
      "config.not_readable",
    );
    expect(JSON.stringify(refused) + String(refused) + String(refused.cause)).not.toContain(
      "wr0ngpw",
    );
  });

  it("that lets through little at once, of bodies of a megabyte", async (folder, stack) => {
    const config = join(folder, "nats.conf");
    writeFileSync(config, "max_payload: 4096\n");
    const server = await NatsServer.start(["-c", config]);
    stack.defer(() => server.stop());
    const upstream = await startUpstream();
    stack.defer(() => upstream.close());
    const address = `nats://${server.at}/p`;
    await joinAt(address, `127.0.0.1:${upstream.port}`, stack, {
      secret: "the secret of this pool",
    });
    await using client = new RuntimeClient({ address });
    const body = pattern(1024 * 1024 + 7);
    const reply = await client.executeHTTP({ method: "POST", url: `${upstream.url}/echo`, body });
    expect(reply.body.length).toBe(body.length);
    expect(reply.body.every((byte, at) => byte === body[at])).toBe(true);
    // Some 340 pieces: more than a byte counts.
    const job = await client.submit({ url: `${upstream.url}/text?kb=1024` });
    const { body: kept } = await job.result();
    expect(kept.length).toBe(1024 * 1024);
    expect(kept.every((byte) => byte === 0x78)).toBe(true);
  });

  it("with certificates", async (folder, stack) => {
    const { cert, key } = ADDRESS;
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const tls = ["--tls", "--tlscert", file("cert", cert), "--tlskey", file("key", key)];
    const server = await NatsServer.start(tls);
    stack.defer(() => server.stop());
    const upstream = await startUpstream();
    stack.defer(() => upstream.close());
    const address = `tls://127.0.0.1:${server.port}/p?ca=${encodeURIComponent(file("ca", CA))}`;
    await joinAt(address, `127.0.0.1:${upstream.port}`, stack);
    await using client = new RuntimeClient({ address });
    expect((await client.executeHTTP({ url: `${upstream.url}/json` })).statusCode).toBe(200);
    await using untrusting = new RuntimeClient({ address: `tls://127.0.0.1:${server.port}/p` });
    const refused = await failure(untrusting.executeHTTP({ url: `${upstream.url}/json` }));
    expect([refused.code, refused.sent]).toEqual(["connect.failed", "no"]);
  });

  it("whose users may do what the document says, and nothing else", async (folder, stack) => {
    const config = join(folder, "nats.conf");
    const users = ["program", "runtime"].map((user) => {
      const [publish, subscribe] = permissions(user);
      return { user, password: `${user}-pw`, permissions: { publish, subscribe } };
    });
    writeFileSync(config, JSON.stringify({ authorization: { users } }));
    const server = await NatsServer.start(["-c", config]);
    stack.defer(() => server.stop());
    const upstream = await startUpstream();
    stack.defer(() => upstream.close());
    const problems: string[] = [];
    const at = (user: string) => `nats://${user}:${user}-pw@${server.at}/pool`;
    for (const _ of [1, 2]) {
      await joinAt(at("runtime"), `127.0.0.1:${upstream.port}`, stack, {
        secret: "the secret of this pool",
        onProblem: (message) => problems.push(message),
      });
    }
    await using client = new RuntimeClient({ address: at("program") });
    const calls = Array.from(
      { length: 20 },
      () => client.executeHTTP({ url: `${upstream.url}/json` }),
    );
    expect((await Promise.all(calls)).map(({ statusCode }) => statusCode)).toEqual(
      Array(20).fill(200),
    );
    expect((await (await client.submit({ url: `${upstream.url}/json` })).result()).statusCode).toBe(
      200,
    );
    const members = await askPool(parseNatsAddress(at("program")), { timeoutMs: 5_000 });
    expect(members.length).toBe(2);
    expect(problems).toEqual([]);
  });

  it("that is away makes a member unready until it is back", async (_, stack) => {
    const server = await NatsServer.start();
    stack.defer(() => server.stop());
    const args = ["--join", `nats://${server.at}/p`, "--admin", "tcp://127.0.0.1:0"];
    const member = await startDaemonProcess(OWN_RUNTIME, args);
    stack.defer(() => member.kill());
    const ready = async () => {
      const response = await fetch(`${member.admin}/readyz`);
      return [response.status, await response.text()] as const;
    };
    expect((await ready())[0]).toBe(200);
    await server.down();
    let [status, text] = await ready();
    while (status === 200) [status, text] = await ready();
    expect([status, text]).toEqual([
      503,
      expect.stringContaining("no connection to the pool's NATS"),
    ]);
    await server.up();
    while (status !== 200) [status] = await ready();
    const members = await askPool(parseNatsAddress(`nats://${server.at}/p`), { timeoutMs: 5_000 });
    expect(members.length).toBe(1);
  });

  it("that restarts between the parts of a call, which goes on", async (_, stack) => {
    const server = await NatsServer.start();
    stack.defer(() => server.stop());
    const upstream = await startUpstream();
    stack.defer(() => upstream.close());
    const address = `nats://${server.at}/p`;
    await joinAt(address, `127.0.0.1:${upstream.port}`, stack);
    await using client = new RuntimeClient({ address });
    const call = client.executeHTTP({ method: "POST", url: `${upstream.url}/slow?ms=1000` });
    await upstream.request("/slow");
    await server.down();
    await server.up();
    expect((await call).statusCode).toBe(200);
    expect(upstream.requests.length).toBe(1);
  });

  it("from which the client is cut off, without being told", async (_, stack) => {
    const server = await NatsServer.start();
    stack.defer(() => server.stop());
    const upstream = await startUpstream();
    stack.defer(() => upstream.close());
    const cable = await Cable.start(server.port);
    stack.defer(() => cable.stop());
    await joinAt(`nats://${server.at}/p`, `127.0.0.1:${upstream.port}`, stack);
    const address = `nats://127.0.0.1:${cable.port}/p`;
    await using client = new RuntimeClient({ address, connectTimeoutMs: 2_500 });
    const open = failure(client.executeHTTP({ url: `${upstream.url}/hang` }));
    await upstream.request("/hang");
    cable.cut();
    expect(await open).toMatchObject({ code: "connection.lost", sent: "maybe" });
    const late = await failure(client.executeHTTP({ url: `${upstream.url}/json` }));
    expect(late).toMatchObject({ errorClass: ErrorClass.Transient, sent: "no" });
    // The client of NATS itself would find out after half a minute.
    cable.forget();
    const back = () => client.executeHTTP({ url: `${upstream.url}/json` });
    expect((await back()).statusCode).toBe(200);
    // The member has given up the call that nobody waits for.
    await until(() => upstream.open <= 1, "the end of the lost call");
  });

  it("that is not on this machine is joined only with access tokens", (folder) => {
    const options = { listen: [], join: { address: parseNatsAddress("nats://10.1.2.3/p") } };
    const engine = createEngine({}, { platform });
    expect(() => createDaemon(options, { engine, listen })).toThrow("no access token is set");
    expect(folder).not.toBe("");
    return engine.close();
  });
});

test("a pool cannot be reached from where there are no sockets, and the error says so", async () => {
  await using client = new RuntimeClient({ address: "nats://user:pw123@host/pool", platform: web });
  const error = await failure(client.executeHTTP({ url: "https://a.example" }));
  expect([error.code, error.sent]).toEqual(["connect.unsupported", "no"]);
  expect(error.message).toContain("nats://host/pool cannot be reached");
  expect(error.message).not.toContain("pw123");
});
