/** Where a daemon keeps what its tenants have used. */
import type { ConnectorError } from "../core/errors.ts";
import type { QuotaStorage } from "../engine/quota/quota_row.ts";
import { quotaFile } from "./quota_file.ts";

/** In the file, and in what is shared with other runtimes as well. Undefined without a file: then there are no quotas. */
export function quotaStorage(
  file: string | undefined,
  shared: QuotaStorage | undefined,
  onError: (error: ConnectorError) => void,
): QuotaStorage | undefined {
  if (file === undefined) return undefined;
  const own = quotaFile(file, onError);
  return shared === undefined ? own : both(own, shared);
}

/** What is in the first is still there when the second cannot be reached. */
function both(first: QuotaStorage, second: QuotaStorage): QuotaStorage {
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
