/** Client sockets over node:net, for Deno and Node. */
import type { Socket } from "node:net";
import type { ByteSocket, SocketAddress, SocketHandlers } from "../../core/platform.ts";
import { dialAborted, dialFailure, dialTimeout } from "./dial_errors.ts";

export async function dialNode(
  address: SocketAddress,
  handlers: SocketHandlers,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<ByteSocket> {
  const { connect } = await import("node:net");
  if (options.signal?.aborted) throw dialAborted(options.signal.reason);
  const socket = address.kind === "unix"
    ? connect({ path: address.path })
    : connect({ host: address.host, port: address.port });
  return await new Promise<ByteSocket>((resolve, reject) => {
    const fail = (error: unknown): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(dialTimeout(address, options.timeoutMs)),
      options.timeoutMs,
    );
    const onAbort = (): void => fail(dialAborted(options.signal?.reason));
    const onError = (error: Error): void => fail(dialFailure(address, error));
    const settle = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      // A late error from an abandoned socket must not end the process.
      socket.on("error", () => {});
    };
    options.signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", onError);
    socket.once("connect", () => {
      settle();
      socket.setNoDelay(true);
      listen(socket, handlers);
      resolve(wrap(socket));
    });
  });
}

function listen(socket: Socket, handlers: SocketHandlers): void {
  let failure: Error | undefined;
  socket.on("data", (bytes: Uint8Array) => handlers.data(bytes));
  socket.on("drain", () => handlers.drain());
  socket.on("error", (error: Error) => {
    failure = error;
  });
  socket.on("close", () => handlers.close(failure));
}

function wrap(socket: Socket): ByteSocket {
  return {
    // node:net takes everything and asks for a pause by returning false: until it drains, nothing more is taken.
    write(bytes) {
      if (socket.destroyed || socket.writableNeedDrain) return 0;
      socket.write(bytes);
      return bytes.byteLength;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    keepAlive: (on) => void (on ? socket.ref() : socket.unref()),
  };
}
