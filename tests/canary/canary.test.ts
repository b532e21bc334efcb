/** A configured secret, anything derived from it and any form an API gives it never leave the program. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import {
  ApiError,
  type AuthStep,
  call,
  type ConnectorData,
  type ConnectorDefinition,
  defineConnector,
  jsonResult,
  judgeSuccess,
  type OperationData,
  sse,
  stream,
} from "../../src/connector/mod.ts";
import type { ConnectorError } from "../../src/core/errors.ts";
import { describeFailure } from "../../cli/call/error.ts";
import { mcp } from "../../src/mcp/mod.ts";
import { createWorker } from "../../src/worker/mod.ts";
import { RuntimeClient } from "../../mod.ts";
import { type HostName, HOSTS } from "../conformance/hosts.ts";
import { startDaemonProcess } from "../e2e/support/daemon_process.ts";
import { NAMED } from "../support/certificates.ts";
import { OWN_RUNTIME } from "../support/process.ts";
import { OWN_CHORES, ownOf } from "../support/share.ts";
import { startUpstream, type UpstreamServer } from "../support/upstream.ts";
import { vastar } from "../unit/cli/support.ts";
import { type EchoingApi, startApi, TOKEN } from "./api.ts";
import { authKinds, CANARY, type Failing, FAILURES } from "./kinds.ts";
import { EVERY_CALL, expectNoneOf } from "./needles.ts";

let api: EchoingApi;
let untrusted: UpstreamServer;
let closed: string;

beforeAll(async () => {
  [api, untrusted] = await Promise.all([startApi(), startUpstream({ tls: NAMED })]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  closed = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  await new Promise((resolve) => server.close(resolve));
});
afterAll(() => Promise.all([api.close(), untrusted.close()]));

function allowed(): string[] {
  return [api.url, untrusted.url, closed].map((url) => new URL(url).host);
}

function expectNone(where: string, text: string): void {
  expectNoneOf(api, where, text);
}

function toolCall(name: string): Request {
  return new Request("http://localhost/mcp", {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      "mcp-protocol-version": "2025-11-25",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name, arguments: {} },
    }),
  });
}

function operationOf(failing: Failing): OperationData {
  const common = { id: "things.get", method: "GET", path: failing.path, result: jsonResult };
  return failing.stream
    ? { ...common, stream: { format: sse, done: "[DONE]", error: ["error"] } }
    : { ...common, judge: judgeSuccess };
}

function definition(auth: readonly AuthStep[], failing: Failing): ConnectorDefinition {
  const spec: ConnectorData = {
    id: "shop",
    version: "1.0.0",
    servers: {
      default: {
        url: failing.at === undefined ? api.url : failing.at === "closed" ? closed : untrusted.url,
      },
    },
    config: [{ name: "key", secret: true, env: "SHOP_KEY" }],
    auth,
    headers: [["X-Template", ["v1 ", { get: ["config", "key"] }]]],
    errors: {
      error: ApiError,
      message: ["error", "message"],
      code: ["error", "code"],
      requestId: "x-request-id",
      rules: [{
        error: ApiError,
        status: [200],
        body: [{ path: ["ok"], oneOf: [false] }],
        message: ["reason"],
      }],
    },
  };
  const operation = operationOf(failing);
  return defineConnector(spec, {
    title: "Shop",
    config: { key: { type: "string" } },
    types: {},
    schemas: {},
    operations: [[operation, failing.stream ? stream : call, {}]],
  });
}

/** The error of the whole call, as its caller gets it. */
async function failureOf(
  shop: ConnectorDefinition,
  runtime: RuntimeClient,
  failing: Failing,
): Promise<ConnectorError> {
  const client = shop.create({ key: CANARY, runtime });
  const options = { ...(failing.timeoutMs && { timeoutMs: failing.timeoutMs }) };
  try {
    const value: unknown = await shop.invoke(client, "things.get", {}, options);
    for await (const _ of value as AsyncIterable<unknown>);
  } catch (error) {
    return error as ConnectorError;
  }
  throw new Error(`${failing.path} did not fail`);
}

function expectClean(where: string, error: ConnectorError, shop: ConnectorDefinition): void {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    expectNone(`${where}, message`, `${at.message}\n${at.stack}\n${String(at)}`);
  }
  expectNone(`${where}, JSON`, JSON.stringify(error));
  expectNone(`${where}, inspected`, inspect(error, { depth: Infinity, showHidden: true }));
  if (error.name === "Error") return;
  expectNone(`${where}, vastar call`, describeFailure(error, shop, "things.get", "embedded:"));
}

