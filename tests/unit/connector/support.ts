/** A runtime that answers from a function, and the smallest connector there is. */
import {
  ApiError,
  ConnectorClient,
  type ConnectorRuntime,
  jsonResult,
  type OperationData,
  type RuntimeCall,
} from "../../../src/connector/mod.ts";
import type { ClientOptions } from "../../../src/connector/mod.ts";
import type { ConnectorData } from "../../../src/connector/mod.ts";
import type { CallReply } from "../../../src/core/call.ts";

export interface FakeReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type Answer = (call: RuntimeCall, index: number) => FakeReply | Promise<FakeReply>;

export class FakeRuntime implements ConnectorRuntime {
  readonly calls: RuntimeCall[] = [];
  readonly #answer: Answer;
  closed = 0;

  constructor(answer: Answer = () => ({ body: {} })) {
    this.#answer = answer;
  }

  async call(request: RuntimeCall): Promise<CallReply> {
    this.calls.push(request);
    const { status = 200, headers = {}, body } = await this.#answer(request, this.calls.length - 1);
    return {
      requestId: `run-${this.calls.length}`,
      status,
      headers: Object.entries(headers),
      body: bytesOf(body),
      attempts: 1,
      durationUs: 1,
    };
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }

  get last(): RuntimeCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error("Nothing was called");
    return call;
  }
}

function bytesOf(body: unknown): Uint8Array | ReadableStream<Uint8Array> {
  if (body instanceof ReadableStream || body instanceof Uint8Array) return body;
  if (body === undefined) return new Uint8Array();
  return new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
}

export function header(call: RuntimeCall, name: string): string | undefined {
  return call.headers.find(([key]) => key === name)?.[1];
}

export function bodyText(call: RuntimeCall): string {
  return call.body instanceof Uint8Array ? new TextDecoder().decode(call.body) : String(call.body);
}

export class TestError<Body = unknown> extends ApiError<Body> {
  override readonly name: string = "TestError";
}

export const SPEC: ConnectorData<"test"> = {
  id: "test",
  version: "1.0.0",
  servers: { default: { url: "https://api.test/v1" } },
  errors: {
    error: TestError,
    message: ["error", "message"],
    code: ["error", "code"],
    requestId: "x-request-id",
  },
};

export const GET: OperationData = {
  id: "things.get",
  method: "GET",
  path: "/things",
  result: jsonResult,
};

export function client(
  runtime: ConnectorRuntime,
  spec: Partial<ConnectorData<"test">> = {},
  options: ClientOptions & { readonly [field: string]: unknown } = {},
): ConnectorClient<"test"> {
  return new ConnectorClient({ ...SPEC, ...spec }, { ...options, runtime });
}

export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then((value) => {
    throw new Error(`It should have failed, but gave ${JSON.stringify(value)}`);
  }, (error: unknown) => error);
}
