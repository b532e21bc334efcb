/**
 * Usage that counts for all runtimes with the same store: one entry for each tenant and period, in which each runtime has its
 * own figures. They only grow, so writing them again after an answer was lost counts nothing twice.
 */
import { periodEnd } from "../quota/period.ts";
import type { QuotaRow, QuotaStorage, Usage } from "../quota/quota_row.ts";
import { larger } from "../quota/quota_row.ts";
import { keyOf } from "./keys.ts";
import type { Reach } from "./reach.ts";
import type { SharedStore } from "./shared_store.ts";

/** Calls, bytes and cost, by runtime. */
type Written = Record<string, readonly [number, number, number]>;

const TRIES = 8;
/** Tenants whose entries are written at the same time: one after the other, ten thousand would take longer than the interval. */
const AT_ONCE = 32;

export class SharedQuotas implements QuotaStorage {
  readonly #reach: Reach;
  /** Others' rows as they were read, until they are loaded. */
  #read: QuotaRow[] = [];

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  load(now: number): Promise<readonly QuotaRow[]> {
    const rows = this.#read.filter(({ period, start }) => periodEnd(period, start) > now);
    this.#read = [];
    return Promise.resolve(rows);
  }

  async save(rows: readonly QuotaRow[]): Promise<void> {
    const left = rows.values();
    const write = async (): Promise<void> => {
      for (const row of left) await this.#save(row);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, write));
  }

  part(): number | undefined {
    return this.#reach.part();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #save(row: QuotaRow): Promise<void> {
    const { tenantId, period, start, writer } = row;
    const key = keyOf("usage", `${tenantId}\n${period}\n${start}`);
    for (let tried = 0; tried < TRIES; tried++) {
      const entry = await this.#reach.ask((store) => store.get("months", key));
      const written = parse(entry?.value);
      const { calls, bytes, cost } = larger(usage(written[writer]), row);
      const value = JSON.stringify({ ...written, [writer]: [calls, bytes, cost] });
      const done = await this.#reach.ask((store: SharedStore) =>
        store.put("months", key, value, entry?.revision)
      );
      if (done === undefined) continue;
      for (const [other, figures] of Object.entries(written)) {
        if (other === writer) continue;
        this.#read.push({ tenantId, period, start, writer: other, ...usage(figures) });
      }
      return;
    }
    throw new Error("other runtimes write the same entry all the time");
  }
}

function usage([calls, bytes, cost]: readonly [number, number, number] = [0, 0, 0]): Usage {
  return { calls, bytes, cost };
}

/** What is not a number would make every sum that it is in one, and a quota that nothing exceeds. */
function isUsage(one: unknown): boolean {
  return Array.isArray(one) && one.length === 3 &&
    one.every((figure) => Number.isFinite(figure) && figure >= 0);
}

function parse(text: string | undefined): Written {
  try {
    const read = JSON.parse(text ?? "{}") as Written;
    return Object.values(read).every(isUsage) ? read : {};
  } catch {
    return {};
  }
}
