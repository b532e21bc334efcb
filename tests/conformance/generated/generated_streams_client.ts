/** The generated client of the openai connector, with an API that answers as a test says. */
import {
  type ChatChunk,
  type ChatCompletion,
  type ChatRequest,
  OpenAI,
} from "../../../connectors/openai/mod.gen.ts";
import { type ConnectorError, RuntimeClient } from "../../../mod.ts";
import type { ConnectorRuntime, StreamCall } from "../../../src/connector/mod.ts";
import { failure, within } from "../context.ts";
import { type Script, type ScriptedApi, startScriptedApi } from "./generated_streams_upstream.ts";

export const MESSAGES: ChatRequest["messages"] = [{ role: "user", content: "Hello" }];

export function chunk(content: string): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  });
}

export const event = (content: string): string => `data: ${chunk(content)}\n\n`;
export const DONE = "data: [DONE]\n\n";
export const contentOf = (item: ChatChunk): string => item.choices[0]?.delta.content ?? "";

export interface ChatOptions {
  readonly client?: OpenAI;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface Chat {
  readonly api: ScriptedApi;
  readonly runtime: RuntimeClient;
  readonly openai: OpenAI;
  clientOn(runtime: ConnectorRuntime, maxEventBytes?: number): OpenAI;
  /** The same client with shorter timeouts than its spec. */
  impatient(idleTimeoutMs: number): OpenAI;
  /** A streamed chat answered by the script. */
  ask(script: Script, options?: ChatOptions): StreamCall<ChatChunk, ChatCompletion>;
  close(): Promise<void>;
}

export async function startChat(): Promise<Chat> {
  const api = await startScriptedApi();
  const runtime = new RuntimeClient({
    address: "embedded:",
    egress: { allow: [api.authority] },
    // The API of these tests fails on purpose, again and again.
    engine: { breaker: false },
  });
  const clientOn: Chat["clientOn"] = (at, maxEventBytes) =>
    new OpenAI({
      runtime: at,
      baseURL: `http://${api.authority}/v1`,
      apiKey: "sk-test",
      maxEventBytes,
    });
  const openai = clientOn(runtime);
  return {
    api,
    runtime,
    openai,
    clientOn,
    impatient: (idleTimeoutMs) =>
      clientOn({
        call: (call) => runtime.call({ ...call, policy: { ...call.policy, idleTimeoutMs } }),
      }),
    ask(script, { client = openai, ...options } = {}) {
      api.script = script;
      const input = { model: "m", messages: MESSAGES, stream: true } as const;
      return client.chat.completions.create(input, options);
    },
    async close() {
      await runtime.close();
      await api.close();
    },
  };
}

/** What arrived before a failure, and the failure. */
export async function partly(
  stream: AsyncIterable<ChatChunk>,
): Promise<{ seen: string[]; error: ConnectorError }> {
  const seen: string[] = [];
  const error = await within(
    failure((async () => {
      for await (const item of stream) seen.push(contentOf(item));
    })()),
    "the end of the stream",
  );
  return { seen, error };
}
