/**
 * The types of the openai connector against those of the official package: what our client sends is what theirs would send,
 * and what the API answers, as theirs declares it, is what ours declares. Never run.
 */
import type { OpenAI as Official } from "openai";
import type * as ours from "../../connectors/openai/mod.gen.ts";
import type { Unrecognized } from "../../src/connector/mod.ts";
import type { Equal, Expect, Extends } from "./expect.ts";

/**
 * As it stands in the JSON: a property that is undefined is not there. What the API fills in by itself is: the official types
 * demand `detail` of an image and `strict` of a function, which the API's own documentation leaves out.
 */
type Sent<T> = T extends readonly (infer Item)[] ? Sent<Item>[]
  : T extends ours.InputImage ? With<SentProperties<T>, "detail">
  : T extends ours.ResponseFunctionTool ? With<SentProperties<T>, "strict">
  : T extends object ? SentProperties<T>
  : T;
type With<T, Key extends keyof T> = T & Required<Pick<T, Key>>;
type SentProperties<T> = { [Key in keyof T]: Sent<Exclude<T[Key], undefined>> };

/**
 * As our types show it: members of a union that the connector does not name stand there as unrecognized; they are listed below.
 */
type Seen<T, Named> = T extends string ? T
  : T extends readonly (infer Item)[] ? Seen<Item, Named>[]
  : T extends { type: infer Type extends string }
    ? Type extends Named ? SeenProperties<T, Named> : { type: Unrecognized; [key: string]: unknown }
  : T extends object ? SeenProperties<T, Named>
  : T;
type SeenProperties<T, Named> = { [Key in keyof T]: Seen<T[Key], Named> };

type Chat = Official.Chat.Completions.ChatCompletionCreateParams;
type Responses = Official.Responses.ResponseCreateParams;
/** Not streaming, and streaming. */
type Whole<T> = Omit<Sent<T>, "stream"> & { stream?: false | null };
type Streaming<T> = Omit<Sent<T>, "stream"> & { stream: true };

export type Requests = [
  Expect<Extends<Whole<ours.ChatRequest>, Chat>>,
  Expect<Extends<Streaming<ours.ChatRequest>, Chat>>,
  Expect<Extends<Sent<ours.EmbeddingRequest>, Official.EmbeddingCreateParams>>,
  Expect<Extends<Whole<ours.ResponseRequest>, Responses>>,
  Expect<Extends<Streaming<ours.ResponseRequest>, Responses>>,
  Expect<Extends<ours.ModelsRetrieveInput["model"], Parameters<Official["models"]["retrieve"]>[0]>>,
];

/** The tags of everything that the answers of `responses.create` name. */
type Named = Exclude<
  | ours.OutputItem["type"]
  | ours.OutputContent["type"]
  | ours.Annotation["type"]
  | ours.ResponseEvent["type"]
  | ours.ResponseTool["type"]
  | ours.ResponseTextFormat["type"]
  | ours.NamedResponseTool["type"]
  | ours.ReasoningItem["summary"][number]["type"]
  | "auto",
  Unrecognized
>;
type Response = Official.Responses.Response;
type ResponseEvent = Official.Responses.ResponseStreamEvent;

export type Answers = [
  Expect<Extends<Official.Chat.Completions.ChatCompletion, ours.ChatCompletion>>,
  Expect<Extends<Official.Chat.Completions.ChatCompletionChunk, ours.ChatChunk>>,
  Expect<Extends<Official.CreateEmbeddingResponse, ours.EmbeddingList>>,
  Expect<Extends<Official.Model, ours.Model>>,
  Expect<Extends<Seen<Response, Named>, ours.ModelResponse>>,
  Expect<Extends<Seen<ResponseEvent, Named>, ours.ResponseEvent>>,
];

/** What `Seen` replaces. An item that the connector comes to name, or that a new version of the package adds, shows here. */
type Unnamed<T extends { type: string }> = Exclude<T["type"], Named>;

export type Unrecognizable = [
  Expect<
    Equal<
      Unnamed<Response["output"][number]>,
      | "additional_tools"
      | "apply_patch_call"
      | "apply_patch_call_output"
      | "compaction"
      | "computer_call"
      | "computer_call_output"
      | "custom_tool_call"
      | "custom_tool_call_output"
      | "function_call_output"
      | "local_shell_call"
      | "local_shell_call_output"
      | "mcp_approval_response"
      | "program"
      | "program_output"
      | "shell_call"
      | "shell_call_output"
      | "tool_search_call"
      | "tool_search_output"
    >
  >,
  // Progress of tools that run at the API, reasoning in full and audio; of what a text is made, every event is named.
  Expect<
    Extends<
      Unnamed<ResponseEvent>,
      `response.${
        | "audio"
        | "code_interpreter_call"
        | "compaction"
        | "custom_tool_call"
        | "file_search_call"
        | "image_generation_call"
        | "mcp"
        | "output_text.annotation"
        | "reasoning_summary_part"
        | "reasoning_text"
        | "shell_call"
        | "web_search_call"}${string}`
    >
  >,
];
