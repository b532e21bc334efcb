/** POST /v1/messages as Anthropic defines it: the whole message, or its events. */
import { pickAnswer } from "../answers.ts";
import type { Outcome } from "../openai/chat.ts";
import { ApiError } from "../api_error.ts";
import {
  contentText,
  isObject,
  type JsonObject,
  optionalBoolean,
  optionalNumber,
  requiredString,
} from "../input.ts";
import type { Models } from "../models.ts";
import type { ResolvedOptions } from "../options.ts";
import { sampleOf } from "../sample.ts";
import { countTokens, hashId, limitTokens, splitChunks } from "../tokens.ts";

export function createMessage(body: JsonObject, models: Models, options: ResolvedOptions): Outcome {
  const model = requiredString(body, "model");
  const maxTokens = optionalNumber(body, "max_tokens", 1, 1e6, true);
  if (maxTokens === undefined) throw refuse("max_tokens: Field required");
  const messages = readMessages(body["messages"]);
  const stream = optionalBoolean(body, "stream");
  models.require(model);

  const prompt = messages.findLast((message) => message.role === "user")?.text ?? "";
  const system = contentText(body["system"], "system");
  const full = pickAnswer(options.answers, prompt);
  const text = limitTokens(full, maxTokens);
  const tool = chooseTool(body, prompt);
  const inputTokens = countTokens([system, ...messages.map((message) => message.text)].join("\n"));
  const reply: Reply = {
    id: `msg_${hashId(JSON.stringify(body))}`,
    model,
    inputTokens,
    outputTokens: countTokens(tool === undefined ? text : JSON.stringify(tool.input)),
    stopReason: tool !== undefined ? "tool_use" : text === full ? "end_turn" : "max_tokens",
    block: tool ?? { type: "text", text },
  };
  return stream ? { events: streamEvents(reply, options) } : { json: wholeMessage(reply) };
}

type Block =
  | { readonly type: "text"; readonly text: string }
  | {
    readonly type: "tool_use";
    readonly id: string;
    readonly name: string;
    readonly input: unknown;
  };

interface Reply {
  readonly id: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly stopReason: string;
  readonly block: Block;
}

function refuse(message: string): ApiError {
  return new ApiError({ status: 400, message });
}

function readMessages(messages: unknown): { role: string; text: string }[] {
  if (!Array.isArray(messages)) throw refuse("messages: Field required");
  if (messages.length === 0) throw refuse("messages: at least one message is required");
  return messages.map((message: unknown, at) => {
    const role = isObject(message) ? message["role"] : undefined;
    if (!isObject(message) || (role !== "user" && role !== "assistant")) {
      throw refuse(`messages.${at}.role: Input should be 'user' or 'assistant'`);
    }
    if (message["content"] === undefined) throw refuse(`messages.${at}.content: Field required`);
    return { role, text: contentText(message["content"], `messages.${at}.content`) };
  });
}

function chooseTool(
  body: JsonObject,
  prompt: string,
): Extract<Block, { type: "tool_use" }> | undefined {
  const tools = Array.isArray(body["tools"]) ? body["tools"].filter(isObject) : [];
  const choice = isObject(body["tool_choice"]) ? body["tool_choice"] : {};
  const tool = choice["type"] === "any"
    ? tools[0]
    : choice["type"] === "tool"
    ? tools.find((candidate) => candidate["name"] === choice["name"])
    : tools.find((candidate) =>
      typeof candidate["name"] === "string" && prompt.includes(candidate["name"])
    );
  if (tool === undefined || choice["type"] === "none") return undefined;
  const name = String(tool["name"]);
  return {
    type: "tool_use",
    id: `toolu_${hashId(name + prompt)}`,
    name,
    input: sampleOf(tool["input_schema"], prompt),
  };
}

function wholeMessage(reply: Reply): object {
  return {
    id: reply.id,
    type: "message",
    role: "assistant",
    model: reply.model,
    content: [reply.block],
    stop_reason: reply.stopReason,
    stop_sequence: null,
    usage: { input_tokens: reply.inputTokens, output_tokens: reply.outputTokens },
  };
}

function streamEvents(reply: Reply, options: ResolvedOptions): string[] {
  const { block } = reply;
  const start = {
    ...wholeMessage(reply),
    content: [],
    stop_reason: null,
    usage: { input_tokens: reply.inputTokens, output_tokens: 1 },
  };
  const empty = block.type === "text" ? { type: "text", text: "" } : { ...block, input: {} };
  const source = block.type === "text" ? block.text : JSON.stringify(block.input);
  const deltas = splitChunks(source, options.chunkSize).map((piece) =>
    event("content_block_delta", {
      index: 0,
      delta: block.type === "text"
        ? { type: "text_delta", text: piece }
        : { type: "input_json_delta", partial_json: piece },
    })
  );
  return [
    event("message_start", { message: start }),
    event("content_block_start", { index: 0, content_block: empty }),
    event("ping", {}),
    ...deltas,
    event("content_block_stop", { index: 0 }),
    event("message_delta", {
      delta: { stop_reason: reply.stopReason, stop_sequence: null },
      usage: { output_tokens: reply.outputTokens },
    }),
    event("message_stop", {}),
  ];
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
