/** POST /v1/chat/completions: the whole answer, or its chunks as server-sent events. */
import { pickAnswer } from "../answers.ts";
import { type ChatInput, type ChatTool, readChatInput } from "./chat_input.ts";
import type { JsonObject } from "../input.ts";
import type { Models } from "../models.ts";
import type { ResolvedOptions } from "../options.ts";
import { sampleOf } from "../sample.ts";
import { countTokens, hashId, limitTokens, splitChunks } from "../tokens.ts";

/** An endpoint's answer: a JSON value, or the events to stream, as text. */
export type Outcome = { readonly json: unknown } | { readonly events: readonly string[] };

export function completeChat(body: JsonObject, models: Models, options: ResolvedOptions): Outcome {
  const input = readChatInput(body);
  models.require(input.model);
  const answer = answerTo(input, options);
  const base = {
    id: `chatcmpl-${hashId(JSON.stringify(body))}`,
    object: input.stream ? "chat.completion.chunk" : "chat.completion",
    created: options.created,
    model: input.model,
    system_fingerprint: "fp_simulator",
  };
  return input.stream
    ? { events: streamEvents(base, input, answer, options) }
    : { json: wholeCompletion(base, input, answer) };
}

interface ChatAnswer {
  readonly text: string;
  readonly call:
    | { readonly id: string; readonly name: string; readonly arguments: string }
    | undefined;
  readonly finish: "stop" | "length" | "tool_calls";
}

function answerTo(input: ChatInput, options: ResolvedOptions): ChatAnswer {
  const tool = chooseTool(input);
  if (tool !== undefined) {
    const id = `call_${hashId(tool.name + input.transcript)}`;
    const call = {
      id,
      name: tool.name,
      arguments: JSON.stringify(sampleOf(tool.parameters, input.prompt)),
    };
    return { text: "", call, finish: "tool_calls" };
  }
  let text = pickAnswer(options.answers, input.prompt);
  if (input.format !== undefined) {
    text = JSON.stringify(input.format === true ? { answer: text } : sampleOf(input.format, text));
  }
  for (const stop of input.stop) text = text.split(stop)[0] ?? text;
  const limited = input.maxTokens === undefined ? text : limitTokens(text, input.maxTokens);
  return { text: limited, call: undefined, finish: limited === text ? "stop" : "length" };
}

/** A tool is called if required or named by the user; never right after a tool's own result. */
function chooseTool({ tools, toolChoice, lastRole, prompt }: ChatInput): ChatTool | undefined {
  if (toolChoice === "none" || lastRole === "tool") return undefined;
  if (toolChoice === "required") return tools[0];
  if (toolChoice === "auto") return tools.find((tool) => prompt.includes(tool.name));
  return tools.find((tool) => tool.name === toolChoice);
}

function usageOf(input: ChatInput, answer: ChatAnswer): unknown {
  const prompt = countTokens(input.transcript);
  const completion = countTokens(answer.text + (answer.call?.arguments ?? "")) * input.choices;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
  };
}

function wholeCompletion(base: object, input: ChatInput, answer: ChatAnswer): unknown {
  const message = answer.call === undefined
    ? { role: "assistant", content: answer.text, refusal: null }
    : { role: "assistant", content: null, refusal: null, tool_calls: [toolCall(answer.call)] };
  return {
    ...base,
    choices: Array.from({ length: input.choices }, (_, index) => ({
      index,
      message,
      logprobs: null,
      finish_reason: answer.finish,
    })),
    usage: usageOf(input, answer),
  };
}

function toolCall(call: { id: string; name: string; arguments: string }): object {
  return {
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.arguments },
  };
}

function streamEvents(
  base: object,
  input: ChatInput,
  answer: ChatAnswer,
  options: ResolvedOptions,
): string[] {
  const events: string[] = [];
  const emit = (choices: unknown[], usage: unknown) => {
    const chunk = { ...base, choices };
    // If usage was requested, every chunk has the field, as null.
    events.push(sse(input.includeUsage ? { ...chunk, usage } : chunk));
  };
  const delta = (index: number, value: object, finish: string | null = null) =>
    emit([{ index, delta: value, logprobs: null, finish_reason: finish }], null);
  const indexes = Array.from({ length: input.choices }, (_, index) => index);
  for (const index of indexes) {
    delta(index, { role: "assistant", content: answer.call === undefined ? "" : null });
  }
  if (answer.call !== undefined) {
    const { id, name, arguments: text } = answer.call;
    for (const index of indexes) {
      delta(index, {
        tool_calls: [{ index: 0, id, type: "function", function: { name, arguments: "" } }],
      });
      for (const piece of splitChunks(text, options.chunkSize)) {
        delta(index, { tool_calls: [{ index: 0, function: { arguments: piece } }] });
      }
    }
  }
  for (const content of splitChunks(answer.text, options.chunkSize)) {
    for (const index of indexes) delta(index, { content });
  }
  for (const index of indexes) delta(index, {}, answer.finish);
  if (input.includeUsage) emit([], usageOf(input, answer));
  events.push("data: [DONE]\n\n");
  return events;
}

function sse(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/**
 * POST /test_completion: accepts anything, even an empty body, and streams unless `stream` is false. The prompt comes from
 * `messages`, `prompt` or `input`.
 */
export function testCompletion(
  body: JsonObject,
  models: Models,
  options: ResolvedOptions,
): Outcome {
  const prompt = body["prompt"] ?? body["input"];
  const messages = body["messages"] ??
    [{ role: "user", content: typeof prompt === "string" ? prompt : "Hello" }];
  const model = body["model"] ?? "sim-1";
  return completeChat(
    { ...body, model, messages, stream: body["stream"] ?? true },
    models,
    options,
  );
}
