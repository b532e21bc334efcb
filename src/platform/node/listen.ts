/** Accepts connections with node:net: the daemon's listener on Node, and wherever else node:net exists. */
import {
  createServer,
  type ListenOptions as NodeListenOptions,
  type Server,
  type Socket,
} from "node:net";
import type { ByteSocket, SocketAddress } from "../../core/platform.ts";
import { toListenError } from "../../daemon/listen/listen_error.ts";
import {
  type Accept,
  type Listener,
  type ListenOptions,
  PROBE_AFTER_MS,
} from "../../daemon/listen/listener.ts";
import { takeSocketFile } from "../../daemon/listen/socket_file.ts";
import { sharesPorts } from "../share_ports.ts";

/** Most bytes handed to the kernel at once; more waits in the caller's own, bounded queue. */
const WRITE_BYTES = 256 * 1024;

export async function listen(
  address: SocketAddress,
  accept: Accept,
  options: ListenOptions = {},
): Promise<Listener> {
  if (address.kind === "tcp") {
    const { host, port } = address;
    const bind = async (reusePort: boolean): Promise<Server> => {
      try {
        return await open({ host, port, exclusive: true, reusePort }, accept);
      } catch (error) {
        throw toListenError(error, address);
      }
    };
    // Only a takeover may share the port: a process that already serves here must be noticed.
    if (sharesPorts() && port !== 0 && !options.takeOver) await closed(await bind(false));
    const server = await bind(sharesPorts());
    const taken = server.address();
    const own = typeof taken === "object" && taken !== null ? taken.port : port;
    return { address: { ...address, port: own }, close: once(() => shut(server)) };
  }
  const file = await takeSocketFile(address.path, (path) => open({ path }, accept), shut, options);
  return {
    address,
    close: once(async () => {
      await file.release();
      await shut(file.bound);
    }),
  };
}

function open(
  where: NodeListenOptions,
  accept: Accept,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const options = {
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_AFTER_MS,
      highWaterMark: WRITE_BYTES,
    };
    const server = createServer(options, (socket) => attach(socket, accept));
    server.once("error", reject);
    server.listen(where, () => {
      server.off("error", reject);
      // Running out of file descriptors must not end the process; the connection is refused by the system.
      server.on("error", () => {});
      resolve(server);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Resolves at once: the server's own callback would wait for every open connection. */
function shut(server: Server): Promise<void> {
  server.close();
  return Promise.resolve();
}

function attach(socket: Socket, accept: Accept): void {
  const handlers = accept(byteSocket(socket));
  let failure: Error | undefined;
  socket.on("data", (bytes: Uint8Array) => handlers.data(bytes));
  socket.on("drain", () => handlers.drain());
  socket.on("error", (error) => failure = error);
  socket.on("close", () => handlers.close(failure));
}

function byteSocket(socket: Socket): ByteSocket {
  return {
    write(bytes) {
      let taken = 0;
      while (taken < bytes.length && socket.writable && !socket.writableNeedDrain) {
        const part = bytes.length - taken > WRITE_BYTES || taken > 0
          ? bytes.subarray(taken, taken + WRITE_BYTES)
          : bytes;
        socket.write(part);
        taken += part.length;
      }
      return taken;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => done ??= work();
}
