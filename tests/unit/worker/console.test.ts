/** The page of the worker as it is served, and the figures that it shows. */
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { apiKeys, consolePage, createKey, figures } from "../../../src/worker/mod.ts";
import { RuntimeClient } from "../../../mod.ts";
import { get, post, testWorker } from "./support.ts";

const NOTES = "/connectors/notes/notes.create";

describe("the page", () => {
  test("is one small file without anything from elsewhere, and nothing but its own script runs", async () => {
    const worker = testWorker({}, { title: "A <b> & co" });
    const response = await get(worker, "/");
    const html = await response.text();
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(html.length).toBeLessThan(100_000);
    expect(html).toContain("<title>A &lt;b&gt; &amp; co</title>");
    expect(html).not.toMatch(/(?:src|href)="(?!data:)|url\(|@import|style="/);
    expect(policy).not.toContain("unsafe");
    for (const tag of ["script", "style"]) {
      const text = new RegExp(`<${tag}(?: type="module")?>([^]*)</${tag}>`).exec(html)?.[1] ?? "";
      const hash = createHash("sha256").update(text).digest("base64");
      expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
    }
    const etag = response.headers.get("etag") ?? "";
    const again = await get(worker, "/", { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("needs no key, as it holds nothing that would", async () => {
    const { key } = await createKey({ tenant: "acme" }, new Date());
    const worker = testWorker({}, { access: [apiKeys([key])] });
    const response = await get(worker, "/");
    expect(response.status).toBe(200);
    expect(await response.text()).not.toContain("Notes");
  });

  test("carries its settings, whatever is written in them", async () => {
    const part = consolePage({
      links: { "</script>": "docs" },
      standIns: { notes: { baseURL: "http://127.0.0.1:1/v1", options: {} } },
    });
    const html = await (await get(testWorker({}, { parts: [part] }), "/")).text();
    const settings = /id="settings">(.*?)<\/script>/.exec(html)?.[1] ?? "";
    expect(JSON.parse(settings)).toEqual({
      title: "Vastar Connector",
      links: [["</script>", "docs"]],
      standIns: { notes: { baseURL: "http://127.0.0.1:1/v1", options: {} } },
    });
  });
});

describe("figures", () => {
  const handlers = { "notes.create": (input: unknown) => input };
  const read = async (worker: Parameters<typeof get>[0], key?: string) => {
    const headers: HeadersInit = key === undefined ? {} : { authorization: `Bearer ${key}` };
    return await (await get(worker, "/figures", { headers })).json() as Record<string, unknown>;
  };

  test("without tenants are of all calls and of the engine behind them", async () => {
    await using runtime = new RuntimeClient({ address: "embedded:" });
    const worker = testWorker(handlers, { parts: [figures()], runtime });
    await post(worker, NOTES, { text: "hi" });
    await post(worker, NOTES, {});
    await get(worker, NOTES);
    expect(await read(worker)).toMatchObject({
      calls: { total: 2, failed: 1 },
      tenants: [],
      runtime: { healthy: true, active: 0 },
      engine: { breakers: { closed: 0, others: [] }, quotas: [] },
    });
  });

  test("of a runtime elsewhere are what it says of its health, without its address", async () => {
    const health = () => Promise.reject(new Error("cannot connect to /run/secret.sock"));
    const call = () => Promise.reject(new Error("not used"));
    const found = await read(testWorker({}, { parts: [figures()], runtime: { call, health } }));
    expect(found["runtime"]).toMatchObject({ healthy: false });
    expect(JSON.stringify(found)).not.toContain("secret.sock");
    expect(found).not.toHaveProperty("engine");
  });

  test("are of its own calls for a tenant, and of all for an operator", async () => {
    const make = (tenant: string) => createKey({ tenant }, new Date());
    const [acme, zeta, ops] = await Promise.all([make("acme"), make("zeta"), make("ops")]);
    await using runtime = new RuntimeClient({ address: "embedded:" });
    const worker = testWorker(handlers, {
      parts: [figures()],
      runtime,
      access: [apiKeys([acme.key, zeta.key, ops.key])],
      tenants: { ops: { operator: true } },
    });
    const call = (key: string, body: object) =>
      post(worker, NOTES, body, {
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      });
    await call(acme.text, { text: "hi" });
    await call(acme.text, {});
    await call(zeta.text, { text: "hi" });
    const own = await read(worker, acme.text);
    expect(own).toMatchObject({ calls: { total: 2, failed: 1 } });
    expect(JSON.stringify(own)).not.toContain("zeta");
    expect(own).not.toHaveProperty("runtime");
    expect(own["engine"]).toEqual({ breakers: { others: [] }, quotas: [] });
    expect(await read(worker, ops.text)).toMatchObject({
      calls: { total: 3 },
      tenants: [{ tenant: "acme", total: 2, failed: 1 }, { tenant: "zeta", total: 1, failed: 0 }],
      runtime: { healthy: true },
    });
    expect((await get(worker, "/figures")).status).toBe(401);
  });
});
