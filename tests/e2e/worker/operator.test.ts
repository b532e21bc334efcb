/** A worker as an operator sets it up: two tenants with keys, limits and secrets of their own, one of which may only read. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { keysCreateCommand, keysRevokeCommand } from "../../../cli/keys/keys.ts";
import { workerCommand } from "../../../cli/serve/worker.ts";
import type { HttpServer } from "../../../src/core/serve/http_server.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import { type InProcess, runInProcess } from "../../unit/cli/in_process.ts";
import { folder } from "../../unit/cli/support.ts";

const COMMANDS = {
  "keys create": () => Promise.resolve(keysCreateCommand),
  "keys revoke": () => Promise.resolve(keysRevokeCommand),
  worker: () => Promise.resolve(workerCommand),
};
const CONFIG = `
publicUrl: https://connectors.example
jwt:
  - issuer: https://id.example
    audience: https://connectors.example/mcp
    jwks: https://id.example/jwks.json
tenants:
  acme:
    operations: { deny: ["stripe.*delete*"] }
    limit: { requests: 4, per: 1h }
    config:
      stripe: { apiKey: "\${ACME_STRIPE_KEY}" }
  audit:
    methods: { allow: [GET, HEAD] }
    config:
      stripe: { apiKey: sk_audit_secret }
`;
const ENV = { ACME_STRIPE_KEY: "sk_acme_secret", STRIPE_API_KEY: "sk_shared_secret" };

describe("a worker with two tenants", () => {
  let dir: Awaited<ReturnType<typeof folder>>;
  let api: HttpServer;
  let worker: InProcess;
  let url: string;
  const asked: string[] = [];
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    dir = await folder({ "worker.yaml": CONFIG });
    api = await serveHttp({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      fetch(request) {
        asked.push(`${request.method} ${request.headers.get("authorization")}`);
        return Response.json({ object: "list", data: [], has_more: false, url: "/v1/customers" });
      },
    });
    const create = async (...argv: string[]) => {
      const made = runInProcess(
        COMMANDS,
        ["keys", "create", "--keys", "keys.json", ...argv],
        dir.path,
      );
      expect(await made.code).toBe(0);
      return made.stdout().trim();
    };
    keys["acme"] = await create("--tenant", "acme", "--connector", "stripe");
    keys["audit"] = await create("--tenant", "audit");
    const { host } = new URL(api.url);
    worker = runInProcess(
      COMMANDS,
      [
        ..."worker --port 0 --host 0.0.0.0 --keys keys.json --config worker.yaml".split(" "),
        ...["--base-url", `stripe=${api.url}`, "--base-url", `openai=${api.url}`, "--allow", host],
      ],
      dir.path,
      ENV,
    );
    const [, port] = await worker.saw(/Worker ready on http:\/\/0\.0\.0\.0:(\d+)/);
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    worker.signal();
    expect(await worker.code).toBe(0);
    await api.stop(0);
    dir.remove();
  });

  const call = async (key: string | undefined, operation: string, body: unknown = {}) => {
    const response = await fetch(`${url}/connectors/${operation}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    expect(text).not.toMatch(/sk_\w+_secret/);
    const { code, detail } = JSON.parse(text) as { code?: string; detail?: string };
    return { status: response.status, code, detail, headers: response.headers };
  };

  test("refuses everyone without a key, with the way to get one", async () => {
    const { status, code, headers } = await call(undefined, "stripe/customers.list");
    expect([status, code]).toEqual([401, "access.required"]);
    expect(headers.get("www-authenticate")).toContain(
      'resource_metadata="https://connectors.example/.well-known/oauth-protected-resource/mcp"',
    );
    for (const path of ["/connectors", "/openapi.json"]) {
      expect((await fetch(url + path)).status).toBe(401);
    }
    // The console, where a person enters the key, tells nothing before.
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).not.toMatch(/acme|chat\.completions/);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(worker.stdout()).not.toContain("DEVELOPMENT");
  });

  test("calls with the secret of each tenant", async () => {
    asked.length = 0;
    expect(await call(keys["acme"], "stripe/customers.list")).toMatchObject({ status: 200 });
    expect(await call(keys["audit"], "stripe/customers.list")).toMatchObject({ status: 200 });
    expect(asked).toEqual(["GET Bearer sk_acme_secret", "GET Bearer sk_audit_secret"]);
  });

  test("refuses what a key or its tenant may not do, before the API hears of it", async () => {
    asked.length = 0;
    const refused = async (tenant: string, operation: string) => {
      const { status, code, detail } = await call(keys[tenant], operation);
      return [status, code, detail?.replace(/"[0-9a-f]{16}"/, "KEY")];
    };
    expect(await refused("acme", "openai/models.list")).toEqual([
      403,
      "access.denied",
      'The credential KEY may not use the connector "openai".',
    ]);
    expect(await refused("audit", "stripe/customers.create")).toEqual([
      403,
      "access.denied",
      'The tenant "audit" may not use the method POST.',
    ]);
    expect(asked).toEqual([]);
  });

  test("answers bad input with a problem document, and continues", async () => {
    expect(await call(keys["audit"], "stripe/customers.list", "{")).toMatchObject({
      status: 400,
      code: "input.json",
    });
    expect(await call(keys["audit"], "stripe/customers.list", { limit: "many" })).toMatchObject({
      status: 400,
      code: "input.invalid",
    });
    expect(await call(keys["audit"], "stripe/nothing")).toMatchObject({
      status: 404,
      code: "operation.unknown",
    });
  });

  test("holds each tenant to its own limit", async () => {
    let last = await call(keys["acme"], "stripe/customers.list");
    for (let more = 0; more < 4 && last.status === 200; more++) {
      last = await call(keys["acme"], "stripe/customers.list");
    }
    expect(last).toMatchObject({ status: 429, code: "access.limited" });
    expect(last.headers.get("ratelimit")).toMatch(/^"tenant";r=0;t=\d+$/);
    expect(last.headers.get("ratelimit-policy")).toBe('"tenant";q=4;w=3600');
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    const other = await call(keys["audit"], "stripe/customers.list");
    expect([other.status, other.headers.get("ratelimit")]).toEqual([200, null]);
  });
});

test("a worker without keys is for its own machine, and says so", async () => {
  const dir = await folder({
    "worker.yaml": "tenants:\n  acme:\n    config: { stripe: { apikey: x } }\n",
  });
  const outside = runInProcess(COMMANDS, ["worker", "--port", "0", "--host", "0.0.0.0"], dir.path);
  expect(await outside.code).toBe(2);
  expect(outside.stderr()).toContain("no key would be required");
  const wrong = runInProcess(
    COMMANDS,
    ["worker", "--port", "0", "--config", "worker.yaml"],
    dir.path,
  );
  expect(await wrong.code).toBe(1);
  expect(wrong.stderr()).toContain(
    'worker.yaml:3:25: unknown setting tenants.acme.config.stripe.apikey. Did you mean "apiKey"?',
  );
  const inside = runInProcess(COMMANDS, ["worker", "--port", "0"], dir.path);
  await inside.saw(/DEVELOPMENT MODE: no key is required/);
  await inside.saw(/Worker ready/);
  inside.signal();
  expect(await inside.code).toBe(0);
  dir.remove();
});
