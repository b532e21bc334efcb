/** Client sockets on workerd, over cloudflare:sockets. */
import type { Socket } from "cloudflare:sockets";
import type { ByteSocket, SocketAddress, SocketHandlers } from "../../core/platform.ts";
import { noSockets } from "../../transport/failures.ts";
import { dialAborted, dialFailure, dialTimeout } from "../shared/dial_errors.ts";

export async function dialWorkerd(
  address: SocketAddress,
  handlers: SocketHandlers,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<ByteSocket> {
  if (address.kind === "unix") throw noSockets("workerd", address);
  // Bundlers are told to leave it outside: only workerd has it.
  const { connect } = await import("cloudflare:sockets");
  if (options.signal?.aborted) throw dialAborted(options.signal.reason);
  const socket = connect({ hostname: address.host, port: address.port });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(dialTimeout(address, options.timeoutMs)),
      options.timeoutMs,
    );
    options.signal?.addEventListener("abort", () => reject(dialAborted(options.signal?.reason)));
  });
  try {
    await Promise.race([
      socket.opened.catch((error: unknown) => Promise.reject(dialFailure(address, error))),
      late,
    ]);
  } catch (error) {
    socket.close().catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
  late.catch(() => {});
  return wrap(socket, handlers);
}

function wrap(socket: Socket, handlers: SocketHandlers): ByteSocket {
  const reader = socket.readable.getReader();
  const writer = socket.writable.getWriter();
  let [over, waiting] = [false, false];
  let go: (() => void) | undefined;
  let paused: Promise<void> | undefined;

  const close = (error?: unknown): void => {
    if (over) return;
    over = true;
    socket.close().catch(() => {});
    handlers.close(error instanceof Error ? error : undefined);
  };
  const read = async (): Promise<void> => {
    for (;;) {
      await paused;
      const { done, value } = await reader.read();
      if (over) return;
      if (done) return close();
      handlers.data(value);
    }
  };
  read().catch(close);
  return {
    write(bytes) {
      if (over) return 0;
      if ((writer.desiredSize ?? 0) <= 0) {
        if (!waiting) {
          waiting = true;
          writer.ready.then(() => {
            waiting = false;
            if (!over) handlers.drain();
          }, close);
        }
        return 0;
      }
      writer.write(bytes).catch(close);
      return bytes.byteLength;
    },
    pause() {
      paused ??= new Promise((resolve) => go = resolve);
    },
    resume() {
      go?.();
      paused = go = undefined;
    },
    end: () => void writer.close().then(() => close(), close),
    destroy: () => close(),
  };
}
