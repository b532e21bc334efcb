/** An engine over an upstream that a test plays itself, and a clock that it moves. */
import type { CallRequest } from "../../../src/core/call.ts";
import { ConnectorError } from "../../../src/core/errors.ts";
import type {
  Platform,
  Upstream,
  UpstreamRequest,
  UpstreamResponse,
} from "../../../src/core/platform.ts";
import {
  createEngine,
  type Engine,
  type EngineDeps,
  type EngineOptions,
} from "../../../src/engine/engine.ts";
import { type FakeClock, fakeClock } from "../../support/clock.ts";

export function callTo(url: string, part: Partial<CallRequest> = {}): CallRequest {
  return {
    tenantId: "t",
    workspaceId: "",
    traceId: "",
    connector: "http",
    operation: "request",
    method: "GET",
    headers: [],
    body: null,
    timeoutMs: 10_000,
    ...part,
    url,
  };
}

export type Exchange = (request: UpstreamRequest) => Promise<UpstreamResponse>;

export interface Rig {
  readonly engine: Engine;
  readonly clock: FakeClock;
  readonly requests: UpstreamRequest[];
  /** Names this resolver knows; others are not found. Public by default. */
  readonly zone: Record<string, string[]>;
  closed: boolean;
}

export function rig(
  exchange: Exchange,
  options: EngineOptions = {},
  env: Record<string, string> = {},
  name: Platform["name"] = "web",
  deps: Omit<EngineDeps, "platform"> = {},
): Rig {
  const clock = fakeClock();
  const requests: UpstreamRequest[] = [];
  const zone: Record<string, string[]> = { "a.example": ["8.8.8.8"], "b.example": ["8.8.4.4"] };
  const upstream: Upstream = {
    exchange(request) {
      requests.push(request);
      return untilAborted(request.signal, exchange(request));
    },
    resolve: (host) =>
      zone[host]
        ? Promise.resolve(
          zone[host].map((address) => ({ address, family: 4 as const, ttlMs: 60_000 })),
        )
        : Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" })),
    close() {
      made.closed = true;
      return Promise.resolve();
    },
  };
  const platform: Platform = {
    name,
    dial: () => Promise.reject(new Error("not used")),
    createUpstream: () => Promise.resolve(upstream),
    env: (name) => env[name],
  };
  const made: Rig = {
    // One attempt each call, unless a test is about more.
    engine: createEngine({ retry: false, breaker: false, ...options }, {
      platform,
      clock,
      random: () => 0.5,
      ...deps,
    }),
    clock,
    requests,
    zone,
    closed: false,
  };
  return made;
}

/** As real platforms do: an abort ends the exchange with its reason. */
function untilAborted<T>(signal: UpstreamRequest["signal"], work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    work.then(resolve, reject);
  });
}

export const never: Exchange = () => new Promise(() => {});

export function answer(
  status: number,
  text = "",
  headers: [string, string][] = [],
): UpstreamResponse {
  return { status, headers, body: new TextEncoder().encode(text) };
}

export async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  let value: unknown;
  try {
    value = await work;
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error(`it succeeded with ${JSON.stringify(value)}`);
}

/** Lets everything that is ready run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}
