/** The recipe of docs/worker.md for workerd: its files are written, its commands run, and it streams an answer. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { run } from "../../../tools/lib/run.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_CHORES } from "../../support/share.ts";
import { writeTree } from "../../support/tree.ts";
import {
  CHAT,
  dataOf,
  hello,
  type ServedSimulator,
  serveSimulator,
} from "../worker/worker_support.ts";

const repository = join(import.meta.dirname, "../../..");
const page = await readFile(join(repository, "docs/worker.md"), "utf8");
const recipe = page.slice(page.indexOf("## In your own program"));

const blocks = [...recipe.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
  .map(([, language = "", text = ""]) => ({ language, text }));
const commands = blocks.filter(({ language }) => language === "sh")
  .flatMap(({ text }) => text.trim().split("\n"));
const files = Object.fromEntries(
  blocks.filter(({ language }) => language !== "sh").map(({ text }) => {
    const [, name = "", content = ""] = /^(?:#|\/\/) (\S+)\n([\s\S]*)$/.exec(text) ?? [];
    return [name, content];
  }).filter(([name]) => name !== ""),
);
const KEY = "sk-right-and-secret";
const INTERNET = /network = \(allow = \["public"\].*\)\),$/m;

const bun = runtime("bun");
const reason = OWN_CHORES ? bun.missing : "workerd is the same everywhere, the run on Bun tries it";

describe.skipIf(reason !== undefined)(titled("the recipe for workerd", reason), () => {
  let api: ServedSimulator;
  let folder: string;
  let workerd: ChildProcess;
  let url: string;

  beforeAll(async () => {
    api = await serveSimulator({ apiKey: KEY, chunkDelayMs: 1 });
    folder = await mkdtemp(join(tmpdir(), "vastar-recipe-"));
    await mkdir(join(folder, "node_modules/@vastar"), { recursive: true });
    await symlink(repository, join(folder, "node_modules/@vastar/connector"));
    // In place of the API, everything that the worker fetches goes to the simulator.
    const { host } = new URL(api.server.url);
    const config = files["config.capnp"] ?? "";
    expect(config).toMatch(INTERNET);
    await writeTree(folder, {
      "worker.ts": files["worker.ts"] ?? "",
      "config.capnp": config.replace(INTERNET, `external = (address = "${host}", http = ())),`),
    });
    const build = commands.find((command) => command.startsWith("bun build ")) ?? "";
    const built = await run(bun.path, build.split(" ").slice(1), { cwd: folder });
    expect(built).toMatchObject({ ok: true });
    const serve = commands.find((command) => command.includes("npx workerd ")) ?? "";
    const [, args = ""] = /npx workerd (.*)$/.exec(serve) ?? [];
    // Its own package knows the binary of this system.
    const require = createRequire(join(repository, "node_modules/miniflare/package.json"));
    const program = (require("workerd") as { default: string }).default;
    const port = ["--socket-addr=http=127.0.0.1:0", "--control-fd=1"];
    workerd = spawn(program, [...args.split(" "), ...port], {
      cwd: folder,
      env: { ...process.env, OPENAI_API_KEY: KEY },
      stdio: ["ignore", "pipe", "inherit"],
    });
    url = await new Promise((resolve, reject) => {
      let output = "";
      workerd.stdout?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const found = /"port":(\d+)/.exec(output)?.[1];
        if (found !== undefined) resolve(`http://127.0.0.1:${found}`);
      });
      workerd.once("error", reject);
      workerd.once("exit", () => reject(new Error(`workerd ended: ${output}`)));
    });
  }, 60_000);

  afterAll(async () => {
    workerd?.kill("SIGKILL");
    await api?.server.stop(0);
    await rm(folder, { recursive: true });
  });

  test("has the files and commands that are tried here, and those that need an account", () => {
    expect(Object.keys(files)).toEqual(["worker.ts", "config.capnp", "wrangler.jsonc"]);
    expect(commands.map((command) => command.split(" ").slice(0, 3).join(" "))).toEqual([
      "npm install @vastar/connector",
      "bun build worker.ts",
      "OPENAI_API_KEY=sk-… npx workerd",
      "npx wrangler secret",
      "npx wrangler deploy",
    ]);
  });

  test("streams an answer with the key of the binding", async () => {
    const response = await fetch(url + CHAT, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(hello({ stream: true })),
    });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(dataOf(text).length).toBeGreaterThan(3);
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
  });

  test("gives Wrangler the same bundle and the same date", () => {
    const wrangler = JSON.parse(files["wrangler.jsonc"] ?? "") as Record<string, unknown>;
    const config = files["config.capnp"] ?? "";
    expect(config).toContain(`embed "${String(wrangler["main"])}"`);
    expect(config).toContain(`compatibilityDate = "${String(wrangler["compatibility_date"])}"`);
    expect(wrangler["no_bundle"]).toBe(true);
  });
});
