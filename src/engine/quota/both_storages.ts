import type { QuotaStorage } from "./quota_row.ts";

/** Rows in both: what is in the first is still there when the second cannot be reached. */
export function bothStorages(first: QuotaStorage, second: QuotaStorage): QuotaStorage {
  return {
    async load(now) {
      const rows = await first.load(now);
      return [...rows, ...await second.load(now)];
    },
    async save(rows) {
      await first.save(rows);
      await second.save(rows);
    },
    part: () => second.part?.(),
    async close() {
      await first.close();
      await second.close();
    },
  };
}
