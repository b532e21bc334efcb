/** What calls of generated clients return and refuse. Never run. */
import type {
  Call,
  ConnectorClient,
  EventStream,
  Page,
  PageCall,
  StreamCall,
  Unrecognized,
  WaitableCall,
  WithResponse,
} from "../../src/connector/mod.ts";
import {
  type ChatChunk,
  type ChatCompletion,
  chatCompletionsCreate,
  type Model,
  type ModelList,
  OpenAI,
} from "../../connectors/openai/mod.gen.ts";
import type { SignedCredentials, SignedOptions } from "../codegen/golden/imported_auth/mod.gen.ts";
import type { Errors, NotOkError, QuotaError, Refusal } from "../codegen/golden/errors/mod.gen.ts";
import type { Pages, Thing } from "../codegen/golden/pages/mod.gen.ts";
import type { Bodies } from "../codegen/golden/bodies/mod.gen.ts";
import type { Results } from "../codegen/golden/results/mod.gen.ts";
import type { Minimal } from "../codegen/golden/minimal/mod.gen.ts";
import type {
  Job,
  JobInput,
  Shape,
  ShapeInput,
  Variants,
} from "../codegen/golden/variants/mod.gen.ts";
import type { Job as WaitJob, Output, Wait } from "../codegen/golden/wait/mod.gen.ts";
import type {
  ThingCreatedEvent,
  WebhooksWebhookEvent,
} from "../codegen/golden/webhooks/mod.gen.ts";
import type { Equal, Expect, Extends } from "./expect.ts";

declare const openai: OpenAI;
const messages = [{ role: "user" as const, content: "Hello" }];

// Overloads on the literal
declare const sometimes: boolean;
export async function use(): Promise<void> {
  const whole = openai.chat.completions.create({ model: "m", messages });
  const off = openai.chat.completions.create({ model: "m", messages, stream: false });
  const streamed = openai.chat.completions.create({ model: "m", messages, stream: true });
  const either = openai.chat.completions.create({ model: "m", messages, stream: sometimes });
  const byFunction = chatCompletionsCreate(openai, { model: "m", messages, stream: true });
  check<Equal<typeof whole, Call<ChatCompletion>>>();
  check<Equal<typeof off, Call<ChatCompletion>>>();
  check<Equal<typeof streamed, StreamCall<ChatChunk, ChatCompletion>>>();
  check<Equal<typeof byFunction, StreamCall<ChatChunk, ChatCompletion>>>();
  check<Equal<typeof either, Call<ChatCompletion> | StreamCall<ChatChunk, ChatCompletion>>>();

  // What awaiting, iterating and asking for more gives
  const completion = await whole;
  const { data, requestId } = await whole.withResponse();
  const stream = await streamed;
  const final = await streamed.finalResult();
  const text = await streamed.text();
  for await (const chunk of streamed) check<Equal<typeof chunk, ChatChunk>>();
  for await (const chunk of stream.toReadableStream()) check<Equal<typeof chunk, ChatChunk>>();
  const [left] = stream.tee();
  check<Equal<typeof completion, ChatCompletion>>();
  check<Equal<typeof data, ChatCompletion>>();
  check<Equal<typeof requestId, string>>();
  check<Equal<typeof stream, EventStream<ChatChunk, ChatCompletion>>>();
  check<Equal<typeof left, EventStream<ChatChunk, ChatCompletion>>>();
  check<Equal<typeof final, ChatCompletion>>();
  check<Equal<typeof text, string>>();

  const models = openai.models.list();
  for await (const model of models) check<Equal<typeof model, Model>>();
  const page = await models;
  check<Equal<typeof models, PageCall<ModelList, Model>>>();
  check<Equal<typeof page, Page<ModelList, Model>>>();
  check<Equal<typeof page.data, ModelList>>();
  for await (const next of models.pages()) check<Equal<typeof next.items, readonly Model[]>>();
}

function check<_T extends true>(): void {}

