/** Streams with an idempotency key, of workers that share a daemon: the API is asked once, whoever asks, and wherever. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDaemon, createEngine, type Daemon, type Engine } from "../../../src/runtime.ts";
import { listen } from "../../../src/platform/listen.ts";
import { platform } from "#platform";
import { OWN_RUNTIME } from "../../support/process.ts";
import { type GatedApi, gatedApi } from "../support/resuming.ts";
import { CHAT, hello, type RunningWorker, startWorker, until } from "../worker/worker_support.ts";

const EVENTS = 12;
const ALL = Array.from({ length: EVENTS }, (_, at) => `u:${at}`);

describe("streams with a key through a daemon", () => {
  let folder: string;
  let api: GatedApi;
  let engine: Engine;
  let daemon: Daemon;
  let workers: RunningWorker[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vk-"));
    api = await gatedApi(EVENTS);
    engine = createEngine({ egress: { allow: [new URL(api.server.url).host] } }, { platform });
    daemon = createDaemon({ listen: [{ kind: "unix", path: join(folder, "s") }] }, {
      engine,
      listen,
    });
    await daemon.start();
    const env = {
      OPENAI_API_KEY: "sk-test",
      OPENAI_BASE_URL: `${api.server.url}/v1`,
    };
    const args = ["--runtime", `unix:${folder}/s`];
    workers = await Promise.all([0, 1].map(() => startWorker(OWN_RUNTIME, args, env)));
  }, 30_000);
  afterAll(async () => {
    for (const { program } of workers ?? []) program.signal("SIGKILL");
    await daemon?.stop();
    await engine?.close();
    await api?.server.stop(0);
    await rm(folder, { recursive: true });
  });

  const ask = async (worker: number, key: string, extra: object = {}): Promise<Response> =>
    await (workers[worker] as RunningWorker).post(
      CHAT,
      hello({ stream: true, user: "u", ...extra }),
      {
        headers: { "content-type": "application/json", "idempotency-key": key },
      },
    );

  /** Gathers what comes. */
  function reader(response: Response) {
    const state = { text: "", broken: false, done: Promise.resolve() };
    state.done = (async () => {
      try {
        const decoder = new TextDecoder();
        for await (const piece of response.body as ReadableStream<Uint8Array>) {
          state.text += decoder.decode(piece, { stream: true });
        }
      } catch {
        state.broken = true;
      }
    })();
    return state;
  }
  const contents = ({ text }: { readonly text: string }): string[] =>
    [...text.matchAll(/"content":"(u:\d+)"/g)].map(([, content = ""]) => content);
  const whole = (state: { readonly text: string }): unknown[] => [
    contents(state),
    state.text.trimEnd().endsWith("data: [DONE]"),
  ];

  test(
    "are joined from the first event on, by another worker, also when the first one dies",
    async () => {
      api.allow(4);
      const first = reader(await ask(0, "k1"));
      await until(() => contents(first).length === 4);
      const second = reader(await ask(1, "k1"));
      await until(() => contents(second).length === 4);
      workers[0]?.program.signal("SIGKILL");
      await first.done;
      expect([first.broken, contents(first).length]).toEqual([true, 4]);
      api.allow(EVENTS);
      await second.done;
      expect(whole(second)).toEqual([ALL, true]);
      // And afterwards it is there, without a call.
      const third = reader(await ask(1, "k1"));
      await third.done;
      expect(whole(third)).toEqual([ALL, true]);
      expect([api.asked(), api.left()]).toEqual([1, 0]);
    },
    30_000,
  );

  test("refuse another input under the key", async () => {
    const other = await ask(1, "k1", { temperature: 1 });
    expect([other.status, (await other.json() as { code: string }).code]).toEqual([
      422,
      "idempotency.mismatch",
    ]);
    expect(api.asked()).toBe(1);
  });

  test("of another key are another call", async () => {
    const other = reader(await ask(1, "k2"));
    await other.done;
    expect(whole(other)).toEqual([ALL, true]);
    expect(api.asked()).toBe(2);
  });
});
