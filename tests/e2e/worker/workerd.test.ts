/** The bundled worker inside workerd itself, against the simulator over loopback. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Miniflare, Response as MiniflareResponse } from "miniflare";
import { ConnectorError, RuntimeClient } from "../../../mod.ts";
import { run } from "../../../tools/lib/run.ts";
import { runtime } from "../../support/runtimes.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";
import { platform } from "#platform";
import { listen } from "../../../src/platform/listen.ts";
import { createDaemon, createEngine, type Daemon, type Engine } from "../../../src/runtime.ts";
import { type GatedApi, gatedApi } from "../support/resuming.ts";
import { CHAT, hello, readUntil, type ServedSimulator, serveSimulator } from "./worker_support.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Of a file of the repository, or of the text of a program that has the package installed. */
async function bundle(source: { readonly file: string } | { readonly text: string }) {
  const folder = await mkdtemp(join(tmpdir(), "vastar-workerd-"));
  try {
    const out = join(folder, "worker.js");
    const entry = "file" in source ? source.file : join(folder, "main.ts");
    if ("text" in source) {
      await mkdir(join(folder, "node_modules", "@vastar"), { recursive: true });
      await symlink(ROOT, join(folder, "node_modules", "@vastar", "connector"));
      await writeFile(entry, source.text);
    }
    const flags = [
      "--target=browser",
      "--conditions=workerd",
      "--external=cloudflare:*",
      `--outfile=${out}`,
    ];
    const built = await run(runtime("bun").path, ["build", entry, ...flags], { cwd: ROOT });
    if (!built.ok) throw new Error(built.output);
    return await readFile(out, "utf8");
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("the worker on workerd", () => {
  let api: ServedSimulator;
  let workerd: Miniflare;

  beforeAll(async () => {
    api = await serveSimulator({ chunkDelayMs: 5 });
    workerd = new Miniflare({
      modules: true,
      script: await bundle({ file: "src/platform/workerd/worker.ts" }),
      compatibilityDate: "2026-01-01",
      bindings: {
        OPENAI_API_KEY: "sk-test",
        OPENAI_BASE_URL: `${api.server.url}/v1`,
        ANTHROPIC_API_KEY: "sk-test",
        ANTHROPIC_BASE_URL: "http://169.254.169.254",
        VASTAR_ALLOW: new URL(api.server.url).host,
      },
      // Else it asks the network for the properties of a request's origin.
      cf: false,
    });
    await workerd.ready;
  });

  afterAll(async () => {
    await workerd?.dispose();
    await api?.server.stop(0);
  });

  const post = (path: string, body: object) =>
    workerd.dispatchFetch(`http://localhost${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  test("answers whole", async () => {
    const response = await post(CHAT, hello());
    expect(response.status).toBe(200);
    const completion = await response.json() as { choices: { message: { content: string } }[] };
    expect(completion.choices[0]?.message.content).toContain("simulator");
  });

  test("streams to the sentinel", async () => {
    const response = await post(CHAT, hello({ stream: true }));
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = (await response.text()).split("\n\n").filter((event) => event !== "");
    expect(events.length).toBeGreaterThan(5);
    expect(events.at(-1)).toBe("data: [DONE]");
  });

  test("tells what is wrong with an input", async () => {
    const response = await post(CHAT, hello({ model: 5 }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "input.invalid" });
  });

  test("keeps the egress policy", async () => {
    const response = await post("/connectors/anthropic/models.list", {});
    expect(await response.json()).toMatchObject({ code: "egress.denied" });
  });

  test("describes itself", async () => {
    expect((await workerd.dispatchFetch("http://localhost/livez")).status).toBe(200);
    expect((await workerd.dispatchFetch("http://localhost/openapi.json")).status).toBe(200);
  });
});

/** Calls what it is sent, with the engine, and tells what came of each. */
const CALLER = `import { ConnectorError, RuntimeClient } from "@vastar/connector";
const one = async ([method, url]) => {
  const engine = { breaker: false, egress: { allow: ["127.0.0.0/8"] } };
  const client = new RuntimeClient({ engine, retries: 0 });
  const body = method === "POST" ? "x" : undefined;
  try {
    // Long enough for a head, which one of them sends, beside all the others.
    const timeoutMs = url.includes("hang") ? 2_000 : 30_000;
    const answer = await client.executeHTTP({ method, url, body, timeoutMs });
    return [answer.statusCode, answer.bytes().length];
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return [error.getErrorClassName(), error.code, error.sent];
  } finally {
    await client.close();
  }
};
export default {
  async fetch(request) {
    const results = [];
    for (const call of await request.json()) results.push(await one(call));
    return Response.json(results);
  },
};`;

type Result = readonly [string | number, ...(string | number)[]];

const ENCODED_BADLY: readonly [Result, Result] = [
  ["Transient", "upstream.bad_encoding", "maybe"],
  ["Permanent", "upstream.bad_encoding", "maybe"],
];

/** What a GET and a POST see, in this order: the same as on other runtimes, or what workerd's fetch leaves of it. */
const FAULTS: Readonly<Record<string, readonly [Result, Result]>> = {
  "/reset": both("Transient", "upstream.reset", "maybe"),
  "/close": both("Transient", "upstream.reset", "maybe"),
  "/reset-mid": both("Permanent", "upstream.truncated", "committed"),
  "/truncate": [
    ["Transient", "upstream.truncated", "maybe"],
    ["Permanent", "upstream.truncated", "maybe"],
  ],
  "/truncate-chunked": both("Permanent", "upstream.truncated", "committed"),
  "/hang": both("Timeout", "deadline.exceeded", "maybe"),
  "/hang-mid": both("Timeout", "deadline.exceeded", "committed"),
  "/redirects?n=30": both("Permanent", "redirect.too_many", "committed"),
  "/until-close": both(200, 13),
  "/gzip": both(200, 10_000),
  "/gzip-bad": ENCODED_BADLY,
  "/gzip-truncated": ENCODED_BADLY,
  "/br-truncated": ENCODED_BADLY,
  "/bomb?mb=5": both("Permanent", "response.inflated", "committed"),
  "/br": both(200, 10_000),
  "/deflate": both(200, 10_000),
  "/deflate-raw?chunked": both(200, 10_000),
  "/gzip-gzip": both(200, 10_000),
  "/status?code=503": both(503, 3),
};

/** Here it only says that something failed. */
const OWN_FAULTS: Readonly<Record<string, readonly [Result, Result]>> = {
  "/bad-http": both("Permanent", "upstream.failed", "maybe"),
  "/bad-chunk": both("Permanent", "upstream.failed", "committed"),
  "/big-head?kb=2048": both("Permanent", "upstream.failed", "maybe"),
  "http://127.0.0.1:1/": both("Transient", "upstream.reset", "maybe"),
  "http://10.0.0.1/": both("Permanent", "egress.denied", "no"),
};

function both(...result: Result): readonly [Result, Result] {
  return [result, result];
}

describe("the engine's faults on workerd", () => {
  let upstream: UpstreamServer;
  let workerd: Miniflare;
  beforeAll(async () => {
    upstream = await startUpstream();
    workerd = new Miniflare({
      modules: true,
      script: await bundle({ text: CALLER }),
      compatibilityDate: "2026-01-01",
      cf: false,
      // It logs each failure of a fetch, with a stack.
      handleRuntimeStdio: (...outputs: { resume(): void }[]) => {
        for (const output of outputs) output.resume();
      },
    });
    await workerd.ready;
  });
  afterAll(async () => {
    await workerd?.dispose();
    await upstream?.close();
  });

  /** By target, what a GET and a POST come to. */
  async function seen(
    targets: readonly string[],
    run: (calls: string[][]) => Promise<Result[]>,
  ): Promise<object> {
    const calls = targets.flatMap((target) => {
      const url = target.startsWith("/") ? upstream.url + target : target;
      return [["GET", url], ["POST", url]];
    });
    const results = await run(calls);
    return Object.fromEntries(
      targets.map((target, at) => [target, [results[2 * at], results[2 * at + 1]]]),
    );
  }

  const onWorkerd = async (calls: string[][]): Promise<Result[]> => {
    const body = JSON.stringify(calls);
    const answer = await workerd.dispatchFetch("http://localhost", { method: "POST", body });
    return await answer.json() as Result[];
  };

  test("have the class, the code and what was sent that they have on this runtime", async () => {
    await using client = new RuntimeClient({
      address: "embedded:",
      engine: { breaker: false, egress: { allow: ["127.0.0.0/8"] } },
      retries: 0,
    });
    const here = (calls: string[][]): Promise<Result[]> =>
      Promise.all(calls.map(async ([method = "", url = ""]): Promise<Result> => {
        const timeoutMs = url.includes("hang") ? 2_000 : 30_000;
        const body = method === "POST" ? "x" : null;
        try {
          const answer = await client.executeHTTP({ method, url, body, timeoutMs });
          return [answer.statusCode, answer.bytes().length];
        } catch (error) {
          if (!(error instanceof ConnectorError)) throw error;
          return [error.getErrorClassName(), error.code, error.sent];
        }
      }));
    const targets = Object.keys(FAULTS);
    expect(await seen(targets, onWorkerd)).toEqual(FAULTS);
    expect(await seen(targets, here)).toEqual(FAULTS);
  });

  test("say as much as workerd lets them where it tells less", async () => {
    expect(await seen(Object.keys(OWN_FAULTS), onWorkerd)).toEqual(OWN_FAULTS);
  });
});

/** One client for all requests, whose calls are repeated. */
const REPEATER = `import { RuntimeClient } from "@vastar/connector";
let client;
export default {
  async fetch(request) {
    client ??= new RuntimeClient({ engine: { egress: { allow: ["127.0.0.0/8"] } } });
    const answer = await client.executeHTTP({ method: "GET", url: await request.text() });
    return Response.json([answer.statusCode, answer.attempts]);
  },
};`;

test(
  "requests to workerd whose calls wait to be repeated at the same time do not hinder each other",
  async () => {
    const seen = new Map<string, number>();
    const server = createServer(({ url = "" }, response) => {
      const times = (seen.get(url) ?? 0) + 1;
      seen.set(url, times);
      response.writeHead(times === 1 ? 503 : 200, times === 1 ? { "retry-after": "1" } : {}).end();
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    const workerd = new Miniflare({
      modules: true,
      script: await bundle({ text: REPEATER }),
      compatibilityDate: "2026-01-01",
      cf: false,
    });
    try {
      await workerd.ready;
      const ask = async (at: number) => {
        await new Promise((later) => setTimeout(later, at * 300));
        const body = `http://127.0.0.1:${port}/${at}`;
        const answer = await workerd.dispatchFetch("http://localhost/", { method: "POST", body });
        return await answer.json();
      };
      // Each begins while the one before waits, and one when none does any more.
      const answers = await Promise.all([0, 1, 2, 8].map(ask));
      expect(answers).toEqual(answers.map(() => [200, 2]));
    } finally {
      await workerd.dispose();
      server.close();
    }
  },
  30_000,
);

describe("the program of docs/worker.md on workerd", () => {
  let api: ServedSimulator;
  let script: string;
  const running: Miniflare[] = [];

  beforeAll(async () => {
    api = await serveSimulator({ apiKey: "sk-right-and-secret" });
    const text = await readFile(join(ROOT, "docs/worker.md"), "utf8");
    const program = /## In your own program\n\n```ts\n([\s\S]*?)```/.exec(text)?.[1];
    if (program === undefined) throw new Error("docs/worker.md has no program of its own.");
    script = await bundle({ text: program });
  });

  afterAll(async () => {
    await Promise.all(running.map((one) => one.dispose()));
    await api?.server.stop(0);
  });

  const start = (bindings: Record<string, string>): Miniflare => {
    const workerd = new Miniflare({
      modules: true,
      script,
      compatibilityDate: "2026-01-01",
      bindings,
      cf: false,
      // What it fetches from the API goes to the simulator.
      outboundService: async (request: { url: string; method: string; headers: object }) => {
        const { pathname } = new URL(request.url);
        const asked = request as unknown as Request;
        const answer = await fetch(api.server.url + pathname, {
          method: asked.method,
          headers: { authorization: asked.headers.get("authorization") ?? "" },
          ...(asked.method === "GET" ? {} : { body: await asked.text() }),
        });
        return new MiniflareResponse(await answer.text(), { status: answer.status });
      },
    });
    running.push(workerd);
    return workerd;
  };

  test("reads its key from the bindings", async () => {
    const workerd = start({ OPENAI_API_KEY: "sk-right-and-secret" });
    const ready = await workerd.dispatchFetch("http://localhost/readyz");
    expect([ready.status, await ready.json()]).toMatchObject([200, {
      checks: { openai: { ok: true } },
    }]);
    const response = await workerd.dispatchFetch(`http://localhost${CHAT}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(hello()),
    });
    expect([response.status, await response.json()]).toMatchObject([200, {
      object: "chat.completion",
    }]);
  });

  test("without its key says so, and is not ready", async () => {
    const workerd = start({});
    const ready = await workerd.dispatchFetch("http://localhost/readyz");
    expect([ready.status, await ready.json()]).toMatchObject([503, {
      status: "not ready",
      checks: { openai: { ok: false, code: "config.missing" } },
    }]);
  });
});

describe("a worker on workerd whose calls a daemon executes", () => {
  let api: GatedApi;
  let engine: Engine;
  let daemon: Daemon;
  let workerd: Miniflare;

  beforeAll(async () => {
    api = await gatedApi(20);
    engine = createEngine({ egress: { allow: [new URL(api.server.url).host] } }, { platform });
    daemon = createDaemon({ listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }] }, {
      engine,
      listen,
    });
    await daemon.start();
    const [address] = daemon.addresses;
    if (address?.kind !== "tcp") throw new Error("The daemon listens elsewhere.");
    const script = await bundle({
      text: `import { RuntimeClient } from "@vastar/connector";
import { definition as openai } from "@vastar/connector/connectors/openai";
import { createWorker } from "@vastar/connector/worker";
import { platform } from "@vastar/connector/workerd";
const runtime = new RuntimeClient({ address: "tcp://127.0.0.1:${address.port}", platform });
export default createWorker({
  connectors: [openai],
  runtime,
  onError: (text) => console.error(text),
  config: { openai: { apiKey: "sk", baseURL: "${api.server.url}/v1" } },
});`,
    });
    workerd = new Miniflare({ modules: true, script, compatibilityDate: "2026-01-01", cf: false });
    await workerd.ready;
  });
  afterAll(async () => {
    await workerd?.dispose();
    await daemon?.stop();
    await engine?.close();
    await api?.server.stop(0);
  });

  test("streams, and goes on with a stream that another request began", async () => {
    const url = String(await workerd.ready).replace(/\/$/, "");
    const read = async (from?: string) =>
      await fetch(url + CHAT, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(from !== undefined && { "last-event-id": from }),
        },
        body: JSON.stringify(hello({ stream: true, user: "u" })),
      });
    api.allow(5);
    const first = await readUntil(await read(), (text) => text.includes('"u:3"'));
    const id = /^id: (\S+)\ndata: .*"u:3"/m.exec(first)?.[1];
    api.allow(20);
    const rest = await (await read(id)).text();
    const contents = [...rest.matchAll(/"content":"u:(\d+)"/g)].map(([, n]) => Number(n));
    expect(contents).toEqual(Array.from({ length: 16 }, (_, n) => n + 4));
    expect(rest.trimEnd().endsWith("data: [DONE]")).toBe(true);
    expect(api.asked()).toBe(1);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
  });
});
