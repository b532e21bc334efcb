/** Connections kept for reuse, by endpoint: newest first, for a limited time and in limited number. */
import type { Clock } from "../core/clock.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import type { Dial } from "./dial.ts";
import { Host, type PoolRules, type Waiter } from "./host.ts";
import type { ParserOptions } from "./parser.ts";

export type { Waiter } from "./host.ts";

export interface PoolOptions {
  /** Idle connections kept per host. */
  readonly maxIdle: number;
  /** Connections per host, used or idle; further exchanges wait their turn. */
  readonly maxOpen: number;
  /** How long an idle one is kept. */
  readonly keepMs: number;
}

export interface Pool {
  /** Calls `ready` or `failed` of the waiter, possibly at once. */
  acquire(waiter: Waiter): void;
  /** The waiter no longer wants a connection. */
  leave(waiter: Waiter): void;
  close(): void;
}

export function createPool(
  options: PoolOptions,
  deps: { readonly dial: Dial; readonly clock: Clock; readonly parser: ParserOptions },
): Pool {
  const { clock } = deps;
  const hosts = new Map<string, Host>();
  let sweeping = false;
  let closed: ConnectorError | undefined;

  const rules: PoolRules = {
    ...options,
    ...deps,
    idle() {
      if (sweeping) return;
      sweeping = true;
      clock.setTimeout(sweep, options.keepMs);
    },
    used: (host) => void hosts.set(host.key, host),
    empty: (host) => void hosts.delete(host.key),
  };

  /** One timer for all: closes what is too old, and is set again for the next one. */
  function sweep(): void {
    sweeping = false;
    const now = clock.monotonic();
    let next = Infinity;
    for (const host of hosts.values()) next = Math.min(next, host.dropOld(now));
    if (next === Infinity) return;
    sweeping = true;
    clock.setTimeout(sweep, Math.max(1, Math.ceil(next - now)));
  }

  function hostOf(waiter: Waiter): Host {
    const { key } = waiter.target;
    let host = hosts.get(key);
    if (host === undefined) {
      host = new Host(waiter.target, rules);
    }
    return host;
  }

  return {
    acquire(waiter) {
      if (closed === undefined) hostOf(waiter).acquire(waiter);
      else waiter.failed(closed);
    },
    leave: (waiter) => hosts.get(waiter.target.key)?.leave(waiter),
    close() {
      closed = closedPool();
      for (const host of [...hosts.values()]) host.close(closed);
    },
  };
}

function closedPool(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "client.closed",
    message: "the engine was closed",
    origin: "caller",
  });
}
