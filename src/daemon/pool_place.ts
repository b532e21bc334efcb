/** A daemon's place in a pool: taken as soon as NATS can be reached, given up when the daemon ends. */
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import { formatNatsAddress } from "../core/pool/nats_address.ts";
import type { ByteSocket, SocketHandlers } from "../core/platform.ts";
import { ANYTHING, type Placement, takesAnything } from "../nats/placement.ts";
import type { SharedState } from "./connection/shared.ts";
import { JobDesk } from "./jobs/job_desk.ts";
import { JobRunner } from "./jobs/job_runner.ts";
import { Sealer } from "./jobs/seal.ts";
import type { Join, Membership, PoolFigures } from "./membership.ts";
import { type JoinOptions, poolNeedsToken } from "./options.ts";

/** A server that is away is tried again so often. */
const AGAIN_MS = 1_000;

export interface PoolPlaceDeps {
  readonly join: Join;
  readonly options: JoinOptions;
  readonly context: SharedState;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly draining: () => boolean;
  readonly accept: (
    socket: ByteSocket,
    listener: string,
    tokenRequired: boolean,
    only: Placement | undefined,
  ) => SocketHandlers;
}

export class PoolPlace {
  readonly #deps: PoolPlaceDeps;
  readonly #placed: Placement | undefined;
  readonly #name: string;
  #membership: Membership | undefined;
  #runner: JobRunner | undefined;
  #again: unknown;
  #left = false;

  constructor(deps: PoolPlaceDeps) {
    this.#deps = deps;
    const { address, only = ANYTHING } = deps.options;
    this.#placed = takesAnything(only) ? undefined : only;
    this.#name = formatNatsAddress(address);
  }

  /** Resolves also while no server can be reached: the place is taken later. Rejects with what a later attempt would not change. */
  async take(): Promise<void> {
    try {
      await this.#join();
    } catch (error) {
      if (!isAway(error)) throw error;
      const { log } = this.#deps.context;
      log.warn("{message}; the pool is joined as soon as it can be", { message: error.message });
      this.#later();
    }
  }

  figures(): PoolFigures {
    const figures = this.#membership?.figures() ??
      { id: "", connected: false, members: [], sessions: 0, refused: 0 };
    return { ...figures, jobs: this.#runner?.figures };
  }

  /** Submitted calls that are being made are given up. */
  abort(reason: ConnectorError): void {
    this.#runner?.abort(reason);
  }

  /** Takes no new clients and calls. Idempotent. */
  async leaveCalls(): Promise<void> {
    this.#end();
    this.#runner?.stop();
    await this.#membership?.leaveCalls();
  }

  async close(): Promise<void> {
    this.#end();
    await this.#membership?.close();
  }

  #end(): void {
    this.#left = true;
    this.#deps.context.clock.clearTimeout(this.#again);
  }

  #later(said?: string): void {
    const { clock, log } = this.#deps.context;
    const failed = (error: unknown): void => {
      if (this.#left) return;
      const message = error instanceof Error ? error.message : String(error);
      if (!isAway(error) && message !== said) {
        log.error("the pool cannot be joined: {message}", { message });
      }
      this.#later(message);
    };
    this.#again = clock.setTimeout(() => {
      this.#join().then(() => {
        if (!this.#left) log.info("joined {pool}", { pool: this.#name });
      }, failed);
    }, AGAIN_MS);
  }

  async #join(): Promise<void> {
    const { join, options, context, accept, startedAt, draining } = this.#deps;
    const { address, only = ANYTHING, name = "", secret } = options;
    const membership = await join(address, {
      accept: (socket) => accept(socket, this.#name, poolNeedsToken(options), this.#placed),
      state: () => ({
        name,
        only,
        draining: draining(),
        room: context.callsLeft(0),
        startedAt,
        calls: context.callsActive,
        callsTotal: context.callsTotal,
        callsByClass: context.callsByClass,
        sessions: context.sessions,
      }),
    });
    try {
      if (secret !== undefined && !this.#left) await this.#openJobs(membership, secret);
    } catch (error) {
      await membership.close();
      throw error;
    }
    if (this.#left) await membership.close();
    else this.#membership = membership;
  }

  /** Only members that take every call make submitted ones: whoever gets one must be able to make it. */
  async #openJobs(membership: Membership, secret: string): Promise<void> {
    const { context } = this.#deps;
    const store = await membership.openJobs();
    if (this.#left) return;
    const sealer = new Sealer(secret);
    context.desk = new JobDesk({ store, sealer, clock: context.clock });
    if (this.#placed === undefined) this.#runner = new JobRunner({ context, store, sealer });
  }
}

/** No server was there to answer: it may be started after this runtime. */
function isAway(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.errorClass === ErrorClass.Transient &&
    error.code.startsWith("connect.");
}
