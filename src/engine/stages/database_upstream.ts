/** The innermost stage for databases: one statement, or command, on a connection of the tenant's pool. */
import type { StatementBody } from "../../core/database/body.ts";
import type {
  DatabaseConnection,
  DatabaseCursor,
  DatabaseDrivers,
  DatabaseOutcome,
  DatabaseWork,
} from "../../core/database/driver.ts";
import { CallAbort, type CallSignal } from "../../core/async/call_signal.ts";
import type { CallReply, HeaderList } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { PinnedAddress } from "../../core/rules/pinned_address.ts";
import { rowsToRead, shaped } from "../database/answer.ts";
import type { DatabaseCall } from "../database/database_call.ts";
import type { ResolvedDatabases } from "../database/database_options.ts";
import type { Lease, Pools } from "../database/pools.ts";
import { rowStream } from "../database/row_stream.ts";
import { abortable } from "../../http/dns.ts";
import { type FirstByte, firstByte } from "../first_byte.ts";
import { nextAddresses } from "../next_addresses.ts";
import type { ActiveCall, ParsedUrl } from "../call.ts";
import type { Timers } from "../timers.ts";
import { hinted } from "../times.ts";

export interface DatabaseUpstreamDeps {
  readonly drivers: () => Promise<DatabaseDrivers>;
  readonly pools: Pools;
  readonly options: ResolvedDatabases;
  readonly ca: readonly string[];
  readonly clock: Clock;
  readonly timers: Timers;
}

type Addresses = readonly PinnedAddress[] | undefined;

const JSON_TYPE: HeaderList = [["content-type", "application/json"]];
const LINES_TYPE: HeaderList = [["content-type", "application/x-ndjson"]];

export function databaseUpstream(
  deps: DatabaseUpstreamDeps,
): (call: ActiveCall, asked: DatabaseCall) => Promise<CallReply> {
  const { pools, options, clock, timers } = deps;
  const encoder = new TextEncoder();

  async function attempt(call: ActiveCall, asked: DatabaseCall): Promise<CallReply> {
    const admitted = nextAddresses(call);
    const addresses = admitted instanceof Promise ? await admitted : admitted;
    const { url, origin } = call.target as ParsedUrl;
    const { tenantId } = call.request;
    const key = { tenantId, url: asked.url, database: origin, size: asked.poolSize };
    const leased = pools.lease(call, key, () => open(call, asked, url, addresses));
    const lease = leased instanceof Promise ? await leased : leased;
    const watch = firstByte(call, timers);
    const signal = watch?.signal ?? call.signal;
    if (signal.aborted) {
      lease.release();
      throw signal.reason;
    }
    call.sent = "maybe";
    const { body } = asked;
    if ("statement" in body && body.stream) return await streamed(call, body, lease, signal, watch);
    return await whole(call, body, lease, signal, watch);
  }

  /**
   * A call that ends before the server has let go leaves; the connection is free when the server has. One promise and one
   * listener: this is what each call costs.
   */
  function whole(
    call: ActiveCall,
    body: DatabaseWork["body"],
    { connection, release }: Lease,
    signal: CallSignal,
    watch: FirstByte | undefined,
  ): Promise<CallReply> {
    const isStatement = "statement" in body;
    const maxRows = isStatement ? rowsToRead(body, options.maxRows) : 0;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        watch?.cancel();
        connection.cancel();
        reject(signal.reason);
      };
      const over = (): void => {
        watch?.cancel();
        signal.removeEventListener("abort", onAbort);
        release();
      };
      signal.addEventListener("abort", onAbort);
      connection.run(workOf(call, body, maxRows)).then((outcome) => {
        over();
        // Who has left already has an error.
        if (signal.aborted) return;
        try {
          const json = isStatement ? shaped(body, outcome, maxRows) : wholeOf(outcome);
          resolve(reply(call, JSON_TYPE, encoder.encode(json)));
        } catch (error) {
          reject(error);
        }
      }, (error: unknown) => {
        over();
        reject(error);
      });
    });
  }

  async function streamed(
    call: ActiveCall,
    body: StatementBody,
    { connection, release }: Lease,
    signal: CallSignal,
    watch: FirstByte | undefined,
  ): Promise<CallReply> {
    const cancel = (): void => connection.cancel();
    signal.addEventListener("abort", cancel);
    let cursor: DatabaseCursor | undefined;
    try {
      cursor = connection.stream(workOf(call, body, body.maxRows ?? Infinity));
      const first = await abortable(cursor.next(), signal);
      return reply(call, LINES_TYPE, rowStream(cursor, first, body.maxRows, release));
    } catch (error) {
      if (cursor === undefined) release();
      else cursor.close().then(release, release);
      throw error;
    } finally {
      watch?.cancel();
      signal.removeEventListener("abort", cancel);
    }
  }

  function workOf(call: ActiveCall, body: DatabaseWork["body"], maxRows: number): DatabaseWork {
    const left = call.deadlineAt - clock.monotonic();
    return { body, maxRows, timeoutMs: Math.max(1, Math.ceil(left)) };
  }

  function reply(call: ActiveCall, headers: HeaderList, body: CallReply["body"]): CallReply {
    call.sent = "committed";
    call.status = 200;
    return {
      requestId: call.id,
      status: 200,
      headers,
      body,
      attempts: call.attempts,
      durationUs: Math.round((clock.monotonic() - call.startedAt) * 1_000),
      ...call.waits(),
    };
  }

  /** At the first address that accepts a connection. */
  async function open(
    call: ActiveCall,
    { kind }: DatabaseCall,
    url: URL,
    addresses: Addresses,
  ): Promise<DatabaseConnection> {
    const drivers = await deps.drivers();
    const limit = hinted("connectTimeoutMs", call.request.policy, call.tenant.times);
    const owner = call.request.tenantId;
    const candidates = addresses ?? [undefined];
    for (let at = 0;; at++) {
      const target = { kind, url, pinned: candidates[at], owner, ca: deps.ca };
      try {
        return await timed(call, limit, (signal) => drivers.open(target, signal));
      } catch (error) {
        const passing = error instanceof ConnectorError && error.sent === "no" &&
          error.errorClass === ErrorClass.Transient;
        if (!passing || at + 1 >= candidates.length || call.signal.aborted) throw error;
      }
    }
  }

  async function timed<T>(
    call: ActiveCall,
    limit: number,
    work: (signal: CallAbort) => Promise<T>,
  ): Promise<T> {
    const abort = new CallAbort();
    const onAbort = (): void => abort.abort(call.signal.reason);
    const timeout = timers.after(limit, () => abort.abort(tooSlow(call, limit)));
    if (call.signal.aborted) onAbort();
    else call.signal.addEventListener("abort", onAbort);
    try {
      return await work(abort);
    } finally {
      timeout.cancel();
      call.signal.removeEventListener("abort", onAbort);
    }
  }

  return attempt;
}

function wholeOf(outcome: DatabaseOutcome): string {
  return outcome.kind === "value" ? outcome.json : "null";
}

function tooSlow(call: ActiveCall, ms: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "timeout.connect",
    message: `${call.target?.host ?? "the database"} did not accept a connection within ${ms} ms`,
    origin: "upstream",
    sent: "no",
  });
}
