/** Calls that a pool makes later: through a real queue, with members that die in the middle. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { RuntimeClient, type RuntimeClientOptions } from "../../../mod.ts";
import { failure } from "../../conformance/context.ts";
import { DaemonProcess } from "../../conformance/hosts.ts";
import { natsBinaryMissing, NatsServer } from "../../support/nats.ts";
import { titled } from "../../support/runtimes.ts";
import { until } from "../../support/upstream.ts";

const SECRET = "the secret of the pool in this test";
const CREDENTIAL = "Bearer sk-very-secret-credential";

interface Hit {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** An API that answers with the path, at once or when it is told to. */
class Api {
  readonly hits: Hit[] = [];
  readonly #held: (() => void)[] = [];
  /** Statuses of the next answers; then 200. */
  readonly statuses: number[] = [];
  readonly server = createServer((request, response) => this.#serve(request, response));
  url = "";

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  at(path: string): Hit[] {
    return this.hits.filter((hit) => hit.path === path);
  }

  release(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    let body = "";
    request.on("data", (bytes) => body += String(bytes));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      this.hits.push({ method, path, headers, body });
      const answer = () => {
        response.statusCode = this.statuses.shift() ?? 200;
        response.end(
          path.startsWith("/large") ? "x".repeat(3_000_000) : `${method} ${path} ${body}`,
        );
      };
      if (path.startsWith("/hold")) this.#held.push(answer);
      else answer();
    });
  }
}

