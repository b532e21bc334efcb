/** The stores that runtimes of a test can share. */
import type { SharedStore } from "../../../src/engine/leases/shared_store.ts";
import { natsStore } from "../../../src/platform/stores/nats_store.ts";
import { redisStore } from "../../../src/platform/stores/redis_store.ts";
import { parseNatsAddress } from "../../../src/transport/nats_address.ts";
import { REDIS_PORT, serverOn } from "../databases.ts";
import { natsMissing, sharedNats } from "../nats.ts";

export interface StorePlace {
  readonly kind: "NATS" | "Redis";
  /** Why it cannot be had here. */
  readonly missing: string | undefined;
  readonly at: () => Promise<string>;
  /** As a runtime does. */
  readonly open: () => Promise<SharedStore>;
}

/** `name`: of what is shared, for stores whose address says it. */
export async function storePlaces(name: string): Promise<readonly StorePlace[]> {
  const { missing } = await serverOn(REDIS_PORT, "Redis");
  const atNats = async () => `nats://${await sharedNats()}/${name}`;
  const atRedis = `redis://127.0.0.1:${REDIS_PORT}`;
  return [
    {
      kind: "NATS",
      missing: natsMissing,
      at: atNats,
      open: async () => natsStore(parseNatsAddress(await atNats())),
    },
    {
      kind: "Redis",
      missing,
      at: () => Promise.resolve(atRedis),
      open: () => Promise.resolve(redisStore(atRedis, name)),
    },
  ];
}

export async function removeShared(name: string): Promise<void> {
  if (natsMissing === undefined) {
    const { connect } = await import("@nats-io/transport-node");
    const { jetstreamManager } = await import("@nats-io/jetstream");
    const nats = await connect({ servers: await sharedNats() });
    const manager = await jetstreamManager(nats);
    for (const shelf of ["hour", "months", "ever"]) {
      await manager.streams.delete(`KV_vastar_${name}_${shelf}`).catch(() => {});
    }
    await nats.close();
  }
  if ((await serverOn(REDIS_PORT, "Redis")).missing !== undefined) return;
  const { Redis } = await import("ioredis");
  const client = new Redis(REDIS_PORT);
  const keys = await client.keys(`vastar:${name}:*`);
  if (keys.length > 0) await client.del(...keys);
  client.disconnect();
}
