/** An engine whose upstream is the test: the path of a URL says what it does. */
import type { CallSignal } from "../../../../src/core/async/call_signal.ts";
import type { CallReply, CallRequest, HeaderList } from "../../../../src/core/call.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../../../../src/core/errors.ts";
import type { DaemonEngine } from "../../../../src/daemon/mod.ts";

const encoder = new TextEncoder();

export function reply(
  body: CallReply["body"] | string,
  options: { status?: number; headers?: HeaderList } = {},
): CallReply {
  return {
    requestId: "test-1",
    status: options.status ?? 200,
    headers: options.headers ?? [],
    body: typeof body === "string" ? encoder.encode(body) : body,
    attempts: 1,
    durationUs: 7,
  };
}

export class FakeEngine implements DaemonEngine {
  readonly calls: CallRequest[] = [];
  /** URLs whose calls were aborted, with the reason. */
  readonly aborted: [url: string, reason: ConnectorError][] = [];
  /** Bytes that streams were asked for, by URL. */
  readonly pulled: Map<string, number> = new Map();
  readonly #held = new Map<string, () => void>();

  /** Lets a call of `/held/…` answer. */
  release(url: string): void {
    const go = this.#held.get(url);
    if (go === undefined) throw new Error(`${url} is not held; held: ${[...this.#held.keys()]}`);
    this.#held.delete(url);
    go();
  }

  begin(request: CallRequest, signal: CallSignal): Promise<CallReply> {
    this.calls.push(request);
    return new Promise((resolve, reject) => {
      const abort = () => {
        const reason = toConnectorError(signal.reason);
        this.aborted.push([request.url, reason]);
        reject(reason);
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort);
      Promise.resolve(this.#answer(request, signal)).then(resolve, reject);
    });
  }

  async #answer(request: CallRequest, signal: CallSignal): Promise<CallReply> {
    const { pathname, searchParams } = new URL(request.url);
    const size = Number(searchParams.get("size") ?? 0);
    switch (pathname.split("/")[1] ?? "") {
      case "held":
        await new Promise<void>((resolve) => this.#held.set(request.url, resolve));
        return reply("held");
      case "echo":
        return reply(
          request.body instanceof ReadableStream ? await read(request.body) : request.body ?? "",
        );
      case "stall":
        // Never reads the request body.
        return await new Promise<CallReply>(() => {});
      case "bytes":
        return reply(pattern(size), {
          headers: [
            ["content-type", "application/octet-stream"],
            ["set-cookie", "a=1, x"],
            [
              "Set-Cookie",
              "b=2",
            ],
            ["vary", "a"],
            ["Vary", "b"],
          ],
        });
      case "fields":
        return reply(this.#stream(request, signal, Infinity), {
          headers: Array.from({ length: size }, () => ["a", "b"] as const),
        });
      case "stream":
        return reply(this.#stream(request, signal, size));
      case "endless":
        return reply(this.#stream(request, signal, Infinity));
      case "broken":
        return reply(this.#stream(request, signal, size, upstreamBroke()));
      case "error":
        throw upstreamBroke();
      case "throw":
        throw new TypeError("not a ConnectorError");
    }
    return reply("ok", { headers: [["content-type", "text/plain"]] });
  }

  /** 16 KiB at a time, as fast as it is asked. Aborting the call errors it, as the engine's streams do. */
  #stream(
    { url }: CallRequest,
    signal: CallSignal,
    size: number,
    failure?: ConnectorError,
  ): ReadableStream<Uint8Array> {
    let at = 0;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        signal.addEventListener("abort", () => {
          try {
            controller.error(signal.reason);
          } catch {
            // Ended before.
          }
        });
      },
      pull: (controller) => {
        const take = Math.min(16 * 1024, size - at);
        if (take > 0) {
          controller.enqueue(pattern(take, at));
          at += take;
          this.pulled.set(url, at);
        } else if (failure !== undefined) controller.error(failure);
        else controller.close();
      },
    }, { highWaterMark: 0 });
  }
}

export function pattern(size: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (from + i) % 256;
  return bytes;
}

async function read(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(
    await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer(),
  );
}

function upstreamBroke(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "upstream.reset",
    message: "the upstream reset the connection",
    origin: "upstream",
    sent: "maybe",
    retryAfterMs: 1500,
    attempts: 2,
  });
}
