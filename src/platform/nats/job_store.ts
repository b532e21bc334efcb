/** Jobs and their results in JetStream: a work queue, and a stream in which results stay for a day. */
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { Delivery, JobStore } from "../../daemon/jobs/job_store.ts";
import { loadJetStream } from "./packages.ts";

export interface JobStoreOptions {
  /** After so long without a word of its member, a job goes to another. Default: 30,000. */
  readonly ackWaitMs?: number | undefined;
}

const SECOND_NS = 1_000_000_000;
const DAY_NS = 86_400 * SECOND_NS;
const MOST_BYTES = 1024 ** 3;
/** A member that says nothing about a job for so long is dead. */
const ACK_WAIT_MS = 30_000;
/** The runner gives up before; this ends what kills every member that takes it. */
const MOST_DELIVERIES = 20;
const ASK_MS = 5_000;
/** After a failure of the server. */
const PAUSE_MS = 500;
const HEAD_BYTES = 1024;
/** In place of a number of pieces that takes four bytes more. */
const MANY = 0xff;
const CONSUMER = "members";

/** @throws ConnectorError `package.missing`, `submit.unavailable`. */
export async function openJobStore(
  nats: NatsConnection,
  pool: string,
  { ackWaitMs = ACK_WAIT_MS }: JobStoreOptions = {},
): Promise<JobStore> {
  const { jetstream, jetstreamManager } = await loadJetStream();
  const jobs = `vastar.v1.job.${pool}`;
  const results = `vastar.v1.result.${pool}`;
  const [queue, kept] = [`vastar_${pool}_jobs`, `vastar_${pool}_results`];
  const client = jetstream(nats);
  const manager = await unavailable(jetstreamManager(nats));
  // Those that are there are left as they are: an operator may have given them other limits, or replicas.
  const stream = async (name: string, subject: string, more: Record<string, unknown>) => {
    const there = await manager.streams.info(name).then(() => true, () => false);
    if (there) return;
    await manager.streams.add({ name, subjects: [subject], max_bytes: MOST_BYTES, ...more });
  };
  await unavailable((async () => {
    await stream(queue, `${jobs}.*`, { retention: "workqueue", discard: "new" });
    await stream(kept, `${results}.>`, { max_age: DAY_NS, max_msgs_per_subject: 1 });
    await manager.consumers.add(queue, {
      durable_name: CONSUMER,
      ack_policy: "explicit",
      ack_wait: ackWaitMs * 1_000_000,
      max_deliver: MOST_DELIVERIES,
    });
  })());
  const maxBytes = (nats.info?.max_payload ?? 1024 * 1024) - HEAD_BYTES;
  const subject = (id: string, name: string, piece: number) => `${results}.${id}.${name}.${piece}`;
  const last = async (at: string): Promise<Uint8Array | undefined> =>
    (await unavailable(manager.streams.getMessage(kept, { last_by_subj: at })))?.data;

  return {
    maxBytes,
    async add(id, bytes) {
      await unavailable(client.publish(`${jobs}.${id}`, bytes, { msgID: `${pool}.${id}` }));
    },
    take(atOnce, run) {
      let on = true;
      let active = 0;
      let room = (): void => {};
      const loop = async () => {
        let consumer: Consumer | undefined;
        while (on && !nats.isClosed()) {
          if (active >= atOnce) await new Promise<void>((free) => room = free);
          try {
            consumer ??= await client.consumers.get(queue, CONSUMER);
            const message = await consumer.next({ expires: ASK_MS });
            if (message === null) continue;
            if (!on) return message.nak();
            active++;
            void run(delivery(message)).finally(() => {
              active--;
              room();
            });
          } catch {
            consumer = undefined;
            await new Promise<void>((wake) => setTimeout(wake, PAUSE_MS).unref?.());
          }
        }
      };
      void loop();
      return () => on = false;
    },
    async put(id, name, bytes) {
      // The first piece says how many there are, and comes last.
      const pieces = Math.max(1, Math.ceil(bytes.length / maxBytes));
      for (let piece = pieces - 1; piece > 0; piece--) {
        const part = bytes.subarray(piece * maxBytes, (piece + 1) * maxBytes);
        await unavailable(client.publish(subject(id, name, piece), part));
      }
      const head = countHead(pieces);
      const first = new Uint8Array(head.length + Math.min(bytes.length, maxBytes));
      first.set(head);
      first.set(bytes.subarray(0, maxBytes), head.length);
      await unavailable(client.publish(subject(id, name, 0), first));
    },
    async get(id, name) {
      const first = await last(subject(id, name, 0));
      if (first === undefined) return undefined;
      const { pieces, length } = readCount(first);
      const parts = [first.subarray(length)];
      for (let piece = 1; piece < pieces; piece++) {
        const part = await last(subject(id, name, piece));
        if (part === undefined) return undefined;
        parts.push(part);
      }
      return joined(parts);
    },
    watch(id, name, onPut) {
      const subscription = nats.subscribe(subject(id, name, 0), { callback: () => onPut() });
      return () => {
        if (!nats.isClosed()) subscription.unsubscribe();
      };
    },
  };
}

/** Before the first piece of a result: how many there are, in a byte if it can be. */
function countHead(pieces: number): Uint8Array {
  if (pieces < MANY) return Uint8Array.of(pieces);
  const head = new Uint8Array(5);
  head[0] = MANY;
  new DataView(head.buffer).setUint32(1, pieces);
  return head;
}

function readCount(first: Uint8Array): { readonly pieces: number; readonly length: number } {
  const pieces = first[0] ?? 0;
  if (pieces !== MANY) return { pieces, length: 1 };
  return { pieces: new DataView(first.buffer, first.byteOffset).getUint32(1), length: 5 };
}

function delivery(message: JsMsg): Delivery {
  return {
    id: message.subject.slice(message.subject.lastIndexOf(".") + 1),
    bytes: message.data,
    attempt: message.info.deliveryCount,
    working: () => message.working(),
    async done() {
      await message.ackAck();
    },
    again: (afterMs) => message.nak(Math.round(afterMs)),
    drop: () => message.term(),
  };
}

/** The server has no JetStream, no room, or does not answer. */
async function unavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const full = /maximum (bytes|messages)|insufficient|resource/i.test(text);
    throw new ConnectorError({
      errorClass: full ? ErrorClass.RateLimited : ErrorClass.Transient,
      code: full ? "submit.queue_full" : "submit.unavailable",
      message: full
        ? "The queue of the pool is full: wait until jobs are done, or give its stream more room"
        : `JetStream of the pool's server does not do what it should: ${text}`,
      sent: "maybe",
      cause,
    });
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
