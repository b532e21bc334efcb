/** Removes what runtimes of a test have shared. */
import { REDIS_PORT, serverOn } from "../databases.ts";
import { natsMissing, sharedNats } from "../nats.ts";

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
