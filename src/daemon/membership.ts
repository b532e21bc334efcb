/** The contract between the daemon and what makes it a member of a pool. */
import type { NatsAddress } from "../core/pool/nats_address.ts";
import type { MemberInfo } from "../nats/presence.ts";
import type { JobFigures } from "./jobs/job_runner.ts";
import type { JobStore } from "./jobs/job_store.ts";
import type { Accept } from "./listen/listener.ts";

/** What the daemon gives to its membership. */
export interface MemberSide {
  readonly accept: Accept;
  readonly state: () => Omit<MemberInfo, "id" | "gone">;
}

export interface PoolFigures {
  /** This member's id. */
  readonly id: string;
  /** False while the connection to NATS is lost. */
  readonly connected: boolean;
  /** Those that were heard lately, itself included. */
  readonly members: readonly MemberInfo[];
  readonly sessions: number;
  /** Messages that could not be read. */
  readonly refused: number;
  /** Absent if it makes no submitted calls. */
  readonly jobs?: JobFigures | undefined;
}

export interface Membership {
  /** Takes no new clients. Idempotent. */
  leaveCalls(): Promise<void>;
  /** Leaves the pool. Idempotent. */
  close(): Promise<void>;
  figures(): Omit<PoolFigures, "jobs">;
  /** Rejects with `package.missing`, `submit.unavailable`. */
  openJobs(): Promise<JobStore>;
}

/** Rejects with a ConnectorError `connect.*` if NATS cannot be reached. */
export type Join = (address: NatsAddress, side: MemberSide) => Promise<Membership>;
