/**
 * Questions to an OpenAI-compatible API, whole and streamed, over any runtime: `bun examples/openai-stream/main.ts`, or with
 * `deno run -A` or `node` in front. config.yaml says where they go.
 */
import process from "node:process";
import { ConnectorException, RuntimeClient } from "../../mod.ts";
import { clientOptions, loadConfig, runtimeSettings, setting } from "../../src/load_config.ts";
import { serveHttp } from "../../src/platform/serve.ts";
import { createSimulator } from "../../src/simulator/mod.ts";
import { Chat } from "./chat.ts";

const config = await loadConfig(new URL("config.yaml", import.meta.url), {
  runtime: runtimeSettings,
  api: {
    baseUrl: setting.text(),
    apiKey: setting.text(),
    model: setting.text("gpt-4o-mini"),
  },
  simulator: {
    start: setting.flag(false),
    port: setting.count(4545),
    chunkDelay: setting.duration(20),
  },
  features: {
    streaming: setting.flag(true),
    sequential: setting.flag(true),
    errors: setting.flag(true),
  },
  questions: setting.strings(["Hello"]),
}).catch((error: unknown) => {
  if (!(error instanceof ConnectorException)) throw error;
  console.error(error.message);
  process.exit(1);
});
const simulator = config.simulator.start ? await startSimulator(config.simulator) : undefined;
const client = new RuntimeClient(clientOptions(config.runtime));
const chat = new Chat(client, config.api);
const question = config.questions[0] ?? "Hello";

try {
  await testConnection();
  if (config.features.streaming) await streaming();
  await nonStreaming();
  if (config.features.sequential) await sequential();
  if (config.features.errors) await errors();
  heading("Done");
} finally {
  await client.close();
  await simulator?.stop(0);
}

async function testConnection(): Promise<void> {
  heading("Connection test");
  const health = await client.health();
  say(
    `Runtime ${client.address} (${client.protocol}): ${
      health.healthy ? "healthy" : health.message
    }`,
  );
  const models = await chat.models();
  say(`API ${config.api.baseUrl}: ${models.length} models, using ${config.api.model}`);
}

async function streaming(): Promise<void> {
  heading("Streaming");
  say(`Q: ${question}`);
  process.stdout.write("A: ");
  const start = performance.now();
  let first: number | undefined;
  let pieces = 0;
  for await (const piece of chat.stream(question)) {
    first ??= performance.now() - start;
    pieces++;
    process.stdout.write(piece);
  }
  const total = performance.now() - start;
  say(
    `\n${pieces} pieces, the first after ${first?.toFixed(0)} ms, the last after ${
      total.toFixed(0)
    } ms`,
  );
}

async function nonStreaming(): Promise<void> {
  heading("Non-streaming");
  say(`Q: ${question}`);
  say(`A: ${await chat.ask(question)}`);
}

async function sequential(): Promise<void> {
  heading("Sequential questions");
  for (const [index, each] of config.questions.entries()) {
    const start = performance.now();
    const answer = await chat.ask(each);
    say(
      `${index + 1}. ${each}\n   ${answer.replaceAll("\n", "\n   ")}\n   (${
        (performance.now() - start).toFixed(0)
      } ms)`,
    );
  }
}

async function errors(): Promise<void> {
  heading("Errors");
  await expectFailure(
    "unknown model",
    () => new Chat(client, { ...config.api, model: "no-such-model" }).ask(question),
  );
  await expectFailure(
    "wrong key",
    () => new Chat(client, { ...config.api, apiKey: "sk-invalid" }).ask(question),
  );
  await expectFailure(
    "metadata address",
    () => client.executeHTTP({ url: "http://169.254.169.254/latest/meta-data" }),
  );
  await expectFailure(
    "no time at all",
    () => client.executeHTTP({ url: `${config.api.baseUrl}/models`, timeoutMs: 0 }),
  );
}

async function expectFailure(name: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
    say(`${name}: no error`);
  } catch (error) {
    if (error instanceof ConnectorException) {
      say(
        `${name}: ${error.getErrorClassName()} ${error.code}, ${
          error.isRetryable() ? "may be retried" : "not to be retried"
        }: ${error.message}`,
      );
    } else {
      say(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Undefined if the port is in use: most likely by a simulator started earlier. */
async function startSimulator(
  settings: typeof config.simulator,
): Promise<{ stop(graceMs?: number): Promise<void> } | undefined> {
  const { fetch } = createSimulator({ chunkDelayMs: settings.chunkDelay });
  try {
    return await serveHttp({
      address: { kind: "tcp", host: "127.0.0.1", port: settings.port },
      fetch,
    });
  } catch (error) {
    if (error instanceof ConnectorException && error.code === "listen.in_use") return undefined;
    throw error;
  }
}

function heading(text: string): void {
  say(`\n=== ${text} ===`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
