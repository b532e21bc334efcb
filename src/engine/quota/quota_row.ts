/**
 * How quotas survive a restart. Each process writes its own rows under a unique name, and a row
 * only grows: merging two versions of one takes the larger numbers. So a row may be written twice, read twice or
 * arrive late without double counting, and a killed process loses only what it had not written yet.
 */
import type { Period } from "./period.ts";

export interface Usage {
  readonly calls: number;
  readonly bytes: number;
  /** In a unit of the operator's choice, such as tokens. */
  readonly cost: number;
}

export interface QuotaRow extends Usage {
  readonly tenantId: string;
  readonly period: Period;
  /** Epoch milliseconds. */
  readonly start: number;
  /** The process that counted. */
  readonly writer: string;
}

export interface QuotaStorage {
  /** Rows of the current periods, of every writer, at least those not loaded before. Rows of earlier periods may be deleted. */
  load(now: number): Promise<readonly QuotaRow[]>;
  /** Writes in one transaction; a row replaces the stored one of the same tenant, period, start and writer where it is larger. */
  save(rows: readonly QuotaRow[]): Promise<void>;
  close(): Promise<void>;
  /**
   * Undefined: rows can be read and written. Else which part of what is left this process may use without knowing what the
   * others do.
   */
  part?(): number | undefined;
}

export function larger(a: Usage, b: Usage): Usage {
  return {
    calls: Math.max(a.calls, b.calls),
    bytes: Math.max(a.bytes, b.bytes),
    cost: Math.max(a.cost, b.cost),
  };
}