/** What leaves does not depend on the kind of socket: one is for the run on Bun, the other for that on Deno. */
const ELSEWHERE: HostName = OWN_CHORES ? "tcp" : "unix";
for (const name of HOSTS.filter((host) => host !== ELSEWHERE)) {
  describe(`${name}: a canary`, () => {
    let runtime: RuntimeClient;
    let folder: string | undefined;
    let daemon: Awaited<ReturnType<typeof startDaemonProcess>> | undefined;
    beforeAll(async () => {
      const egress = { allow: allowed() };
      if (name === "embedded") {
        const engine = { breaker: false, retry: false } as const;
        runtime = new RuntimeClient({ address: "embedded:", egress, engine });
        return;
      }
      folder = mkdtempSync(join(tmpdir(), "vc-"));
      const config = join(folder, "runtime.yaml");
      writeFileSync(config, `log: { level: debug, format: text }\n${EVERY_CALL}`);
      const allow = egress.allow.flatMap((rule) => ["--allow", rule]);
      const listen = name === "tcp" ? "tcp://127.0.0.1:0" : `unix:${join(folder, "d.sock")}`;
      const admin = ["--admin", "tcp://127.0.0.1:0", "--config", config];
      daemon = await startDaemonProcess(OWN_RUNTIME, ["--listen", listen, ...admin, ...allow]);
      const [address] = daemon.addresses;
      if (address === undefined) throw new Error("no address");
      runtime = new RuntimeClient({
        address: address.kind === "unix"
          ? `unix:${address.path}`
          : `tcp://127.0.0.1:${address.port}`,
      });
    });
    afterAll(async () => {
      await runtime.close();
      await daemon?.kill();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });

    // Credentials are made before a call goes to a daemon.
    const kinds = Object.keys(authKinds(""));
    for (const kind of name === "embedded" ? kinds : ownOf(kinds)) {
      test(`of ${kind} is in no error, problem document or log`, async () => {
        for (const failing of FAILURES) {
          const auth = authKinds(api.url)[kind] ?? [];
          const where = `${kind} ${failing.at ?? ""}${failing.path}`;
          const shop = definition(auth, failing);
          expectClean(where, await failureOf(shop, runtime, failing), shop);
          const log: string[] = [];
          const worker = createWorker({
            connectors: [shop],
            runtime,
            config: {
              shop: { key: CANARY, ...(failing.timeoutMs && { timeoutMs: failing.timeoutMs }) },
            },
            env: () => undefined,
            parts: [mcp({ mode: "direct" })],
            onError: (text, _, error) => log.push(text, inspect(error, { depth: Infinity })),
          });
          const response = await worker.fetch(
            new Request("http://localhost/connectors/shop/things.get", {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: "{}",
            }),
          );
          const answered = `${JSON.stringify([...response.headers])} ${await response.text()}`;
          expect(answered).toContain('"requestId"');
          // What a stream yielded before it broke belongs to the API's answer.
          const failed = answered.slice(failing.stream ? answered.indexOf("event: error") : 0);
          expectNone(`${where}, worker`, failed);
          if (name === "embedded") {
            const tool = await (await worker.fetch(toolCall("shop_things_get"))).text();
            expect(tool).toContain('"isError":true');
            expectNone(`${where}, tool`, tool);
          }
          expectNone(`${where}, worker's log`, log.join("\n"));
        }
      }, 60_000);
    }

    test("is in nothing that the daemon says", async () => {
      if (daemon === undefined) return expect(name).toBe("embedded");
      const pages = await Promise.all(
        ["/metrics", "/config", "/readyz"].map(async (path) =>
          (await fetch(daemon?.admin + path)).text()
        ),
      );
      expect(pages[0]).toContain("vastar");
      expectNone("the daemon", pages.join("\n") + daemon.stdout() + daemon.stderr());
    });
  });
}

test("the needles are found where nothing takes them out", () => {
  expect(api.credentials.size).toBeGreaterThan(10);
  for (
    const text of [CANARY, btoa(`user:${CANARY}`), encodeURIComponent(CANARY), `Bearer ${TOKEN}`]
  ) {
    expect(() => expectNone("this", text)).toThrow("this holds");
  }
});

describe("the command", () => {
  test("says nothing of it", async () => {
    for (const more of [[], ["--json"]]) {
      for (const path of ["/400", "/bare", "/500"]) {
        const target = ["--base-url", api.url + path, "--allow", new URL(api.url).host];
        const { code, stdout, stderr } = await vastar(
          ["call", "openai", "models.list", ...target, ...more],
          { env: { OPENAI_API_KEY: CANARY, VASTAR_RUNTIME: undefined } },
        );
        expect(code).toBe(1);
        expect(stdout + stderr).toMatch(/request/);
        expectNone("vastar call", stdout + stderr);
      }
    }
  }, 120_000);
});
