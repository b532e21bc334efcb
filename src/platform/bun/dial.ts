/** Client sockets over Bun.connect: on Unix sockets about twice as fast as node:net. */
import { deferred } from "../../core/deferred.ts";
import type { ConnectorError } from "../../core/errors.ts";
import type { ByteSocket, SocketAddress, SocketHandlers } from "../../core/platform.ts";
import { dialAborted, dialFailure, dialTimeout } from "../shared/dial_errors.ts";

export async function dial(
  address: SocketAddress,
  handlers: SocketHandlers,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<ByteSocket> {
  const opened = deferred<ByteSocket>();
  let given = false;
  let closed = false;
  let lastError: Error | undefined;
  const close = (error?: Error): void => {
    if (closed) return;
    closed = true;
    if (given) handlers.close(error);
  };
  const socket = {
    open(raw: Bun.Socket) {
      if (closed) return void raw.terminate();
      raw.setNoDelay(true);
      given = true;
      opened.resolve(wrap(raw));
    },
    data: (_: Bun.Socket, bytes: Uint8Array) => handlers.data(bytes),
    drain: () => handlers.drain(),
    error: (_: Bun.Socket, error: Error) => {
      lastError = error;
    },
    end: (raw: Bun.Socket) => {
      raw.end();
    },
    close: (_: Bun.Socket, error?: Error) => close(error ?? lastError),
    connectError: (_: Bun.Socket, error: Error) => opened.reject(dialFailure(address, error)),
  };

  const give = (error: ConnectorError): void => {
    if (given) return;
    closed = true;
    opened.reject(error);
  };
  const timer = setTimeout(() => give(dialTimeout(address, options.timeoutMs)), options.timeoutMs);
  const onAbort = (): void => give(dialAborted(options.signal?.reason));
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    if (!closed) {
      const opening = address.kind === "unix"
        ? Bun.connect({ unix: address.path, socket })
        : Bun.connect({ hostname: address.host, port: address.port, socket });
      opening.catch((error: unknown) => opened.reject(dialFailure(address, error)));
    }
    return await opened.promise;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}

function wrap(raw: Bun.Socket): ByteSocket {
  return {
    // -1 if the socket is closed: nothing was taken, and `close` follows or has been called.
    write: (bytes) => Math.max(0, raw.write(bytes)),
    pause: () => raw.pause(),
    resume: () => raw.resume(),
    end: () => void raw.end(),
    destroy: () => void raw.terminate(),
    keepAlive: (on) => void (on ? raw.ref() : raw.unref()),
  };
}
