import type { Shelf } from "../../engine/leases/shared_store.ts";

/** How long entries are kept after their last change, ms; 0: for ever. */
export const SHELF_MS: Readonly<Record<Shelf, number>> = {
  hour: 3_600_000,
  months: 62 * 86_400_000,
  ever: 0,
};
