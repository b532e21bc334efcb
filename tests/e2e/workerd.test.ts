/** The bundled worker inside workerd itself, against the simulator over loopback. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Miniflare, Response as MiniflareResponse } from "miniflare";
import { run } from "../../tools/lib/run.ts";
import { runtime } from "../support/runtimes.ts";
import { CHAT, hello, type ServedSimulator, serveSimulator } from "./worker_support.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

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
    const flags = ["--target=browser", "--conditions=workerd", `--outfile=${out}`];
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
