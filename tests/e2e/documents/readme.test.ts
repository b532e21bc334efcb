/** Follows the README: writes its files, runs its commands, and streams with its program on every runtime. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../../tools/lib/run.ts";
import { OWN_RUNTIME, type Program, startProgram } from "../../support/process.ts";
import { runtime, type RuntimeName } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { writeTree } from "../../support/tree.ts";
import { packageFolder } from "../support/package_folder.ts";
import { dataOf, type RunningWorker, startWorker } from "../worker/worker_support.ts";

const repository = join(import.meta.dirname, "../../..");
const readme = await readFile(join(repository, "README.md"), "utf8");
const manifest = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
  language: match[1] ?? "",
  text: match[2] ?? "",
}));

/** Command lines in the order of the README, without what follows a `#`. */
const commands = blocks.filter(({ language }) => language === "sh").flatMap(({ text }) =>
  text.replaceAll("\\\n", " ").split("\n").map((line) => line.replace(/\s+#.*/, "").trim()).filter((
    line,
  ) => line !== "")
);

/** Blocks that begin with the name of a file. */
const files = Object.fromEntries(
  blocks.flatMap(({ text }) => {
    const name = /^(?:#|\/\/) (demo\/\S+)\n/.exec(text)?.[1];
    return name === undefined ? [] : [[name, text]];
  }),
);

describe("the README", () => {
  test("holds nothing that is not tried here", () => {
    expect(commands.map((line) => line.replace(/\s+-H .*/, ""))).toEqual([
      "bun run worker",
      "curl -N http://127.0.0.1:8787/connectors/openai/chat.completions.create",
      "bun run vastar generate demo",
      "bun run simulator --port 4545",
      "VASTAR_ALLOW=127.0.0.1:4545 bun demo/main.ts",
      "bun run runtime --listen unix:/tmp/vastar.sock --allow 127.0.0.1:4545",
      "VASTAR_RUNTIME=unix:/tmp/vastar.sock bun demo/main.ts",
      "deno task test",
    ]);
    expect(Object.keys(files)).toEqual(["demo/connector.yaml", "demo/main.ts"]);
    const kinds = new Set(blocks.map(({ language }) => language));
    expect([...kinds]).toEqual(["sh", "yaml", "ts"]);
  });

  test("names scripts that exist, and the test command that is used everywhere", async () => {
    for (const line of commands) {
      const script = /^bun run (\S+)/.exec(line)?.[1];
      if (script !== undefined) expect(Object.keys(manifest.scripts)).toContain(script);
    }
    const ci = await readFile(join(repository, ".ci/run"), "utf8");
    const command = /`(npx -y deno@\S+ task test)`/.exec(readme)?.[1];
    expect(command).toBeDefined();
    expect(ci).toContain(`exec ${command}\n`);
  });
});

describe("the worker, asked as the README does", () => {
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await startWorker(OWN_RUNTIME);
  }, 60_000);

  afterAll(async () => {
    await worker.program.stop();
  });

  test("streams an answer without an account", async () => {
    const line = commands.find((command) => command.startsWith("curl ")) ?? "";
    const path = /http:\/\/127\.0\.0\.1:8787(\S+)/.exec(line)?.[1] ?? "";
    const body = /-d '([^']*)'/.exec(line)?.[1] ?? "";
    const response = await worker.post(path, body);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(dataOf(await response.text()).length).toBeGreaterThan(3);
  }, 60_000);
});

describe("the demo of the README", () => {
  let folder: string;
  let simulator: Program;
  let daemon: Program;
  let address: string;
  let target: string;

  beforeAll(async () => {
    folder = await packageFolder("readme");
    simulator = startProgram(OWN_RUNTIME, "cli/main.ts", [
      "simulator",
      "--port",
      "0",
      "--chunk-delay",
      "1",
    ]);
    const [, port = ""] = await simulator.waitFor(/ready on http:\/\/127\.0\.0\.1:(\d+)/);
    target = `127.0.0.1:${port}`;
    await writeTree(
      folder,
      Object.fromEntries(
        Object.entries(files).map((
          [name, text],
        ) => [name, text.replaceAll("127.0.0.1:4545", target)]),
      ),
    );
    address = `unix:${join(folder, "vastar.sock")}`;
    daemon = startProgram(OWN_RUNTIME, "cli/main.ts", [
      "runtime",
      "--listen",
      address,
      "--allow",
      target,
    ]);
    await daemon.waitFor(/ready on/);
    const own = runtime(OWN_RUNTIME);
    const generated = await run(own.path, own.script("cli/main.ts", "generate", "demo"), {
      cwd: folder,
    });
    expect(generated).toMatchObject({ ok: true });
  }, 60_000);

  afterAll(async () => {
    await daemon.stop();
    await simulator.stop();
    await rm(folder, { recursive: true });
  });

  async function demo(name: RuntimeName, env: Record<string, string>): Promise<string[]> {
    const { path, script } = runtime(name);
    const { ok, output } = await run(path, script("demo/main.ts"), { cwd: folder, env });
    expect({ ok, output: ok ? "" : output }).toEqual({ ok: true, output: "" });
    return output.trim().split("\n");
  }

  for (const name of OWN_SHARE) {
    const { missing } = runtime(name);
    const where = missing === undefined ? name : `${name}: ${missing}`;
    test.skipIf(missing !== undefined)(
      `streams in the process and through the daemon on ${where}`,
      async () => {
        const pieces = await demo(name, { VASTAR_ALLOW: target });
        expect(pieces.length).toBeGreaterThan(5);
        expect(await demo(name, { VASTAR_RUNTIME: address })).toEqual(pieces);
      },
      60_000,
    );
  }

  test("says what to do when the address was not allowed", async () => {
    const { path, script } = runtime(OWN_RUNTIME);
    const { ok, output } = await run(path, script("demo/main.ts"), {
      cwd: folder,
      env: { VASTAR_ALLOW: "" },
    });
    expect(ok).toBe(false);
    expect(output).toContain(`VASTAR_ALLOW=${target}`);
  }, 60_000);
});
