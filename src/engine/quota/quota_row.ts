/**
 * How quotas survive a restart. Each process that counts writes rows of its own under a name that no other ever has, and a row
 * only ever grows: to merge two versions of one is to take the larger numbers. So a row may be written twice, read twice or
 * arrive late without anything counted double, and a process that is killed loses what it had not written yet, nothing else.
 */
import type { Period } from "./period.ts";

export interface Usage {
  readonly calls: number;
  readonly bytes: number;
  /** In the unit of the operator's choice: tokens, for example. */
  readonly cost: number;
}

export interface QuotaRow extends Usage {
  readonly tenantId: string;
  readonly period: Period;
  /** Epoch milliseconds. */
  readonly start: number;
  /** Which process counted. */
  readonly writer: string;
}

export interface QuotaStorage {
  /** Rows of the periods that now are, of every writer, at least those not loaded before. Rows of earlier periods may be deleted. */
  load(now: number): Promise<readonly QuotaRow[]>;
  /** In one transaction; a row replaces the stored one of the same tenant, period, start and writer where it is larger. */
  save(rows: readonly QuotaRow[]): Promise<void>;
  close(): Promise<void>;
}

export function larger(a: Usage, b: Usage): Usage {
  return {
    calls: Math.max(a.calls, b.calls),
    bytes: Math.max(a.bytes, b.bytes),
    cost: Math.max(a.cost, b.cost),
  };
}
