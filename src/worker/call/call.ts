/** Calls one operation and turns the result into an HTTP response. */
import { textResponse } from "../../core/serve/json_response.ts";
import type { Call } from "../../connector/call/call.ts";
import type { Invocation, OperationDefinition } from "../../connector/definition/definition.ts";
import type { Page } from "../../connector/answer/pages.ts";
import type { Problem } from "../problem/problem.ts";
import type { Entry } from "../registry.ts";
import type { Caller } from "../access/caller.ts";
import { asksForStream, KeptStream, separatorOf } from "../resume/kept_stream.ts";
import { answerText } from "./answer_text.ts";
import type { Asked } from "./asked.ts";
import { InputRefused } from "./input.ts";
import { bytesBody, itemBody, type ItemStream } from "./stream.ts";

export interface Requester extends Asked {
  /** In which form the API gets its body; undefined: in the first of the spec. */
  readonly contentType: string | undefined;
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
  readonly caller: Caller;
  /** Whether streams can be resumed after the connection was lost. */
  readonly resumes: boolean;
  readonly requestId: string;
  readonly describe: (error: unknown) => Problem;
}

/** Rejects with a ConnectorError if the call fails before its answer begins. */
export async function answerCall(
  entry: Entry,
  operation: OperationDefinition,
  input: unknown,
  requester: Requester,
): Promise<Response> {
  const { tenant } = requester.caller;
  const { requestId, traceparent, idempotencyKey, timeoutMs, contentType } = requester;
  const separator = requester.resumes ? separatorOf(operation, input) : undefined;
  if (requester.from !== undefined && separator === undefined) {
    const detail =
      "The input does not ask for a stream that can be resumed: send the input that the stream began with.";
    throw new InputRefused(400, "input.last_event_id", detail);
  }
  const kept = separator && new KeptStream(requester.caller.id, separator, requester.from);
  // Only what is handed out bit by bit is left before its end.
  const left = asksForStream(operation, input) || requester.all ? new AbortController() : undefined;
  const { signal } = requester;
  const options = {
    signal: left === undefined ? signal : AbortSignal.any([signal, left.signal]),
    tenantId: tenant === "" ? undefined : tenant,
    traceId: requestId,
    traceparent,
    idempotencyKey,
    timeoutMs,
    contentType,
    keep: kept?.keep,
  };
  const headers: Record<string, string> = { traceparent };
  const invocation = entry.definition.invoke(entry.client(tenant), operation.id, input, options);
  const streamed = (items: AsyncIterator<unknown>): ItemStream => ({
    items,
    abort: (reason) => left?.abort(reason),
    describe: requester.describe,
  });
  const settled = await settle(invocation);
  const { value, timing } = settled;
  if (timing !== undefined) headers["server-timing"] = timing;
  if (invocation.kind === "stream") {
    const source = (value as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    const stream = kept === undefined
      ? streamed(source)
      : { ...streamed(kept.items(source)), position: () => kept.position };
    return operation.stream?.format === "bytes"
      ? streamResponse(bytesBody(stream), "application/octet-stream", headers)
      : itemResponse(stream, requester, headers);
  }
  if (invocation.kind === "pages") {
    // The first page has come before the answer begins: what is wrong with the call is a problem document then.
    const page = value as Page<unknown, unknown>;
    return requester.all
      ? itemResponse(streamed(page[Symbol.asyncIterator]()), requester, headers)
      : textResponse(answerText(page.data), "application/json", { headers });
  }
  if (operation.result.kind === "binary") {
    return binary(operation, value, settled.response(), headers);
  }
  return answer(operation, value, headers);
}

interface Settled {
  readonly value: unknown;
  /** As the API gave it, without its body; undefined where there was none. */
  readonly response: () => Response | undefined;
  /** How often it was tried and where the time went, for `Server-Timing`. */
  readonly timing?: string;
}

async function settle(invocation: Invocation): Promise<Settled> {
  // Definitions that were not generated may give promises of their own.
  if (!("withResponse" in invocation)) {
    return { value: await (invocation as Promise<unknown>), response: () => undefined };
  }
  const answered = await (invocation as Call<unknown>).withResponse();
  const { data, attempts, durationUs, waitedUs, queuedUs } = answered;
  const ms = (us: number) => Math.round(us / 100) / 10;
  const timing = `attempts;desc="${attempts}", upstream;dur=${ms(durationUs)}, ` +
    `waited;dur=${ms(waitedUs)}, queued;dur=${ms(queuedUs)}`;
  return { value: data, response: () => answered.response, timing };
}

function itemResponse(
  stream: ItemStream,
  { format }: Asked,
  headers: Record<string, string>,
): Response {
  return streamResponse(itemBody(stream, format), format.contentType, headers);
}

function streamResponse(
  body: ReadableStream<Uint8Array>,
  contentType: string,
  headers: Record<string, string>,
): Response {
  return new Response(body, {
    headers: {
      ...headers,
      "content-type": contentType,
      "cache-control": "no-store",
      // Otherwise proxies such as nginx would buffer the stream.
      "x-accel-buffering": "no",
    },
  });
}

/** Bytes as the API's own kind of content, and never as a page of this server's. */
function binary(
  { id }: OperationDefinition,
  data: unknown,
  response: Response | undefined,
  headers: Record<string, string>,
): Response {
  const given = {
    ...headers,
    "content-type": response?.headers.get("content-type") ?? "application/octet-stream",
    "content-disposition": response?.headers.get("content-disposition")
      ?.replace(/^[^;]*/, "attachment") ?? "attachment",
    "content-security-policy": "sandbox",
  };
  if (data instanceof Uint8Array) {
    const length = { "content-length": String(data.byteLength) };
    return new Response(new Uint8Array(data), { headers: { ...given, ...length } });
  }
  if (data instanceof Blob || data instanceof ReadableStream) {
    return new Response(data, { headers: given });
  }
  throw new TypeError(`The operation ${id} returned no bytes.`);
}

function answer(
  operation: OperationDefinition,
  value: unknown,
  headers: Record<string, string>,
): Response {
  switch (operation.result.kind) {
    case "binary":
    case "none":
      return new Response(null, { status: 204, headers });
    case "text":
      return textResponse(String(value), "text/plain; charset=utf-8", { headers });
    case "json":
      return value === undefined
        ? new Response(null, { status: 204, headers })
        : textResponse(answerText(value), "application/json", { headers });
  }
}
