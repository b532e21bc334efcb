/**
 * workerd with sockets, for workers whose calls a daemon executes: `new RuntimeClient({ address: "tcp://…", platform })`. Apart from the
 * rest, so that a bundle without a daemon holds nothing of it.
 */
import type { CallReply, CallRequest, Transport } from "../../core/call.ts";
import {
  type DaemonConnection,
  formatSocketAddress,
  type Platform,
  type SocketAddress,
} from "../../core/platform.ts";
import { SocketTransport } from "../../transport/socket.ts";
import { dialWorkerd } from "./dial.ts";
import { platform as withoutSockets } from "./mod.ts";

export const platform: Platform = {
  ...withoutSockets,
  dial: dialWorkerd,
  openDaemon: (address, options) => Promise.resolve(connectionEach(address, options)),
};

/** On workerd a socket belongs to the request that opened it, so that each call has a connection of its own. */
function connectionEach(address: SocketAddress, options: DaemonConnection): Transport {
  const open = (): SocketTransport => new SocketTransport(address, { ...options, platform });
  const once = async <T>(use: (transport: SocketTransport) => Promise<T>): Promise<T> => {
    const transport = open();
    try {
      return await use(transport);
    } finally {
      await transport.close();
    }
  };
  return {
    address: formatSocketAddress(address),
    protocol: "session",
    connect: () => once((transport) => transport.connect()),
    health: () => once((transport) => transport.health()),
    call: (request) => call(open(), request),
    close: () => Promise.resolve(),
  };
}

/** The connection ends with the answer. */
async function call(transport: SocketTransport, request: CallRequest): Promise<CallReply> {
  let reply: CallReply;
  try {
    reply = await transport.call(request);
  } catch (error) {
    await transport.close();
    throw error;
  }
  if (!(reply.body instanceof ReadableStream)) {
    await transport.close();
    return reply;
  }
  const reader = reply.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
        await transport.close();
      } catch (error) {
        controller.error(error);
        await transport.close();
      }
    },
    async cancel(reason) {
      await reader.cancel(reason).catch(() => {});
      await transport.close();
    },
  }, { highWaterMark: 0 });
  return { ...reply, body };
}
