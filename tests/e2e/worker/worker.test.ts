import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { builtInAnswers } from "../../../src/simulator/mod.ts";
import { startProgram } from "../../support/process.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import {
  CHAT,
  dataOf,
  hello,
  readUntil,
  type RunningWorker,
  type ServedSimulator,
  serveSimulator,
  startWorker,
  until,
} from "./worker_support.ts";

const HELLO = builtInAnswers.find(({ name }) => name === "hello")?.text ?? "";
type Chunk = { choices: { delta: { content?: string } }[] };
type Problem = {
  status: number;
  code: string;
  detail: string;
  errors?: { path: string; message: string }[];
};

// Each runtime tries itself; Node, which has no test run of its own, is tried by Bun's.

for (const name of OWN_SHARE) {
  const { missing } = runtime(name);
  describe.skipIf(missing !== undefined)(
    titled(`the worker on ${name}, without configuration`, missing),
    () => {
      let worker: RunningWorker;
      let simulatorUrl = "";
      beforeAll(async () => {
        worker = await startWorker(name);
        simulatorUrl = /simulator on (http:\S+)/.exec(worker.program.output())?.[1] ?? "";
      });
      afterAll(async () => {
        await worker.program.stop();
      });

      test("says that the simulator answers", () => {
        expect(worker.program.output()).toMatch(
          /OPENAI_API_KEY is not set: openai is answered by the bundled simulator on http:\/\/127\.0\.0\.1:\d+\n/,
        );
      });

      test("streams a chat completion", async () => {
        const response = await worker.post(CHAT, hello({ stream: true }));
        expect(response.status).toBe(200);
        expect(response.headers.get("content-type")).toContain("text/event-stream");
        const text = await response.text();
        expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
        const chunks = dataOf(text) as Chunk[];
        expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(HELLO);
      });

      test("answers a chat completion whole", async () => {
        const body = await (await worker.post(CHAT, hello())).json() as {
          choices: { message: { content: string } }[];
        };
        expect(body.choices[0]?.message.content).toBe(HELLO);
      });

      test("lists models, gets one, embeds a text", async () => {
        const list = await (await worker.post("/connectors/openai/models.list", {})).json() as {
          data: unknown[];
        };
        expect(list.data.length).toBeGreaterThan(3);
        const model =
          await (await worker.post("/connectors/openai/models.retrieve", { model: "gpt-4o" }))
            .json();
        expect(model).toMatchObject({ id: "gpt-4o" });
        const input = { model: "text-embedding-3-small", input: "x", dimensions: 8 };
        const vectors = await (await worker.post("/connectors/openai/embeddings.create", input))
          .json() as { data: { embedding: number[] }[] };
        expect(vectors.data[0]?.embedding.length).toBe(8);
      });

      test("uploads a file as form data", async () => {
        const form = new FormData();
        form.append("purpose", "assistants");
        form.append("file", new File(["hello"], "notes.txt"));
        const init = { method: "POST", body: form };
        const response = await fetch(`${worker.url}/connectors/openai/files.create`, init);
        expect([response.status, await response.json()]).toMatchObject([200, { object: "file" }]);
      });

      test("refuses invalid input with the path of each mistake", async () => {
        const response = await worker.post(CHAT, { messages: [{ role: "me", content: "x" }] });
        expect(response.status).toBe(400);
        const problem = await response.json() as Problem;
        expect(problem.code).toBe("input.invalid");
        expect(problem.errors?.map(({ path }) => path)).toEqual(["$.model", "$.messages[0].role"]);
      });

      test("knows its connectors and near names", async () => {
        expect(await (await fetch(`${worker.url}/connectors/openai`)).json()).toMatchObject({
          id: "openai",
          configured: true,
        });
        const unknown = await worker.post("/connectors/openai/chat.completion.create", {});
        expect(unknown.status).toBe(404);
        expect((await unknown.json() as Problem).detail).toContain(
          'Did you mean "chat.completions.create"?',
        );
      });

      test("is ready, and serves a page and an OpenAPI document whose references resolve", async () => {
        const ready = await fetch(`${worker.url}/readyz`);
        expect(ready.status).toBe(200);
        expect(await ready.json()).toMatchObject({
          checks: { runtime: { ok: true }, openai: { ok: true } },
        });
        const page = await (await fetch(worker.url)).text();
        expect(page).toContain('"standIns":{"openai":{"baseURL":"http://127.0.0.1:');
        const document = await (await fetch(`${worker.url}/openapi.json`)).json() as Record<
          string,
          unknown
        >;
        expect(document["openapi"]).toMatch(/^3\.1/);
        const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((
          match,
        ) => match[1] ?? "");
        expect(references.length).toBeGreaterThan(10);
        for (const reference of references) {
          const found = reference.split("/").reduce<unknown>(
            (at, key) => (at as Record<string, unknown> | undefined)?.[key],
            document,
          );
          expect([reference, found !== undefined]).toEqual([reference, true]);
        }
      });

      test("a browser that stops its stream ends the simulator's", async () => {
        const stats = async () =>
          await (await fetch(`${simulatorUrl}/health`)).json() as {
            active: number;
            cancelled: number;
          };
        const before = await stats();
        const response = await worker.post(CHAT, hello({ stream: true }));
        const text = await readUntil(response, (seen) => /^id: \S+\ndata: .*content/m.test(seen));
        const [, id] = /^id: (\S+)$/m.exec(text) ?? [];
        const stopped = await fetch(`${worker.url}${CHAT}/streams/${id}`, { method: "DELETE" });
        expect(stopped.status).toBe(204);
        await until(async () => (await stats()).cancelled === before.cancelled + 1);
        expect((await stats()).active).toBe(0);
      });
    },
  );

  describe.skipIf(missing !== undefined)(
    titled(`the worker on ${name}, between a client and its API`, missing),
    () => {
      let mode = "";
      let api: ServedSimulator;
      let worker: RunningWorker;
      const faults: Record<string, object> = {
        stall: { kind: "stall", after: 3 },
        // Longer than a call may wait, and a status that is not tried again: the engine repeats neither.
        limited: { status: 429, retryAfter: "3600" },
        failing: { status: 501 },
        reset: { kind: "reset", after: 3 },
        unfinished: { kind: "no-done" },
        malformed: { kind: "malformed", after: 2 },
        inband: { kind: "error-event", after: 2 },
      };
      beforeAll(async () => {
        api = await serveSimulator({ apiKey: "sk-right-and-secret", faults: () => faults[mode] });
        const elsewhere = ["--base-url", "anthropic=http://127.0.0.1:9"];
        worker = await startWorker(name, [...api.args, ...elsewhere, "--resume-window", "0"], {
          ...api.env,
          ANTHROPIC_API_KEY: "sk-none",
        });
      });
      afterAll(async () => {
        await worker.program.stop();
        await api.server.stop(0);
      });

      test("the first pieces arrive although the last is never made, and leaving ends the call", async () => {
        mode = "stall";
        const before = api.simulator.stats().cancelled;
        const response = await worker.post(CHAT, hello({ stream: true }));
        const text = await readUntil(response, (got) => got.split("\n\n").length > 3);
        expect(dataOf(text).length).toBe(3);
        await until(() => api.simulator.stats().cancelled === before + 1);
      });

      test("leaving before the answer begins ends the call too", async () => {
        mode = "stall";
        const before = api.simulator.stats().cancelled;
        const leave = new AbortController();
        const response = worker.post(CHAT, hello(), { signal: leave.signal }).catch(() => "left");
        await until(() => api.simulator.stats().active > 0);
        leave.abort();
        expect(await response).toBe("left");
        await until(() => api.simulator.stats().cancelled === before + 1);
      });

      test("a failing API is 502", async () => {
        mode = "failing";
        expect((await worker.post(CHAT, hello())).status).toBe(502);
      });

      for (const kind of ["reset", "unfinished", "malformed", "inband"]) {
        test(`a stream that is ${kind} ends in an error event, never in [DONE]`, async () => {
          mode = kind;
          const text = await (await worker.post(CHAT, hello({ stream: true }))).text();
          expect(text).toContain("event: error\ndata: {");
          expect(text).not.toContain("[DONE]");
        });
      }

      test("what the API refuses is passed on, what it says about the key is not", async () => {
        mode = "";
        const unknown = await worker.post(CHAT, hello({ model: "does-not-exist" }));
        expect(unknown.status).toBe(404);
        expect(await unknown.text()).toContain("does-not-exist");
        expect(worker.program.output()).not.toContain("sk-right-and-secret");
      });

      // Last of those that share the worker: it has learned the limit, and makes no more calls to this API.
      test("a limit of the API is 429 with Retry-After", async () => {
        mode = "limited";
        for (const stream of [true, false]) {
          const response = await worker.post(CHAT, hello({ stream }));
          expect([response.status, response.headers.get("retry-after")]).toEqual([429, "3600"]);
          expect(response.headers.get("content-type")).toBe("application/problem+json");
          await response.body?.cancel();
        }
      });

      test("SIGTERM lets an open stream finish", async () => {
        mode = "";
        const slow = await serveSimulator({ chunkDelayMs: 10 });
        const own = await startWorker(name, slow.args, slow.env);
        const response = await own.post(CHAT, hello({ stream: true }));
        own.program.signal("SIGTERM");
        expect((await response.text()).endsWith("data: [DONE]\n\n")).toBe(true);
        expect(await own.program.exited).toBe(0);
        await slow.server.stop(0);
      });

      test("runs on a daemon with nothing but the address changed", async () => {
        const folder = await mkdtemp(join(tmpdir(), "worker-"));
        const socket = `unix:${join(folder, "runtime.sock")}`;
        const allow = ["--allow", new URL(api.server.url).host];
        const daemon = startProgram(name, "cli/main.ts", [
          "runtime",
          "--listen",
          socket,
          ...allow,
        ]);
        try {
          await daemon.waitFor(/ready/i);
          // Without a window for coming back, leaving ends a stream at once.
          const own = await startWorker(name, [...api.args, "--resume-window", "0"], {
            ...api.env,
            VASTAR_RUNTIME: socket,
          });
          mode = "";
          const whole = await own.post(CHAT, hello({ stream: true }));
          expect((await whole.text()).endsWith("data: [DONE]\n\n")).toBe(true);
          mode = "stall";
          const before = api.simulator.stats().cancelled;
          await readUntil(
            await own.post(CHAT, hello({ stream: true })),
            (got) => got.includes("content"),
          );
          await until(() => api.simulator.stats().cancelled === before + 1);
          mode = "";
          await daemon.stop();
          // Without its daemon the worker lives on and says what is missing.
          expect((await own.post(CHAT, hello())).status).toBe(503);
          const ready = await fetch(`${own.url}/readyz`);
          expect([ready.status, await ready.json()]).toMatchObject([503, {
            checks: { runtime: { ok: false } },
          }]);
          await own.program.stop();
        } finally {
          await daemon.stop();
          await rm(folder, { recursive: true });
        }
      });

      test("a destination that is not allowed is refused, and a taken port named", async () => {
        const hi = { model: "m", max_tokens: 1, messages: [{ role: "user", content: "Hi" }] };
        const response = await worker.post("/connectors/anthropic/messages.create", hi);
        expect(response.status).toBe(403);
        expect((await response.json() as Problem).code).toBe("egress.denied");
        const port = new URL(worker.url).port;
        const second = startProgram(name, "cli/main.ts", ["worker", "--port", port], api.env);
        expect(await second.exited).toBe(1);
        expect(second.output()).toMatch(new RegExp(`port ${port} .*--port`));
      });
    },
  );
}
