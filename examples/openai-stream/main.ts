/**
 * The demo of the Vastar SDKs, on this package: questions to an OpenAI-compatible API, streamed and whole, over any runtime. Run it with
 * `bun examples/openai-stream/main.ts`, or with `deno run -A` or `node` in front. config.yaml says where the questions go.
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
  questions: {
    streaming: setting.text(),
    whole: setting.text(),
    sequential: setting.strings(),
  },
}).catch((error: unknown) => {
  if (!(error instanceof ConnectorException)) throw error;
  console.error(error.message);
  process.exit(1);
});

const DOUBLE = "═".repeat(53);
const SINGLE = "─".repeat(61);

say("🤖 OpenAI Stream SSE Connector Demo");
say(DOUBLE);
say(config.simulator.start ? "\n🧪 Using Simulator" : "\n🌐 Using Real OpenAI API");
say(`🔗 Base URL: ${config.api.baseUrl}\n`);

const simulator = config.simulator.start ? await startSimulator(config.simulator) : undefined;
const client = new RuntimeClient(clientOptions(config.runtime));
const chat = new Chat(client, config.api);
try {
  await testConnection();
  if (config.features.streaming) await streaming(config.questions.streaming);
  await whole(config.questions.whole);
  if (config.features.sequential) await sequential(config.questions.sequential);
  if (config.features.errors) await errors(config.questions.whole);
  say(`\n${DOUBLE}`);
  say("✅ All examples completed successfully!");
} catch (error) {
  if (!(error instanceof Error)) throw error;
  say(`\n❌ ${error.message}`);
  process.exitCode = 1;
} finally {
  await client.close();
  await simulator?.stop(0);
  say("✅ Connection closed");
}

async function testConnection(): Promise<void> {
  await client.connect();
  say(connectedTo(client.address));
  say("📡 Testing connection...");
  say(`   URL: ${config.api.baseUrl}/v1/chat/completions`);
  const answer = await chat.send("Test connection");
  say("✅ Connection successful!");
  say(`   Response: ${preview(answer.text())}`);
}

function connectedTo(address: string): string {
  if (address.startsWith("unix:")) return `🐧 Connected via Unix Socket: ${address.slice(5)}`;
  if (address.startsWith("tcp://")) return `🔌 Connected via TCP: ${address.slice(6)}`;
  return "🧩 Connected in this process";
}

async function streaming(question: string): Promise<void> {
  example("Example 1: Streaming Chat Completion");
  say(`User: ${question}`);
  say("AI: ");
  let length = 0;
  // Each piece is shown as it arrives.
  for await (const piece of chat.stream(question)) {
    length += piece.length;
    process.stdout.write(piece);
  }
  say(`\n${SINGLE}`);
  say(`📊 Total response length: ${length} characters`);
}

async function whole(question: string): Promise<void> {
  example("Example 2: Non-Streaming Chat Completion");
  say(`User: ${question}`);
  say(`AI: \n${await chat.ask(question)}`);
}

async function sequential(questions: readonly string[]): Promise<void> {
  example("Example 3: Sequential Requests");
  for (const question of questions) {
    say(`Q: ${question}`);
    say(`A: ${preview(await chat.ask(question))}\n`);
  }
}

async function errors(question: string): Promise<void> {
  example("Example 4: Errors");
  const { api } = config;
  await expectFailure(
    "unknown model",
    () => new Chat(client, { ...api, model: "no-such-model" }).ask(question),
  );
  await expectFailure(
    "wrong key",
    () => new Chat(client, { ...api, apiKey: "sk-invalid" }).ask(question),
  );
  await expectFailure(
    "metadata address",
    () => client.executeHTTP({ url: "http://169.254.169.254/latest/meta-data" }),
  );
  await expectFailure(
    "no time at all",
    () => client.executeHTTP({ url: `${api.baseUrl}/v1/models`, timeoutMs: 0 }),
  );
}

async function expectFailure(name: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
    say(`${name}: no error`);
  } catch (error) {
    if (!(error instanceof ConnectorException)) {
      return say(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    const advice = error.isRetryable() ? "may be retried" : "not to be retried";
    say(`${name}: ${error.getErrorClassName()} ${error.code}, ${advice}: ${error.message}`);
  }
}

/** Undefined when somebody else listens on the port: most likely a simulator that was started before. */
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

function preview(text: string): string {
  const line = text.replaceAll("\n", " ");
  return line.length > 100 ? `${line.slice(0, 100)}...` : line;
}

function example(title: string): void {
  say(`\n${title}`);
  say(SINGLE);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
