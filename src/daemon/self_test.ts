/**
 * Tests, before anyone is served, that this runtime keeps the daemon's promises: that a request goes to the address
 * that was checked, that answers are cut at their limits, and that cancelled calls end. A new version of the runtime
 * may silently break any of these.
 */
import { gzipSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { deferred } from "../core/deferred.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import type { ByteSocket, Platform, Upstream, UpstreamOptions } from "../core/platform.ts";
import { resolveOptions } from "../engine/options.ts";
import type { Listen } from "./listen/listener.ts";

export interface SelfTestDeps {
  readonly platform: Pick<Platform, "name" | "createUpstream">;
  readonly listen: Listen;
  /** Configured as the daemon will use it. */
  readonly upstream?: Partial<UpstreamOptions> | undefined;
}

/** A test that takes longer has failed: loopback takes a millisecond. */
const LONGEST_MS = 5_000;
/** Nobody owns this name (RFC 6761): a request that arrives was sent by address. */
const HOST = "pinned.invalid";
/** A little more than an answer of any size may decode to. */
const INFLATED = 1024 * 1024 + 65_536;

/** @throws ConnectorError `runtime.self_test`: names the promise that does not hold. */
export async function selfTest({ platform, listen, upstream: asked }: SelfTestDeps): Promise<void> {
  const { upstream: options } = resolveOptions(asked === undefined ? {} : { upstream: asked });
  const hung = deferred<void>();
  const closed = deferred<void>();
  const sockets = new Set<ByteSocket>();
  const listener = await listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, (socket) => {
    sockets.add(socket);
    let asked = "";
    let rest = new Uint8Array(0);
    const flush = () => {
      rest = rest.subarray(socket.write(rest));
      if (rest.length === 0) socket.end();
    };
    return {
      data(bytes) {
        asked += Buffer.from(bytes).toString("latin1");
        if (!asked.includes("\r\n\r\n")) return;
        const [, path = ""] = /^GET (\S+)/.exec(asked) ?? [];
        const pinned = new RegExp(`^host: ${HOST}:`, "im").test(asked);
        if (path === "/hang") hung.resolve();
        else {
          rest = answerTo(path, pinned, options);
          flush();
        }
      },
      drain: flush,
      close() {
        sockets.delete(socket);
        if (asked.startsWith("GET /hang")) closed.resolve();
      },
    };
  });
  const upstream = await platform.createUpstream(options);
  try {
    const { port } = listener.address as { port: number };
    const ask = (path: string, signal: AbortSignal) => exchange(upstream, port, path, signal);
    await hold("a request goes to the address that was checked", platform, async (signal) => {
      const { status } = await ask("/pinned", signal);
      return status === 204;
    });
    await hold(
      "the head of an answer is cut at its limit",
      platform,
      (signal) => refused("response.head_too_large", ask("/head", signal)),
    );
    await hold(
      "a body that inflates too much is refused",
      platform,
      (signal) => refused("response.inflated", ask("/inflated", signal)),
    );
    await hold(
      "a call that is cancelled ends, along with its connection",
      platform,
      async (signal) => {
        const giveUp = new AbortController();
        signal.addEventListener("abort", () => giveUp.abort(signal.reason));
        const call = ask("/hang", giveUp.signal).then(() => false, () => true);
        await hung.promise;
        giveUp.abort(new Error("given up"));
        const [ended] = await Promise.all([call, closed.promise]);
        return ended;
      },
    );
  } finally {
    await upstream.close();
    for (const socket of sockets) socket.destroy();
    await listener.close();
  }
}

async function exchange(upstream: Upstream, port: number, path: string, signal: AbortSignal) {
  const { status, body } = await upstream.exchange({
    method: "GET",
    url: new URL(`http://${HOST}:${port}${path}`),
    pinned: { address: "127.0.0.1", family: 4 },
    headers: [["accept-encoding", "gzip"]],
    body: null,
    signal,
    connectTimeoutMs: LONGEST_MS,
  });
  if (body instanceof ReadableStream) { for await (const _ of body); }
  return { status };
}

async function refused(code: string, work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    return error instanceof ConnectorError && error.code === code;
  }
}

async function hold(
  promise: string,
  { name }: { readonly name: string },
  test: (signal: AbortSignal) => Promise<boolean>,
): Promise<void> {
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<false>((done) => {
    timer = setTimeout(() => {
      late.abort(new Error("too late"));
      done(false);
    }, LONGEST_MS);
  });
  const work = test(late.signal);
  // If it fails after the limit, nobody is listening any more.
  work.catch(() => {});
  let cause: unknown;
  let holds = false;
  try {
    holds = await Promise.race([work, limit]);
  } catch (error) {
    cause = error;
  } finally {
    clearTimeout(timer);
  }
  if (holds) return;
  throw new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "runtime.self_test",
    message:
      `the runtime does not start, because a self-test failed on this version of ${name}: ${promise}` +
      (cause instanceof Error ? `: ${cause.message}` : "") +
      "; use another version, and report it",
    cause,
  });
}

function answerTo(
  path: string,
  pinned: boolean,
  options: UpstreamOptions,
): Uint8Array<ArrayBuffer> {
  if (path === "/pinned") {
    return Buffer.from(`HTTP/1.1 ${pinned ? 204 : 421} .\r\nconnection: close\r\n\r\n`);
  }
  if (path === "/head") {
    const field = "x".repeat(options.maxHeadBytes + 1);
    return Buffer.from(`HTTP/1.1 200 OK\r\nx-long: ${field}\r\ncontent-length: 0\r\n\r\n`);
  }
  const body = gzipSync(Buffer.alloc(INFLATED));
  const head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n" +
    `content-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
