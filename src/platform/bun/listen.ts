/** Accepts connections with Bun.listen, which costs less per frame than node:net. */
import type { ByteSocket, SocketAddress, SocketHandlers } from "../../core/platform.ts";
import { toListenError } from "../../daemon/listen/listen_error.ts";
import {
  type Accept,
  type Listener,
  type ListenOptions,
  PROBE_AFTER_MS,
} from "../../daemon/listen/listener.ts";
import { takeSocketFile } from "../../daemon/listen/socket_file.ts";
import { sharesPorts } from "../share_ports.ts";

interface State {
  handlers: SocketHandlers;
  closed: boolean;
}

export async function listen(
  address: SocketAddress,
  accept: Accept,
  options: ListenOptions = {},
): Promise<Listener> {
  if (address.kind === "tcp") {
    try {
      const { host: hostname, port } = address;
      const socket = handlersFor(accept);
      if (sharesPorts() && port !== 0 && !options.takeOver) {
        // Only a takeover may share the port: a process that already serves here must be noticed.
        Bun.listen<State>({ hostname, port, exclusive: true, socket }).stop();
      }
      const shared = sharesPorts();
      // Bun supports reusePort, but its types lack it.
      const where = { hostname, port, reusePort: shared, exclusive: !shared };
      const server = Bun.listen<State>({ ...where, socket });
      return { address: { ...address, port: server.port }, close: once(() => shut(server)) };
    } catch (error) {
      throw toListenError(error, address);
    }
  }
  const file = await takeSocketFile(
    address.path,
    (unix) => Promise.resolve(Bun.listen<State>({ unix, socket: handlersFor(accept) })),
    shut,
    options,
  );
  return {
    address,
    close: once(async () => {
      await file.release();
      await shut(file.bound);
    }),
  };
}

/** Without `true`, which would cut the open connections too. */
function shut(server: { stop(closeActive?: boolean): void }): Promise<void> {
  server.stop();
  return Promise.resolve();
}

function handlersFor(accept: Accept): Bun.SocketHandler<State> {
  return {
    open(socket) {
      // Unix sockets ignore both.
      socket.setNoDelay(true);
      socket.setKeepAlive(true, PROBE_AFTER_MS);
      const state: State = { handlers: IDLE, closed: false };
      socket.data = state;
      state.handlers = accept(byteSocket(socket, state));
    },
    data: (socket, bytes) => socket.data.handlers.data(bytes),
    drain: (socket) => socket.data.handlers.drain(),
    close(socket, error) {
      if (socket.data.closed) return;
      socket.data.closed = true;
      socket.data.handlers.close(error);
    },
    error(socket, error) {
      // A handler threw: that connection is lost, but the others must not be.
      socket.terminate();
      if (socket.data.closed) return;
      socket.data.closed = true;
      socket.data.handlers.close(error);
    },
  };
}

const IDLE: SocketHandlers = { data() {}, drain() {}, close() {} };

function byteSocket(socket: Bun.Socket<State>, state: State): ByteSocket {
  return {
    // A closed socket returns -1; its close handler follows.
    write: (bytes) => state.closed ? 0 : Math.max(0, socket.write(bytes)),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.terminate(),
  };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => done ??= work();
}
