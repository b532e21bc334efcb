/** As a user would: record an API, replay it without it, and see where it and its spec differ. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OpenAI } from "../../../connectors/openai/mod.gen.ts";
import { RuntimeClient } from "../../../mod.ts";
import { folder, start, type Started, vastar } from "../../unit/cli/support.ts";
import { hello, type ServedSimulator, serveSimulator } from "../worker/worker_support.ts";

const KEY = "sk-right-and-secret";
let root: Awaited<ReturnType<typeof folder>>;
let api: ServedSimulator;
const started: Started[] = [];

beforeAll(async () => {
  api = await serveSimulator({ apiKey: KEY, chunkDelayMs: 5 });
  root = await folder({});
});
afterAll(async () => {
  for (const { child } of started) child.kill();
  await api.server.stop(0);
  root.remove();
});

/** Runs a command that serves, and gives what it says it serves at. */
async function serve(
  pattern: RegExp,
  ...args: string[]
): Promise<{ url: string; program: Started }> {
  const program = start([...args, "--port", "0"], { cwd: root.path });
  started.push(program);
  await program.saw(pattern);
  return { url: pattern.exec(program.stdout())?.[1] ?? "", program };
}

async function ask(baseURL: string): Promise<{ text: string; models: unknown }> {
  const { host } = new URL(baseURL);
  await using runtime = new RuntimeClient({ egress: { allow: [host] } });
  const openai = new OpenAI({ apiKey: KEY, baseURL, runtime });
  const input = {
    ...JSON.parse(JSON.stringify(hello())) as Parameters<
      typeof openai.chat.completions.create
    >[0],
    stream: true as const,
  };
  return {
    text: await openai.chat.completions.create(input).text(),
    models: await openai.models.list(),
  };
}

test("record, replay, drift", async () => {
  const target = new URL(api.server.url).host;
  const recorder = await serve(
    /send its calls to (\S+)/,
    ...["record", "openai", "--base-url", `${api.server.url}/v1`, "--allow", target],
  );
  const said = await ask(recorder.url);
  expect(said.text).toMatch(/\w/);
  recorder.program.child.kill("SIGTERM");
  const ended = await recorder.program.finished;
  expect(ended.stdout).toContain("2 exchanges recorded");
  const file = join(root.path, "openai.recording.jsonl");
  expect(readFileSync(file, "utf8")).not.toContain(KEY);

  await api.server.stop(0);
  const replay = await serve(
    /Mock of openai at (\S+)/,
    "simulator",
    "--recording",
    file,
    "--speed",
    "0",
  );
  expect(await ask(replay.url)).toEqual(said);

  const same = await vastar(["spec", "drift", "openai", file], { cwd: root.path });
  expect(same).toMatchObject({ code: 0, stdout: "2 exchanges of openai: as the spec says.\n" });
  // The API gives a field more than it did.
  const models = readFileSync(file, "utf8").split("\n").find((line) => line.includes("/v1/models"));
  const list = '\\"object\\":\\"list\\"';
  appendFileSync(file, `${models?.replaceAll(list, `${list},\\"total\\":1`)}\n`);
  const args = ["spec", "drift", "openai", file, "--overlay", "-"];
  const changed = await vastar(args, { cwd: root.path });
  expect(changed.code).toBe(1);
  expect(changed.stdout).toContain("models.list: field-new at ModelList.total");
  expect(changed.stdout).toContain(
    "types:\n  ModelList:\n    properties:\n      total:\n        type: integer",
  );
}, 60_000);
