import { expect } from "bun:test";
import type { CallRequest } from "../../../src/core/call.ts";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { ConnectorError } from "../../../src/core/errors.ts";
import type { SocketAddress } from "../../../src/core/platform.ts";
import { SocketTransport, type SocketTransportOptions } from "../../../src/transport/socket.ts";
import type { FakeRuntime } from "./fake_runtime.ts";

export const ADDRESS: SocketAddress = { kind: "unix", path: "/fake.sock" };

export function transportTo(
  runtime: FakeRuntime,
  options: Partial<SocketTransportOptions> = {},
): SocketTransport {
  return new SocketTransport(ADDRESS, {
    platform: runtime.platform,
    clock: systemClock,
    connectTimeoutMs: 5000,
    ...options,
  });
}

export function request(change: Partial<CallRequest> = {}): CallRequest {
  return {
    tenantId: "acme",
    workspaceId: "prod",
    traceId: "t-1",
    connector: "http",
    operation: "request",
    method: "GET",
    url: "http://upstream/",
    headers: [],
    body: null,
    timeoutMs: 60_000,
    ...change,
  };
}

/** The ConnectorError that a promise rejects with; fails when it resolves. */
export async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
}

/** Lets everything run that needs no time. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

export async function text(body: Uint8Array | ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(body as BodyInit).text();
}

export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Time that moves only when told. */
export class FakeClock implements Clock {
  #now = 1_000_000;
  #timers = new Map<number, { at: number; callback: () => void }>();
  #id = 0;

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    this.#timers.set(++this.#id, { at: this.#now + ms, callback });
    return this.#id;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  get timers(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) =>
        t.at <= end
      ).sort((a, b) => a[1].at - b[1].at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].callback();
    }
    this.#now = end;
  }
}
