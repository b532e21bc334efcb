/** The other design: a virtual connection for each call, not one for each pair of client and member. */
import { systemClock } from "../../src/core/clock.ts";
import { formatNatsAddress } from "../../src/core/pool/nats_address.ts";
import { subjectsOf } from "../../src/nats/subjects.ts";
import { openBus } from "../../src/platform/nats/open_bus.ts";
import { clientClosed } from "../../src/transport/failures.ts";
import { parseNatsAddress } from "../../src/transport/nats_address.ts";
import { ClientSockets } from "../../src/transport/pool/client_sockets.ts";
import { PoolSession } from "../../src/transport/pool/pool_session.ts";
import { toCallRequest } from "../../src/client/request.ts";

const DEFAULTS = {
  tenantId: "default",
  workspaceId: "",
  traceId: "",
  timeoutMs: 60_000,
  retries: undefined,
};

export interface EachCall {
  get(url: string): Promise<void>;
  close(): Promise<void>;
}

export async function connectionEach(address: string): Promise<EachCall> {
  const where = parseNatsAddress(address);
  const subjects = subjectsOf(where.pool);
  const sockets = new ClientSockets({
    clock: systemClock,
    subjects,
    openBus: () => openBus(where, { name: "bench", timeoutMs: 5_000 }),
    onList: () => {},
    onBeat: () => {},
  });
  await sockets.connect();
  return {
    async get(url) {
      const session = await PoolSession.open({
        address: formatNatsAddress(where),
        sockets,
        subject: subjects.call,
        clock: systemClock,
        token: undefined,
        timeoutMs: 5_000,
        connectTimeoutMs: 5_000,
        elsewhere: () => Promise.reject(clientClosed()),
        onUnusable: () => {},
        onMembers: () => {},
      });
      await session.connection.call(await toCallRequest({ url }, DEFAULTS));
      session.connection.close(clientClosed());
    },
    close: () => sockets.close(),
  };
}
