/** Opens what a runtime shares with others. Apart from its options, which are read without it. */
import { systemClock } from "../../../src/core/clock.ts";
import type { DaemonLog } from "../../../src/daemon/mod.ts";
import type { SharedStore } from "../../../src/engine/leases/shared_store.ts";
import { Sharing } from "../../../src/engine/leases/sharing.ts";
import { type SharedOptions, shownShared } from "./shared.ts";

export async function openSharing(options: SharedOptions, log: DaemonLog): Promise<Sharing> {
  const { maxAwayMs } = options;
  const { store: shown } = shownShared(options);
  const sharing = new Sharing({
    store: await openStore(options),
    clock: systemClock,
    maxAwayMs,
    onChange: (away) =>
      away
        ? log.warn(
          "{store} cannot be reached: this runtime goes on with its part of shared limits",
          {
            store: shown,
          },
        )
        : log.info("{store} can be reached again", { store: shown }),
  });
  await sharing.start();
  return sharing;
}

export async function openStore({ store }: Pick<SharedOptions, "store">): Promise<SharedStore> {
  if (store.kind === "nats") {
    const { natsStore } = await import("../../../src/platform/stores/nats_store.ts");
    return natsStore(store.address);
  }
  const { redisStore } = await import("../../../src/platform/stores/redis_store.ts");
  return redisStore(store.url, store.name);
}