describe("submitted calls", () => {
  const lacks = natsBinaryMissing;
  const it = (title: string, run: () => Promise<void>) =>
    test.skipIf(lacks !== undefined)(titled(title, lacks), run, 60_000);
  const api = new Api();
  let server: NatsServer;
  let nats: NatsConnection;
  let address = "";
  const members: DaemonProcess[] = [];
  const clients: RuntimeClient[] = [];

  const start = async () => {
    const engine = {
      egress: { allow: [api.url.replace("http://", "")] },
      retry: { attempts: 1 },
      breaker: false as const,
    };
    const member = await DaemonProcess.start(address, engine, SECRET);
    members.push(member);
    return member;
  };
  const client = (options: RuntimeClientOptions = {}) => {
    const one = new RuntimeClient({ address, ...options });
    clients.push(one);
    return one;
  };
  beforeAll(async () => {
    if (lacks !== undefined) return;
    await api.start();
    server = await NatsServer.start();
    address = `nats://${server.at}/jobs`;
    nats = await connect({ servers: server.at });
    await start();
  });
  afterAll(async () => {
    if (lacks !== undefined) return;
    await Promise.all(clients.map((one) => one.close()));
    for (const member of members) member.kill();
    await nats.close();
    await server.stop();
    api.server.closeAllConnections();
    api.server.close();
  });

  it("are made, and their results fetched, also by another program", async () => {
    const job = await client().submit({ url: `${api.url}/one?a=b` });
    const response = await job.result();
    expect([response.statusCode, response.text()]).toEqual([200, "GET /one?a=b "]);
    expect((await client().job(job.id).result()).text()).toBe("GET /one?a=b ");
    expect(api.at("/one?a=b").length).toBe(1);
    const large = await (await client().submit({ url: `${api.url}/large` })).result();
    expect(large.body.length).toBe(3_000_000);
  });

  it("are taken only if they may be repeated", async () => {
    const post = { method: "POST", url: `${api.url}/post`, body: "b" };
    const refused = await failure(client().submit(post));
    expect([refused.code, refused.getErrorClassName()]).toEqual([
      "submit.not_idempotent",
      "InvalidRequest",
    ]);
    const keyed = { ...post, idempotencyKey: "k-1", headers: { "idempotency-key": "k-1" } };
    const job = await client().submit(keyed);
    expect((await job.result()).text()).toBe("POST /post b");
    expect(api.at("/post").map(({ headers }) => headers["idempotency-key"])).toEqual(["k-1"]);
    const much = { method: "PUT", url: `${api.url}/put`, body: new Uint8Array(2_000_000) };
    expect((await failure(client().submit(much))).code).toBe("submit.too_large");
  });

  it("submitted twice under one id are one", async () => {
    const id = "order-4711";
    const [one, two] = await Promise.all([
      client().submit({ url: `${api.url}/twice` }, { id }),
      client().submit({ url: `${api.url}/twice` }, { id }),
    ]);
    await Promise.all([one.result(), two.result()]);
    await client().submit({ url: `${api.url}/twice` }, { id });
    expect((await client().job(id).result()).statusCode).toBe(200);
    expect(api.at("/twice").length).toBe(1);
  });

  it("belong to their tenant", async () => {
    const id = "of-acme-1";
    await (await client({ tenantId: "acme" }).submit({ url: `${api.url}/acme` }, { id })).result();
    expect((await failure(client({ tenantId: "other" }).job(id).result())).code)
      .toBe("submit.unknown");
    const tenants = ["one", "two", "three", "four"];
    const texts = await Promise.all(tenants.map(async (tenantId) => {
      const job = await client({ tenantId }).submit({ url: `${api.url}/of-${tenantId}` }, { id });
      return (await job.result()).text();
    }));
    expect(texts).toEqual(tenants.map((tenantId) => `GET /of-${tenantId} `));
    const acme = await client({ tenantId: "acme" }).job(id).result();
    expect(acme.text()).toBe("GET /acme ");
  });

  it("belong to their tenant also when only their results are left", async () => {
    const id = "of-acme-2";
    await (await client({ tenantId: "acme" }).submit({ url: `${api.url}/old` }, { id })).result();
    const manager = await jetstreamManager(nats);
    const { state } = await manager.streams.info("vastar_jobs_results", { subjects_filter: ">" });
    for (const subject of Object.keys(state.subjects ?? {})) {
      if (subject.includes(".result.jobs.") && !subject.endsWith(".result.0")) {
        await manager.streams.purge("vastar_jobs_results", { filter: subject });
      }
    }
    const other = client({ tenantId: "other" });
    const job = await other.submit({ url: `${api.url}/new` }, { id });
    expect((await job.result()).text()).toBe("GET /new ");
  });

  it("say how they failed, and that they are not done yet", async () => {
    const denied = await (await client().submit({ url: "http://127.0.0.1:9/" })).result()
      .catch((error: unknown) => error);
    expect(denied).toMatchObject({ code: "egress.denied", sent: "no" });
    const job = await client().submit({ url: `${api.url}/hold/slow` });
    expect((await failure(job.result({ timeoutMs: 50 }))).code).toBe("submit.pending");
    await until(() => api.at("/hold/slow").length === 1, "the call");
    const result = job.result();
    api.release();
    expect((await result).statusCode).toBe(200);
    expect((await failure(client().job("never-there").result())).code).toBe("submit.unknown");
  });

  it("tell a webhook, signed, until it has taken the result", async () => {
    api.statuses.push(200, 503);
    const webhook = `${api.url}/webhook`;
    const job = await client().submit({ url: `${api.url}/told` }, { webhook });
    await until(() => api.at("/webhook").length === 2, "the second attempt of the webhook");
    expect(api.at("/told").length).toBe(1);
    for (const { headers, body } of api.at("/webhook")) {
      expect(headers["webhook-id"]).toBe(job.id);
      const signed = `${job.id}.${headers["webhook-timestamp"]}.${body}`;
      const signature = createHmac("sha256", SECRET).update(signed).digest("base64");
      expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
      const told = JSON.parse(body) as { id: string; status: number; body: string };
      expect([told.id, told.status, atob(told.body)]).toEqual([job.id, 200, "GET /told "]);
    }
    // The policy for where calls may go applies to webhooks.
    const inside = await client().submit({ url: `${api.url}/in` }, {
      webhook: "http://127.0.0.1:9/",
    });
    expect((await inside.result()).statusCode).toBe(200);
  });

  it("survive the death of the member that makes them, and no member stops in the middle", async () => {
    const other = await start();
    const id = "dies-once";
    const job = await client().submit({ url: `${api.url}/hold/dies` }, { id });
    await until(() => api.at("/hold/dies").length === 1, "the call");
    // One of the two has it; both are replaced, one after the other, one of them without notice.
    await start();
    members[0]!.kill();
    process.kill(other.pid, "SIGTERM");
    // Whoever was told to stop lets its job finish; that of the other is made again.
    await Promise.race([
      other.exited,
      until(() => api.at("/hold/dies").length === 2, "the second call"),
    ]);
    api.release();
    const again = setInterval(() => api.release(), 20);
    expect((await job.result()).statusCode).toBe(200);
    clearInterval(again);
    await other.exited;
    expect(other.exitCode).toBe(0);
    expect(api.at("/hold/dies").length).toBeLessThanOrEqual(2);
  });

  it("wait sealed: what is on the server shows neither credentials nor tenants, and what is forged is dropped", async () => {
    const secret = { url: `${api.url}/sealed`, headers: { authorization: CREDENTIAL } };
    const job = await client({ tenantId: "acme-tenant" }).submit(secret);
    await job.result();
    expect(api.at("/sealed").map(({ headers }) => headers.authorization)).toEqual([CREDENTIAL]);
    const manager = await jetstreamManager(nats);
    let seen = 0;
    const { state } = await manager.streams.info("vastar_jobs_results");
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage("vastar_jobs_results", { seq }).catch(() =>
        null
      );
      if (message === null) continue;
      seen++;
      const text = message.subject + new TextDecoder().decode(message.data);
      for (const hidden of ["sk-very-secret", "acme-tenant", "/sealed"]) {
        expect(text).not.toContain(hidden);
      }
    }
    expect(seen).toBeGreaterThan(2);
    for (const bytes of [new Uint8Array(0), new Uint8Array(100)]) {
      await jetstream(nats).publish("vastar.v1.job.jobs.forged-1", bytes);
    }
    expect((await (await client().submit({ url: `${api.url}/after` })).result()).statusCode).toBe(
      200,
    );
    expect((await failure(client().job("forged-1").result())).code).toBe("submit.unknown");
    const info = await manager.streams.info("vastar_jobs_jobs");
    expect(info.state.messages).toBe(0);
  });
});

test("calls are submitted to pools only", async () => {
  await using client = new RuntimeClient({ address: "embedded:" });
  expect((await failure(client.submit({ url: "https://a.example" }))).code).toBe(
    "submit.unsupported",
  );
});
