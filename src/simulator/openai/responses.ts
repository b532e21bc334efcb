/** POST /v1/responses: the whole response, or its events. */
import { pickAnswer } from "../answers.ts";
import type { Outcome } from "./chat.ts";
import {
  contentText,
  isObject,
  type JsonObject,
  missing,
  optionalBoolean,
  optionalNumber,
  requiredString,
  wrongType,
  wrongValue,
} from "../input.ts";
import type { Models } from "../models.ts";
import type { ResolvedOptions } from "../options.ts";
import { countTokens, hashId, limitTokens, splitChunks } from "../tokens.ts";

export function createResponse(
  body: JsonObject,
  models: Models,
  options: ResolvedOptions,
): Outcome {
  const model = requiredString(body, "model");
  const messages = readInput(body["input"]);
  const stream = optionalBoolean(body, "stream");
  const maxTokens = optionalNumber(body, "max_output_tokens", 16, 1e6, true);
  models.require(model);

  const prompt = messages.findLast((message) => message.role === "user")?.text ?? "";
  const full = pickAnswer(options.answers, prompt);
  const text = maxTokens === undefined ? full : limitTokens(full, maxTokens);
  const instructions = contentText(body["instructions"], "instructions");
  const input = countTokens([instructions, ...messages.map((message) => message.text)].join("\n"));
  const output = countTokens(text);
  const id = hashId(JSON.stringify(body));
  const part = { type: "output_text", text, annotations: [], logprobs: [] };
  const complete = text === full;
  const item = {
    id: `msg_${id}`,
    type: "message",
    status: complete ? "completed" : "incomplete",
    role: "assistant",
    content: [part],
  };
  const response = {
    id: `resp_${id}`,
    object: "response",
    created_at: options.created,
    status: complete ? "completed" : "incomplete",
    error: null,
    incomplete_details: complete ? null : { reason: "max_output_tokens" },
    instructions: body["instructions"] ?? null,
    max_output_tokens: maxTokens ?? null,
    metadata: body["metadata"] ?? {},
    model,
    output: [item],
    parallel_tool_calls: true,
    previous_response_id: body["previous_response_id"] ?? null,
    temperature: body["temperature"] ?? 1,
    text: { format: { type: "text" } },
    tool_choice: body["tool_choice"] ?? "auto",
    tools: body["tools"] ?? [],
    top_p: body["top_p"] ?? 1,
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + output,
    },
  };
  if (!stream) return { json: response };

  const begun = {
    ...response,
    status: "in_progress",
    incomplete_details: null,
    output: [],
    usage: null,
  };
  const place = { item_id: item.id, output_index: 0, content_index: 0 };
  const steps: [string, object][] = [
    ["response.created", { response: begun }],
    ["response.in_progress", { response: begun }],
    ["response.output_item.added", {
      output_index: 0,
      item: { ...item, status: "in_progress", content: [] },
    }],
    ["response.content_part.added", { ...place, part: { ...part, text: "" } }],
    ...splitChunks(text, options.chunkSize).map((delta): [string, object] => [
      "response.output_text.delta",
      { ...place, delta, logprobs: [] },
    ]),
    ["response.output_text.done", { ...place, text, logprobs: [] }],
    ["response.content_part.done", { ...place, part }],
    ["response.output_item.done", { output_index: 0, item }],
    [complete ? "response.completed" : "response.incomplete", { response }],
  ];
  return {
    events: steps.map(([type, fields], sequence_number) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...fields })}\n\n`
    ),
  };
}

function readInput(input: unknown): { role: string; text: string }[] {
  if (input === undefined) throw missing("input");
  if (typeof input === "string") return [{ role: "user", text: input }];
  if (!Array.isArray(input)) throw wrongType("input", "a string or an array of items", input);
  if (input.length === 0) {
    throw wrongValue("input", "expected at least 1 item, but got none instead.");
  }
  return input.map((item: unknown, at) => {
    if (!isObject(item)) throw wrongType(`input[${at}]`, "an object", item);
    // Items that are not messages (tool calls and their outputs) are accepted as they are.
    const { role } = item;
    if (typeof role !== "string") return { role: "", text: "" };
    return { role, text: contentText(item["content"], `input[${at}].content`) };
  });
}
