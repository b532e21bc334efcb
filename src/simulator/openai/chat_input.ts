/** Checks the body of a chat completion and reduces it to what determines the answer. */
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

const ROLES = ["developer", "system", "user", "assistant", "tool", "function"];

export interface ChatTool {
  readonly name: string;
  readonly parameters: unknown;
}

export interface ChatInput {
  readonly model: string;
  /** Text of the last user message. */
  readonly prompt: string;
  /** Text of all messages, for counting. */
  readonly transcript: string;
  readonly lastRole: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly choices: number;
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
  readonly tools: readonly ChatTool[];
  /** `none`, `auto`, `required`, or the name of the tool that must be called. */
  readonly toolChoice: string;
  /** The schema of a structured answer, `true` for any JSON object. */
  readonly format: unknown;
}

export function readChatInput(body: JsonObject): ChatInput {
  const model = requiredString(body, "model");
  const messages = readMessages(body["messages"]);
  const last = messages.at(-1);
  const stream = optionalBoolean(body, "stream");
  const streamOptions = body["stream_options"] ?? undefined;
  if (streamOptions !== undefined && !isObject(streamOptions)) {
    throw wrongType("stream_options", "an object", streamOptions);
  }
  if (streamOptions !== undefined && !stream) {
    throw wrongValue("stream_options", "it is only allowed when 'stream' is true.");
  }
  optionalNumber(body, "temperature", 0, 2, false);
  optionalNumber(body, "top_p", 0, 1, false);
  return {
    model,
    prompt: messages.findLast((message) => message.role === "user")?.text ?? last?.text ?? "",
    transcript: messages.map((message) => message.text).join("\n"),
    lastRole: last?.role ?? "user",
    stream,
    includeUsage: streamOptions !== undefined && streamOptions["include_usage"] === true,
    choices: optionalNumber(body, "n", 1, 128, true) ?? 1,
    maxTokens: optionalNumber(body, "max_completion_tokens", 1, 1e6, true) ??
      optionalNumber(body, "max_tokens", 1, 1e6, true),
    stop: readStop(body["stop"]),
    tools: readTools(body["tools"]),
    toolChoice: readToolChoice(body["tool_choice"]),
    format: readFormat(body["response_format"]),
  };
}

interface ChatMessage {
  readonly role: string;
  readonly text: string;
}

function readMessages(messages: unknown): ChatMessage[] {
  if (messages === undefined) throw missing("messages");
  if (!Array.isArray(messages)) throw wrongType("messages", "an array of objects", messages);
  if (messages.length === 0) {
    throw wrongValue(
      "messages",
      "expected an array of at least 1 message, but got an empty one instead.",
    );
  }
  return messages.map((message: unknown, at) => {
    if (!isObject(message)) throw wrongType(`messages[${at}]`, "an object", message);
    const role = message["role"];
    if (role === undefined) throw missing(`messages[${at}].role`);
    if (typeof role !== "string" || !ROLES.includes(role)) {
      throw wrongValue(
        `messages[${at}].role`,
        `supported values are ${ROLES.map((name) => `'${name}'`).join(", ")}, but got ${
          JSON.stringify(role)
        } instead.`,
      );
    }
    if (message["content"] === undefined && role !== "assistant") {
      throw missing(`messages[${at}].content`);
    }
    return { role, text: contentText(message["content"], `messages[${at}].content`) };
  });
}

function readStop(stop: unknown): string[] {
  const list = stop === undefined || stop === null ? [] : Array.isArray(stop) ? stop : [stop];
  if (list.length > 4) {
    throw wrongValue("stop", `expected at most 4 sequences, but got ${list.length} instead.`);
  }
  return list.map((item: unknown) => {
    if (typeof item !== "string" || item === "") {
      throw wrongType("stop", "a string or an array of strings", item);
    }
    return item;
  });
}

function readTools(tools: unknown): ChatTool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw wrongType("tools", "an array of objects", tools);
  return tools.map((tool: unknown, at) => {
    const called = isObject(tool) ? tool["function"] : undefined;
    if (!isObject(called)) throw missing(`tools[${at}].function`);
    const name = called["name"];
    if (typeof name !== "string") throw missing(`tools[${at}].function.name`);
    return { name, parameters: called["parameters"] ?? {} };
  });
}

function readToolChoice(choice: unknown): string {
  if (choice === undefined || choice === null) return "auto";
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  const called = isObject(choice) ? choice["function"] : undefined;
  if (isObject(called) && typeof called["name"] === "string") return called["name"];
  throw wrongValue("tool_choice", "expected 'none', 'auto', 'required' or a function.");
}

function readFormat(format: unknown): unknown {
  if (format === undefined || format === null) return undefined;
  if (!isObject(format)) throw wrongType("response_format", "an object", format);
  if (format["type"] === "text") return undefined;
  if (format["type"] === "json_object") return true;
  const declared = format["json_schema"];
  if (format["type"] === "json_schema" && isObject(declared)) return declared["schema"] ?? true;
  throw wrongValue("response_format.type", "expected 'text', 'json_object' or 'json_schema'.");
}
