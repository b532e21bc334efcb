/** What runtimes share, in key-value buckets of JetStream: one for each shelf, since entries of a bucket live equally long. */
import type { JetStreamApiError } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import type { NatsAddress } from "../../core/pool/nats_address.ts";
import type { SharedStore, Shelf } from "../../engine/leases/shared_store.ts";
import { openNats } from "../nats/open_bus.ts";
import { loadJetStream, loadKv } from "../nats/packages.ts";
import { SHELF_MS } from "./shelves.ts";

const CONNECT_MS = 900;
const AGAIN_MS = 1_000;
/** The server's code for a revision that is not the last one. */
const WRONG_REVISION = 10071;

interface Open {
  readonly nats: NatsConnection;
  readonly buckets: ReadonlyMap<Shelf, KV>;
}

export function natsStore(address: NatsAddress): SharedStore {
  let opening: Promise<Open> | undefined;
  let closed = false;

  async function openAll(): Promise<Open> {
    const [{ jetstream }, { Kvm }] = [await loadJetStream(), await loadKv()];
    const nats = await openNats(address, { name: "vastar runtime limits", timeoutMs: CONNECT_MS });
    try {
      const manager = new Kvm(jetstream(nats, { timeout: CONNECT_MS }));
      const buckets = new Map<Shelf, KV>();
      for (const shelf of Object.keys(SHELF_MS) as Shelf[]) {
        // One that is there is left as it is: an operator may have given it replicas.
        const name = `vastar_${address.pool}_${shelf}`;
        buckets.set(shelf, await manager.create(name, { history: 1, ttl: SHELF_MS[shelf] }));
      }
      return { nats, buckets };
    } catch (error) {
      await nats.close();
      throw error;
    }
  }

  /** A failure is not remembered: the next one who asks tries again. */
  const open = (): Promise<Open> =>
    opening ??= openAll().then((ready) => {
      void ready.nats.closed().then(() => opening = undefined);
      return ready;
    }, (error: unknown) => {
      opening = undefined;
      throw error;
    });
  const bucket = async (shelf: Shelf): Promise<KV> => (await open()).buckets.get(shelf) as KV;

  return {
    async get(shelf, key) {
      const entry = await (await bucket(shelf)).get(key);
      if (entry?.operation !== "PUT") return undefined;
      const { revision, created } = entry;
      return { value: entry.string(), revision, changedAt: created.getTime() };
    },
    async put(shelf, key, value, revision) {
      const kv = await bucket(shelf);
      try {
        return revision === undefined
          ? await kv.create(key, value)
          : await kv.update(key, value, revision);
      } catch (error) {
        if ((error as JetStreamApiError | undefined)?.code === WRONG_REVISION) return undefined;
        throw error;
      }
    },
    watch(shelf, key, onValue) {
      let stop = (): void => {};
      let on = true;
      const follow = async (): Promise<void> => {
        while (on && !closed) {
          try {
            const found = await (await bucket(shelf)).watch({ key });
            stop = () => found.stop();
            for await (const entry of found) {
              if (on && entry.operation === "PUT") onValue(entry.string());
            }
          } catch {
            // Away: tried again.
          }
          if (on && !closed) await new Promise((wake) => setTimeout(wake, AGAIN_MS).unref?.());
        }
      };
      void follow();
      return () => {
        on = false;
        stop();
      };
    },
    async close() {
      closed = true;
      const ready = await opening?.catch(() => undefined);
      await ready?.nats.close();
    },
  };
}
