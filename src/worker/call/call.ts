/** Calls one operation and turns the result into an HTTP response. */
import { jsonResponse, textResponse } from "../../core/serve/json_response.ts";
import type { OperationDefinition } from "../../connector/definition/definition.ts";
import type { Page } from "../../connector/answer/pages.ts";
import type { Problem } from "../problem/problem.ts";
import type { Entry } from "../registry.ts";
import { bytesBody, eventBody, type ItemStream } from "./stream.ts";

export interface Requester {
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
  /** Empty: the one of the runtime's client. */
  readonly tenant: string;
  readonly requestId: string;
  readonly traceparent: string | undefined;
  readonly describe: (error: unknown) => Problem;
}

/** Rejects with a ConnectorError if the call fails before its answer begins. */
export async function answerCall(
  entry: Entry,
  operation: OperationDefinition,
  input: unknown,
  requester: Requester,
): Promise<Response> {
  const left = new AbortController();
  const options = {
    signal: AbortSignal.any([requester.signal, left.signal]),
    ...(requester.tenant !== "" && { tenantId: requester.tenant }),
    traceId: requester.requestId,
    traceparent: requester.traceparent,
  };
  const headers = { "x-request-id": requester.requestId };
  const invocation = entry.definition.invoke(
    entry.client(requester.tenant),
    operation.id,
    input,
    options,
  );
  if (invocation.kind === "stream") {
    const stream = await invocation as AsyncIterable<unknown>;
    const items: ItemStream = {
      items: stream[Symbol.asyncIterator](),
      abort: (reason) => left.abort(reason),
      describe: requester.describe,
    };
    const raw = operation.stream?.format === "bytes";
    return new Response(raw ? bytesBody(items) : eventBody(items), {
      headers: {
        ...headers,
        "content-type": raw ? "application/octet-stream" : "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        // Otherwise proxies such as nginx would buffer the stream.
        "x-accel-buffering": "no",
      },
    });
  }
  if (invocation.kind === "pages") {
    return jsonResponse((await invocation as Page<unknown, unknown>).data, { headers });
  }
  return answer(operation, await invocation, headers);
}

function answer(
  operation: OperationDefinition,
  value: unknown,
  headers: Record<string, string>,
): Response {
  switch (operation.result.kind) {
    case "none":
      return new Response(null, { status: 204, headers });
    case "text":
      return textResponse(String(value), "text/plain; charset=utf-8", { headers });
    case "binary":
      if (value instanceof Uint8Array) return bytes(value, headers);
      if (value instanceof Blob || value instanceof ReadableStream) {
        return new Response(value, {
          headers: { ...headers, "content-type": "application/octet-stream" },
        });
      }
      throw new TypeError(`The operation ${operation.id} returned no bytes.`);
    case "json":
      return value === undefined
        ? new Response(null, { status: 204, headers })
        : jsonResponse(value, { headers });
  }
}

function bytes(value: Uint8Array, headers: Record<string, string>): Response {
  return new Response(new Uint8Array(value), {
    headers: {
      ...headers,
      "content-type": "application/octet-stream",
      "content-length": String(value.byteLength),
    },
  });
}
