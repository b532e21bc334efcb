/** The bundled worker inside workerd itself, against the simulator over loopback. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Miniflare } from "miniflare";
import { run } from "../../tools/lib/run.ts";
import { runtime } from "../support/runtimes.ts";
import { CHAT, hello, type ServedSimulator, serveSimulator } from "./worker_support.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vastar-workerd-"));
  try {
    const out = join(folder, "worker.js");
    const entry = "src/platform/workerd/worker.ts";
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
      script: await bundle(),
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
