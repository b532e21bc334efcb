/** HTTP/1.1 over sockets: pinned addresses, kept connections, no redirects, retries only of requests that cannot have arrived. */
import type { Soon } from "../core/async/soon.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { UpstreamOptions, UpstreamRequest } from "../core/platform.ts";
import type { Dial } from "./dial.ts";
import { type Answer, Exchange } from "./exchange.ts";
import type { ParserOptions } from "./parser.ts";
import { createPool } from "./pool.ts";
import { targetOf } from "./target.ts";

export type { Answer } from "./exchange.ts";

export interface ClientDeps<T> {
  readonly dial: Dial;
  readonly latin1: ParserOptions["latin1"];
  readonly cut?: ParserOptions["cut"];
  /** Turns an answer into what callers get, decoding it if needed. */
  readonly finish: (answer: Answer, request: UpstreamRequest) => T | Promise<T>;
  /** Default: the system's. */
  readonly clock?: Clock;
}

export interface HttpClient<T> {
  /** Resolves at the head, or for a short body at its end. Rejects with a ConnectorError, or the signal's reason. */
  exchange(request: UpstreamRequest): Soon<T>;
  close(): void;
}

export function createHttpClient<T>(options: UpstreamOptions, deps: ClientDeps<T>): HttpClient<T> {
  const pool = createPool({
    maxIdle: options.maxSocketsPerHost,
    maxOpen: options.maxOpenPerHost,
    keepMs: options.keepAliveMs,
  }, {
    dial: deps.dial,
    clock: deps.clock ?? systemClock,
    parser: { maxHeadBytes: options.maxHeadBytes, latin1: deps.latin1, cut: deps.cut },
  });
  const shared = { pool, wholeBodyBytes: options.wholeBodyBytes, finish: deps.finish };
  return {
    exchange(request) {
      const exchange = new Exchange(request, targetOf(request.url, request.pinned), shared);
      if (request.signal.aborted) exchange.answer.reject(request.signal.reason);
      else exchange.start();
      return exchange.answer;
    },
    close: pool.close,
  };
}
