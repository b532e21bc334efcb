import { expect } from "bun:test";
import { RuntimeClient } from "../../../src/client/mod.ts";
import type { RuntimeClientOptions } from "../../../src/client/mod.ts";
import type { CallReply, CallRequest, Transport } from "../../../src/core/call.ts";
import { ConnectorError } from "../../../src/core/errors.ts";

export interface FakeTransport extends Transport {
  readonly requests: CallRequest[];
  readonly closes: number;
}

/** A transport that answers as the test says. */
export function fakeTransport(
  answer: (request: CallRequest) => Partial<CallReply> | Promise<Partial<CallReply>> = () => ({}),
): FakeTransport {
  const requests: CallRequest[] = [];
  let closes = 0;
  return {
    address: "embedded:",
    protocol: "embedded",
    requests,
    get closes() {
      return closes;
    },
    connect: () => Promise.resolve(),
    async call(request) {
      requests.push(request);
      return {
        requestId: "r1",
        status: 200,
        headers: [],
        body: new Uint8Array(0),
        attempts: 1,
        durationUs: 12,
        ...await answer(request),
      };
    },
    health: () =>
      Promise.resolve({ healthy: true, message: "ok", activeRequests: 0, availableCredits: 1 }),
    close() {
      closes++;
      return Promise.resolve();
    },
  };
}

export function clientOver(
  transport: Transport,
  options: RuntimeClientOptions = {},
): RuntimeClient {
  return new RuntimeClient({ transport, ...options });
}

export const bytes = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);

export function streamOf(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === "string" ? bytes(chunk) : chunk);
      }
      controller.close();
    },
  });
}

export async function failure(work: Promise<unknown> | (() => unknown)): Promise<ConnectorError> {
  let error: unknown;
  try {
    await (typeof work === "function" ? work() : work);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
}
