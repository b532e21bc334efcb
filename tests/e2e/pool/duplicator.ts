/** Delivers every message of a pool twice. */
import { connect } from "@nats-io/transport-node";

export interface Duplicator {
  readonly copies: number;
  stop(): Promise<void>;
}

export async function duplicate(server: string, pool: string): Promise<Duplicator> {
  // Its own are not echoed, so that it does not copy its copies.
  const nats = await connect({
    servers: server,
    noEcho: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  let copies = 0;
  for (const subject of [`vastar.v1.*.${pool}`, `vastar.v1.*.${pool}.>`]) {
    nats.subscribe(subject, {
      callback(error, { subject: to, data, reply }) {
        if (error !== null) return;
        copies++;
        nats.publish(to, data, reply ? { reply } : {});
      },
    });
  }
  await nats.flush();
  return {
    get copies() {
      return copies;
    },
    stop: () => nats.close(),
  };
}