// Inputs
declare const bodies: Bodies;
declare const minimal: Minimal;
export function refused(): void {
  // @ts-expect-error: messages are missing
  openai.chat.completions.create({ model: "m" });
  // @ts-expect-error: a role that does not exist
  openai.chat.completions.create({ model: "m", messages: [{ role: "usr", content: "" }] });
  // @ts-expect-error: a property that does not exist
  openai.chat.completions.create({ model: "m", messages, temprature: 1 });
  // @ts-expect-error: enums of requests are closed
  openai.chat.completions.create({ model: "m", messages, reasoning_effort: "huge" });
  // @ts-expect-error: a path parameter is missing
  bodies.things.update({ name: "n" });
  // @ts-expect-error: nothing is taken
  minimal.ping({ a: 1 });
  // @ts-expect-error: a client of another connector
  chatCompletionsCreate(minimal, { model: "m", messages });
  // @ts-expect-error: no such option
  new OpenAI({ apikey: "k" });
  // Undefined is nothing, also under exactOptionalPropertyTypes.
  openai.chat.completions.create({
    model: "m",
    messages,
    temperature: undefined,
    stream: undefined,
  });
  bodies.things.maybe();
}

// Results
declare const results: Results;
export type ResultTypes = [
  Expect<Extends<ReturnType<typeof results.things.get>, Call<{ id: number }>>>,
  Expect<Extends<Awaited<ReturnType<typeof results.things.maybe>>, { id: number } | undefined>>,
  Expect<Equal<Awaited<ReturnType<typeof results.things.any>>, unknown>>,
  Expect<Equal<ReturnType<typeof results.things.delete>, Call<void>>>,
  Expect<Equal<ReturnType<typeof results.files.content>, Call<Uint8Array>>>,
  Expect<Equal<ReturnType<typeof results.pages.text>, Call<string>>>,
  Expect<Extends<WithResponse<string>, { data: string; response: Response; requestId: string }>>,
];

// Lists
declare const pages: Pages;
export type Lists = [
  Expect<Equal<ReturnType<typeof pages.linked>, PageCall<Thing[], Thing>>>,
];

// Open in responses, closed in requests
declare const variants: Variants;
declare const job: Job;
export function open(): void {
  const kind: string = job.kind;
  if (job.kind === "fast" || job.state === "queued") return;
  variants.jobs.create({ kind: "fast", secret: "s" });
  // @ts-expect-error: an unknown value
  variants.jobs.create({ kind, secret: "s" });
  // @ts-expect-error: read-only properties are not sent
  variants.jobs.create({ kind: "fast", secret: "s", id: "1" });
  // @ts-expect-error: write-only properties do not come back
  void job.secret;
}
declare const shape: Shape;
export function narrow(): void {
  switch (shape.type) {
    case "circle":
      check<Equal<typeof shape.radius, number>>();
      break;
    case "square":
      check<Equal<typeof shape.side, number>>();
      break;
    default:
      check<Equal<typeof shape.type, Unrecognized>>();
      check<Equal<(typeof shape)["anything"], unknown>>();
  }
}
export type Closed = [
  Expect<Equal<ShapeInput["type"], "circle" | "square">>,
  Expect<Equal<JobInput["kind"], "fast" | "slow">>,
];

// Errors, long-running operations, webhooks
declare const wait: Wait;
export type Others = [
  Expect<Equal<NotOkError["body"], Refusal>>,
  Expect<Equal<QuotaError["body"]["error"]["code"], string | undefined>>,
  Expect<Equal<ReturnType<typeof wait.jobs.start>, WaitableCall<WaitJob, Output>>>,
  Expect<Equal<Extract<WebhooksWebhookEvent, { name: "thing.created" }>, ThingCreatedEvent>>,
  Expect<Extends<Errors, ConnectorClient<"errors">>>,
];
export function event(received: WebhooksWebhookEvent): string {
  if (received.name === "thing.created") return received.payload.id;
  if (received.name === "thing.deleted") return received.payload.type;
  check<Equal<typeof received.payload, unknown>>();
  return received.name;
}

// Credentials, where operations need different ones
type For<Id extends keyof SignedCredentials> = SignedOptions & SignedCredentials[Id];
export type Credentials = [
  Expect<Extends<{ token: string }, For<"needToken">>>,
  Expect<Equal<Extends<{ token: string }, For<"needKey">>, false>>,
  Expect<Extends<{ token: string }, For<"needEither">>>,
  Expect<Extends<{ key: string; userApiKey: string }, For<"needEither">>>,
  Expect<Equal<Extends<{ key: string }, For<"needEither">>, false>>,
  Expect<Extends<{ timeoutMs: 1 }, For<"needNothing">>>,
];
