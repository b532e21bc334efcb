/** Who may call, what, and how often: two tenants with keys, limits and secrets of their own. */
import { describe, expect, test } from "bun:test";
import type { CallOptions } from "../../../../src/connector/data/options.ts";
import type { ConnectorDefinition } from "../../../../src/connector/definition/definition.ts";
import {
  apiKeys,
  createKey,
  createWorker,
  type WorkerOptions,
} from "../../../../src/worker/mod.ts";
import { mcp } from "../../../../src/mcp/mod.ts";
import { fakeClock } from "../../../support/clock.ts";
import { BASE, get, post, testConnector, testOperation } from "../support.ts";

/** Answers with the secret that its client was made with, as an API would see it. */
function spy(id: string, used: unknown[]): ConnectorDefinition {
  const connector = testConnector({}, id);
  const operations = [
    { ...testOperation("items.list"), method: "GET" },
    testOperation("items.create"),
    testOperation("files.delete"),
  ];
  return {
    ...connector,
    operations,
    create: (options = {}) => ({ ...connector.create(options), key: options["apiKey"] }) as never,
    invoke(client, operation, _input, options: CallOptions = {}) {
      used.push([id, operation, (client as never as { key: string }).key, options.tenantId]);
      return Object.assign(Promise.resolve({ ok: true }), { kind: "value" }) as never;
    },
  };
}

async function setup(options: Partial<WorkerOptions> = {}) {
  const used: unknown[] = [];
  const clock = fakeClock();
  const now = new Date("2026-01-01T00:00:00Z");
  const writer = await createKey({ tenant: "acme", connectors: { allow: ["notes"] } }, now);
  const reader = await createKey({ tenant: "zeta", methods: { allow: ["GET", "HEAD"] } }, now);
  const expired = await createKey({ tenant: "acme", expiresAt: "2026-01-02T00:00:00Z" }, now);
  const worker = createWorker({
    connectors: [spy("notes", used), spy("mail", used)],
    runtime: { call: () => Promise.reject(new Error("not used")) },
    config: { notes: { apiKey: "sk-of-the-worker" }, mail: { apiKey: "sk-mail" } },
    env: () => undefined,
    access: [apiKeys([writer.key, reader.key, expired.key])],
    clock,
    tenants: {
      acme: {
        operations: { deny: ["notes.files.*"] },
        limit: { requests: 2, perMs: 10_000 },
        config: { notes: { apiKey: "sk-of-acme" } },
      },
      zeta: { limit: { requests: 5, perMs: 1_000 } },
    },
    ...options,
  });
  const call = (key: string, path: string, init: RequestInit = {}) =>
    post(worker, `/connectors/${path}`, {}, {
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      ...init,
    });
  return {
    worker,
    call,
    clock,
    used,
    writer: writer.text,
    reader: reader.text,
    expired: expired.text,
  };
}

async function problemOf(response: Response) {
  const { status, headers } = response;
  const body = await response.json() as { code: string; detail: string; sent: string };
  return { status, challenge: headers.get("www-authenticate"), ...body };
}

