/** Members of a pool as their operators and users meet them. */
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient, type RuntimeClientOptions } from "../../../mod.ts";
import { Packet, packet, readPacket } from "../../../src/nats/packet.ts";
import { subjectsOf } from "../../../src/nats/subjects.ts";
import type { MemberInfo } from "../../../src/nats/presence.ts";
import { askPool } from "../../../src/platform/nats/ask_pool.ts";
import { parseNatsAddress } from "../../../src/transport/nats_address.ts";
import { failure } from "../../conformance/context.ts";
import { natsMissing, sharedNats } from "../../support/nats.ts";
import { OWN_RUNTIME, startProgram } from "../../support/process.ts";
import { titled } from "../../support/runtimes.ts";
import { startUpstream, until, type UpstreamServer } from "../../support/upstream.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

const TOKEN = "a-token-of-the-tenant-acme-0123456789";
const it = (title: string, run: () => Promise<void>) =>
  test.skipIf(natsMissing !== undefined)(titled(title, natsMissing), run, 60_000);

describe("a pool of two members and one for special calls", () => {
  let address = "";
  let upstream: UpstreamServer;
  const folder = mkdtempSync(join(tmpdir(), "vp-"));
  const members = new Map<string, DaemonProcess>();
  const clients: RuntimeClient[] = [];

  const client = (options: RuntimeClientOptions = {}) => {
    const one = new RuntimeClient({ address, ...options });
    clients.push(one);
    return one;
  };
  const start = async (name: string, only: readonly string[] = []) => {
    const file = join(folder, `${name}.yaml`);
    const config = {
      join: { address, name, only },
      tenants: { acme: {} },
      tokens: [{ token: TOKEN, tenant: "acme" }],
    };
    writeFileSync(file, JSON.stringify(config));
    const args = ["--config", file, "--allow", `127.0.0.1:${upstream.port}`];
    members.set(name, await startDaemonProcess(OWN_RUNTIME, args));
  };
  const status = async (): Promise<Map<string, MemberInfo>> => {
    const all = await askPool(parseNatsAddress(address), { timeoutMs: 5_000 });
    return new Map(all.map((one) => [one.name, one]));
  };
  /** Figures come with the next beat. */
  const figures = async (right: (all: Map<string, MemberInfo>) => boolean) => {
    let all = await status();
    for (let tries = 0; !right(all) && tries < 200; tries++) {
      await new Promise((wake) => setTimeout(wake, 50));
      all = await status();
    }
    return all;
  };

  beforeAll(async () => {
    if (natsMissing !== undefined) return;
    address = `nats://${await sharedNats()}/test-${crypto.randomUUID()}`;
    upstream = await startUpstream();
    await Promise.all([start("one"), start("two"), start("special", ["connector=rare"])]);
  });
  afterAll(async () => {
    await Promise.all(clients.map((one) => one.close()));
    await Promise.all([...members.values()].map((one) => one.kill()));
    await upstream?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("shows them with `vastar status --pool`", async () => {
    const ask = () => startProgram(OWN_RUNTIME, "cli/main.ts", ["status", "--pool", address]);
    let program = ask();
    // Members that start together hear of each other with their first beats.
    while (await program.exited === 0 && !program.output().includes("3 members")) program = ask();
    expect(program.output()).toMatch(/has 3 members: 0 calls active, 0 so far, 0 failed\.\n/);
    expect(program.output()).toMatch(/special .* ready .* connector=rare\n/);
  });

  it("gives calls to the one with least to do, and special ones to the one for them", async () => {
    const one = client();
    await one.connect();
    await figures((all) => all.get("one")?.sessions === 1 && all.get("two")?.sessions === 1);
    const hanging = new AbortController();
    const calls = Array.from(
      { length: 20 },
      () => failure(one.executeHTTP({ url: `${upstream.url}/hang`, signal: hanging.signal })),
    );
    const rare = failure(one.call({
      connector: "rare",
      operation: "x",
      method: "GET",
      url: `${upstream.url}/hang`,
      headers: [],
      body: null,
      signal: hanging.signal,
    }));
    const busy = (all: Map<string, MemberInfo>) =>
      ["one", "two", "special"].map((name) => all.get(name)?.calls);
    expect(busy(await figures((all) => busy(all).join() === "10,10,1"))).toEqual([10, 10, 1]);
    hanging.abort();
    for (const error of await Promise.all([...calls, rare])) {
      expect(error.code).toBe("call.cancelled");
    }
    expect(busy(await figures((all) => busy(all).join() === "0,0,0"))).toEqual([0, 0, 0]);
  });

  it("binds tenants to tokens, as on TCP", async () => {
    const call = { url: `${upstream.url}/json` };
    expect((await client({ tenantId: "acme", token: TOKEN }).executeHTTP(call)).statusCode).toBe(
      200,
    );
    expect((await failure(client({ tenantId: "acme" }).executeHTTP(call))).code)
      .toBe("tenant.token_required");
    expect((await failure(client({ tenantId: "other", token: TOKEN }).executeHTTP(call))).code)
      .toBe("tenant.mismatch");
    const wrong = await failure(
      client({ token: "nobody-has-this-one-0123456789" }).executeHTTP(call),
    );
    expect([wrong.code, wrong.sent]).toEqual(["auth.refused", "no"]);
  });

  it("bears what anyone may send over the server", async () => {
    const nats = await connect({ servers: address.replace("nats://", "").split("/")[0] ?? "" });
    const subjects = subjectsOf(address.split("/").at(-1) ?? "");
    const reply = subjects.client("stranger", "1");
    let answers = 0;
    const sessions: { readonly subject: string; readonly stream: number }[] = [];
    nats.subscribe(reply, {
      callback: (_, message) => {
        answers++;
        const packet = readPacket(message.data);
        if (packet?.kind !== Packet.Accept || message.reply === undefined) return;
        sessions.push({ subject: message.reply, stream: packet.stream });
      },
    });
    const junk = (seed: number) => Uint8Array.from({ length: 50 }, (_, at) => (at * seed) % 251);
    for (let seed = 1; seed <= 50; seed++) {
      // Junk in place of a packet, of frames, of a greeting; then answers to wherever it pleases.
      nats.publish(subjects.call, junk(seed), { reply });
      nats.publish(subjects.call, packet(Packet.Open, 0, 0, junk(seed)), { reply });
      nats.publish(subjects.call, packet(Packet.Open, 0, 0, junk(seed)), { reply: "_INBOX.x" });
      nats.publish(subjects.here, junk(seed));
      nats.publish(subjects.list, junk(seed), { reply });
    }
    await nats.flush();
    await until(() => sessions.length === 50, "the sessions");
    for (const [at, { subject, stream }] of sessions.entries()) {
      nats.publish(subject, packet(Packet.Data, stream, 1, junk(at + 1)));
      nats.publish(subject, packet(Packet.Data, stream, 9, junk(at + 1)));
    }
    await nats.flush();
    expect((await client().executeHTTP({ url: `${upstream.url}/json` })).statusCode).toBe(200);
    expect((await status()).size).toBe(3);
    expect(answers).toBeGreaterThan(50);
    await nats.close();
  });

  it("lets a member that stops finish its calls, and sends new ones to others", async () => {
    const one = client();
    const open = Array.from(
      { length: 8 },
      () => one.executeHTTP({ url: `${upstream.url}/slow?ms=1500` }),
    );
    await until(
      () => upstream.requests.filter(({ path }) => path === "/slow").length === 8,
      "calls",
    );
    // A client has one session at first: whichever has the calls leaves.
    const busy = await figures((all) => ["one", "two"].some((name) => all.get(name)!.calls > 0));
    const name = busy.get("one")!.calls > 0 ? "one" : "two";
    const leaving = members.get(name)!;
    leaving.signal("SIGTERM");
    let more = 0;
    let over = false;
    void leaving.exit.then(() => over = true);
    while (!over) {
      expect((await one.executeHTTP({ url: `${upstream.url}/json` })).statusCode).toBe(200);
      more++;
      await new Promise((wake) => setTimeout(wake, 20));
    }
    expect(await leaving.exit).toBe(0);
    expect((await Promise.all(open)).map(({ statusCode }) => statusCode)).toEqual(
      Array(8).fill(200),
    );
    expect(more).toBeGreaterThan(0);
    const left = [...(await figures((all) => all.size === 2)).keys()].sort();
    expect(left).toEqual(["one", "special", "two"].filter((one) => one !== name));
    await start(name);
  });

  it("without the member for them, special calls go to any", async () => {
    const one = client();
    const rare = () =>
      one.call({
        connector: "rare",
        operation: "x",
        method: "GET",
        url: `${upstream.url}/json`,
        headers: [],
        body: null,
      });
    expect((await rare()).status).toBe(200);
    await members.get("special")!.kill();
    // The first may be lost with it; what follows is not.
    await rare().catch(() => {});
    await figures((all) => !all.has("special"));
    expect((await rare()).status).toBe(200);
  });

  it("says so when there is no member, and when there is no server", async () => {
    const [host = ""] = address.replace("nats://", "").split("/");
    const alone = await failure(
      client({ address: `nats://${host}/test-${crypto.randomUUID()}` }).executeHTTP({
        url: "http://a.example",
      }),
    );
    expect([alone.code, alone.sent, alone.isRetryable()]).toEqual(["pool.no_member", "no", true]);
    const nowhere = await failure(
      client({ address: "nats://127.0.0.1:1/p" }).executeHTTP({ url: "http://a.example" }),
    );
    expect([nowhere.code, nowhere.sent]).toEqual(["connect.refused", "no"]);
  });
});