describe("with keys", () => {
  test("a request without one, with another's or with half of one is refused", async () => {
    const { worker, writer, expired } = await setup();
    const ask = (authorization?: string) =>
      get(worker, "/connectors", authorization === undefined ? {} : { headers: { authorization } })
        .then(problemOf);
    expect(await ask()).toMatchObject({
      status: 401,
      code: "access.required",
      sent: "no",
      challenge: 'Bearer realm="vastar"',
    });
    expect(await ask("Basic dXNlcjpwYXNz")).toMatchObject({ status: 401, code: "access.required" });
    const changed = writer.slice(0, -1) + (writer.endsWith("A") ? "B" : "A");
    for (
      const wrong of [changed, writer.replace(/_[0-9a-f]/, "_x"), "eyJ.x", "vsk_", `${writer}x`]
    ) {
      expect(await ask(`Bearer ${wrong}`)).toMatchObject({
        status: 401,
        code: "access.invalid",
        challenge: 'Bearer realm="vastar", error="invalid_token"',
      });
    }
    expect(await ask(`Bearer ${expired}`)).toMatchObject({ code: "access.expired" });
    expect(
      (await get(worker, "/connectors", { headers: { authorization: `bearer  ${writer}` } }))
        .status,
    )
      .toBe(200);
  });

  test("health asks for none, and tells nothing but whether it is well", async () => {
    const { worker, writer } = await setup();
    expect((await get(worker, "/livez")).status).toBe(200);
    expect(await (await get(worker, "/readyz")).json()).toEqual({ status: "ready" });
    const own = await get(worker, "/readyz", { headers: { authorization: `Bearer ${writer}` } });
    expect(await own.json()).toMatchObject({ checks: { notes: {} } });
  });

  test("each tenant calls with its own secret, or with the worker's, and never sees one", async () => {
    const { worker, call, used, writer, reader } = await setup();
    expect((await call(writer, "notes/items.create")).status).toBe(200);
    expect((await call(reader, "notes/items.list")).status).toBe(200);
    expect(used.slice(-2)).toEqual([
      ["notes", "items.create", "sk-of-acme", "acme"],
      ["notes", "items.list", "sk-of-the-worker", "zeta"],
    ]);
    const about = await get(worker, "/connectors/notes", {
      headers: { authorization: `Bearer ${reader}` },
    });
    expect(await about.text()).not.toContain("sk-of");
  });

  test("what the lists of the key or of the tenant do not let through is refused and not shown", async () => {
    const { worker, call, used, writer, reader } = await setup();
    const told = async (key: string, path: string) => {
      const { status, code, detail } = await problemOf(await call(key, path));
      return [status, code, detail];
    };
    expect(await told(writer, "mail/items.list")).toEqual([
      403,
      "access.denied",
      expect.stringMatching(/^The credential "[0-9a-f]{16}" may not use the connector "mail"\.$/),
    ]);
    expect(await told(reader, "notes/items.create")).toEqual([
      403,
      "access.denied",
      expect.stringMatching(/^The credential "[0-9a-f]{16}" may not use the method POST\.$/),
    ]);
    expect(await told(writer, "notes/files.delete")).toEqual([
      403,
      "access.denied",
      'The tenant "acme" may not use the operation "notes.files.delete".',
    ]);
    expect(used).toEqual([]);
    const list = await get(worker, "/connectors", {
      headers: { authorization: `Bearer ${reader}` },
    });
    const { connectors } = await list.json() as {
      connectors: { id: string; operations: string[] }[];
    };
    expect(connectors.map(({ id, operations }) => [id, ...operations])).toEqual([
      ["notes", "items.list"],
      ["mail", "items.list"],
    ]);
  });

  test("each tenant has its limit, told with every answer", async () => {
    const { call, clock, writer, reader } = await setup();
    const send = async (key: string) => {
      const { status, headers } = await call(key, "notes/items.list");
      return [
        status,
        headers.get("ratelimit"),
        headers.get("ratelimit-policy"),
        headers.get("retry-after"),
      ];
    };
    const policy = '"tenant";q=2;w=10';
    expect(await send(writer)).toEqual([200, '"tenant";r=1;t=5', policy, null]);
    expect(await send(writer)).toEqual([200, '"tenant";r=0;t=10', policy, null]);
    expect(await send(writer)).toEqual([429, '"tenant";r=0;t=10', policy, "5"]);
    expect(await send(reader)).toEqual([200, '"tenant";r=4;t=1', '"tenant";q=5;w=1', null]);
    await clock.advance(5_000);
    expect((await send(writer))[0]).toBe(200);
  });

  test("which calls of tools that come in one request count towards, too", async () => {
    const { worker, writer } = await setup({ parts: [mcp({ mode: "direct" })] });
    const calls = Array.from({ length: 5 }, (_, id) => ({
      jsonrpc: "2.0",
      id,
      method: "tools/call",
      params: { name: "notes_items_list", arguments: {} },
    }));
    const response = await post(worker, "/mcp", calls, {
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        authorization: `Bearer ${writer}`,
      },
    });
    const codes = (await response.text()).matchAll(/"code":"([\w.]+)"/g);
    const limited = [...codes].filter(([, code]) => code === "access.limited");
    expect(limited.length).toBe(3);
  });

  test("a key that is taken out of its source ends at once", async () => {
    const { key, text } = await createKey({ tenant: "acme" }, new Date());
    const kept = new Map([[key.id, key]]);
    const { worker } = await setup({ access: [apiKeys({ find: (id) => kept.get(id) })] });
    const ask = () => get(worker, "/connectors", { headers: { authorization: `Bearer ${text}` } });
    expect((await ask()).status).toBe(200);
    kept.clear();
    expect((await ask()).status).toBe(401);
    expect(JSON.stringify(key)).not.toContain(text.slice(-43));
  });
});

describe("without keys", () => {
  const bare = () => setup({ access: "development", tenants: {} });

  test("only this machine is answered", async () => {
    const { worker } = await bare();
    const ask = async (url: string, host?: object) => {
      const response = await worker.fetch(new Request(url), host);
      return response.status === 200 ? 200 : (await problemOf(response)).code;
    };
    const bunServer = (address: string) => ({ requestIP: () => ({ address }) });
    for (const url of [BASE, "http://127.0.0.1:1", "http://[::1]:1", "http://app.localhost"]) {
      expect(await ask(`${url}/connectors`)).toBe(200);
    }
    expect(await ask("http://example.com/connectors")).toBe("access.development");
    expect(await ask("http://192.168.0.5/connectors")).toBe("access.development");
    // A Host header can say anything; the connection cannot.
    for (const address of ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1"]) {
      expect(await ask(`${BASE}/connectors`, bunServer(address))).toBe("access.development");
      expect(await ask(`${BASE}/connectors`, { remoteAddr: { hostname: address } }))
        .toBe("access.development");
    }
    expect(await ask(`${BASE}/connectors`, bunServer("::ffff:127.0.0.1"))).toBe(200);
    // A proxy on this machine is local, and those who come through it are not.
    const proxied = new Request(`${BASE}/connectors`, { headers: { "x-forwarded-for": "::1" } });
    expect((await worker.fetch(proxied, bunServer("127.0.0.1"))).status).toBe(403);
    expect(await ask("http://example.com/livez")).toBe(200);
  });

  test("anyone is, where the operator says that something else asks", async () => {
    const { worker } = await setup({ access: "open" });
    expect((await worker.fetch(new Request("http://example.com/connectors"))).status).toBe(200);
  });
});

test("options about access that make no sense are refused", async () => {
  const code = (options: Partial<WorkerOptions>) =>
    setup(options).then(() => undefined, (error: { code: string }) => error.code);
  expect(await code({ access: [] })).toBe("worker.options");
  expect(await code({ publicUrl: "connectors" })).toBe("worker.options");
  expect(await code({ tenants: { a: { config: { nots: {} } } } })).toBe("worker.options");
  expect(await code({ tenants: { a: { limit: { requests: 0, perMs: 1 } } } })).toBe(
    "worker.options",
  );
  expect(await code({ tenants: { a: { methods: { allow: ["G E T"] } } } })).toBe("config.option");
});
