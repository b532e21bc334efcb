/** Upstream HTTP over node:http and node:https, for Deno and Node: the address to connect to is given, not looked up. */
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import type {
  Upstream,
  UpstreamOptions,
  UpstreamRequest,
  UpstreamResponse,
} from "../../core/platform.ts";
import { bareHost, parseIp } from "../../http/address.ts";
import { classifyFailure } from "../../http/classify.ts";
import { decodeStream, decodeWhole } from "./decode.ts";
import type { Codec } from "./decoder.ts";
import { encodingsOf } from "./encodings.ts";
import { destroyRequest, readStream, readWhole, sendBody } from "./node_body.ts";
import { hasNoBody, NO_BYTES, readHead, withoutEncoding } from "./response.ts";
import { connectTimeout, portOf } from "./target.ts";

/** The system's resolver does not tell how long an answer holds; this is shorter than what servers usually say. */
const DNS_KEEP_MS = 5_000;
/** Sockets from the pool that turn out to have been closed meanwhile; the next attempt may meet another one. */
const STALE_ATTEMPTS = 3;
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);

interface Started {
  readonly outgoing: ClientRequest;
  /** Whether it went out on a socket from the pool, which the other side may have closed meanwhile. */
  reused: boolean;
  /** What the request failed of; tells more than the response's own error. */
  late: unknown;
}

/** @param webBrotli see {@link Codec}. */
export async function createNodeUpstream(
  options: UpstreamOptions,
  webBrotli: boolean,
): Promise<Upstream> {
  const [http, https, dns, zlib, tls] = await Promise.all([
    import("node:http"),
    import("node:https"),
    import("node:dns/promises"),
    import("node:zlib"),
    import("node:tls"),
  ]);
  const codec: Codec = { z: zlib, webBrotli, ratio: options.maxInflationRatio };
  const pool = {
    keepAlive: true,
    // What a host may have open at once is the bulkhead's decision; this is what is kept when it is done.
    maxFreeSockets: options.maxSocketsPerHost,
    timeout: options.keepAliveMs,
  };
  const plain = new http.Agent(pool);
  const secure = new https.Agent({
    ...pool,
    ...(options.ca?.length ? { ca: [...tls.rootCertificates, ...options.ca] } : {}),
  });

  function start(request: UpstreamRequest): Started {
    const { url, pinned, body } = request;
    const host = bareHost(url.hostname);
    const isTls = url.protocol === "https:";
    const headers = fieldsOf(request);
    const init: RequestOptions & { servername?: string } = {
      method: request.method,
      // Connecting to an address leaves nothing to look up; the pool is then kept by address too.
      host: pinned?.address ?? host,
      port: portOf(url),
      path: url.pathname + url.search,
      agent: isTls ? secure : plain,
      maxHeaderSize: options.maxHeadBytes,
      setHost: false,
      headers,
    };
    // A certificate is checked against this name; an address is checked as an address and sends no name.
    if (isTls) init.servername = parseIp(host) ? "" : host.replace(/\.$/, "");
    const outgoing = (isTls ? https : http).request(init);
    const started: Started = { outgoing, reused: false, late: undefined };
    outgoing.once("socket", (socket: Socket) => {
      started.reused = outgoing.reusedSocket;
      // Deno sends a request again by itself when a reused socket ends, even one that was destroyed on purpose.
      outgoing.reusedSocket = false;
      limitConnect(request, outgoing, socket);
    });
    sendBody(outgoing, body);
    return started;
  }

  async function exchange(request: UpstreamRequest): Promise<UpstreamResponse> {
    // A request that is destroyed before anyone listens to it ends the process with its error.
    request.signal.throwIfAborted();
    const repeatable = IDEMPOTENT.has(request.method) && !(request.body instanceof ReadableStream);
    for (let attempt = 1;; attempt++) {
      const started = start(request);
      try {
        return await answer(request, started);
      } catch (error) {
        const stale = started.reused && isReset(error) && attempt < STALE_ATTEMPTS;
        if (!stale || !repeatable || request.signal.aborted) throw error;
      }
    }
  }

  async function answer(request: UpstreamRequest, started: Started): Promise<UpstreamResponse> {
    const { signal } = request;
    const { outgoing } = started;
    const onAbort = (): void => destroyRequest(outgoing, signal.reason);
    signal.addEventListener("abort", onAbort);
    const release = (): void => signal.removeEventListener("abort", onAbort);
    let phase: "head" | "body" = "head";
    try {
      const incoming = await responseTo(started);
      phase = "body";
      incoming.once("close", release);
      return await receive(request, incoming, () => started.late);
    } catch (error) {
      release();
      outgoing.destroy();
      const at = { phase, passedOn: false, peer: request.url.host };
      throw signal.aborted ? signal.reason : classifyFailure(error, at);
    }
  }

  async function receive(
    request: UpstreamRequest,
    incoming: IncomingMessage,
    why: () => unknown,
  ): Promise<UpstreamResponse> {
    const status = incoming.statusCode ?? 0;
    const { headers, length, encoding } = readHead(
      pairs(incoming.rawHeaders),
      options.maxHeadBytes,
    );
    if (hasNoBody(request.method, status)) {
      incoming.resume();
      return { status, headers, body: NO_BYTES };
    }
    const encodings = encodingsOf(encoding);
    const small = length !== undefined && length <= options.wholeBodyBytes;
    if (small) {
      const bytes = await readWhole(incoming, length, why);
      if (encodings === undefined) return { status, headers, body: bytes };
      const body = await decodeWhole(codec, bytes, encodings);
      return { status, headers: withoutEncoding(headers), body };
    }
    const stream = readStream(incoming, why);
    if (encodings === undefined) return { status, headers, body: stream };
    const body = decodeStream(codec, stream, encodings);
    return { status, headers: withoutEncoding(headers), body };
  }

  return {
    exchange,
    async resolve(host) {
      const found = await dns.lookup(host, { all: true, verbatim: true });
      return found.map(({ address, family }) => ({
        address,
        family: family === 6 ? 6 : 4,
        ttlMs: DNS_KEEP_MS,
      }));
    },
    close() {
      plain.destroy();
      secure.destroy();
      return Promise.resolve();
    },
  };
}

/** Repeated fields as lists; framing by what the body is. */
function fieldsOf(
  { url, headers, body, method }: UpstreamRequest,
): Record<string, string[] | string> {
  // Without a prototype: `constructor` and `__proto__` are field names like any other.
  const fields: Record<string, string[] | string> = Object.create(null);
  fields["host"] = url.host;
  for (const [name, value] of headers) {
    const known = fields[name];
    if (known === undefined || name === "host") fields[name] = value;
    else fields[name] = Array.isArray(known) ? [...known, value] : [known, value];
  }
  if (body instanceof Uint8Array) fields["content-length"] = String(body.byteLength);
  else if (body !== null) {
    if (fields["content-length"] === undefined) fields["transfer-encoding"] = "chunked";
  } else if (method === "POST" || method === "PUT" || method === "PATCH") {
    fields["content-length"] = "0";
  }
  return fields;
}

function responseTo(started: Started): Promise<IncomingMessage> {
  const { outgoing } = started;
  return new Promise((resolve, reject) => {
    outgoing.once("response", (incoming) => {
      if (incoming.statusCode === 101) reject(unaskedUpgrade());
      else resolve(incoming);
    });
    outgoing.once("upgrade", (_incoming, socket) => {
      socket.destroy();
      reject(unaskedUpgrade());
    });
    // Stays: a malformed body is told here first, then the response merely says that it was aborted.
    outgoing.on("error", (error: unknown) => {
      started.late ??= error;
      reject(error);
    });
    outgoing.once("close", () => {
      reject(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
    });
  });
}

/** No request asks for one. */
function unaskedUpgrade(): Error {
  return Object.assign(new Error("101 without a request to upgrade"), {
    code: "UnrequestedUpgrade",
  });
}

function limitConnect(request: UpstreamRequest, outgoing: ClientRequest, socket: Socket): void {
  if (!socket.connecting) return;
  socket.setNoDelay(true);
  const ready = request.url.protocol === "https:" ? "secureConnect" : "connect";
  const timer = setTimeout(() => {
    outgoing.destroy(connectTimeout(request));
  }, request.connectTimeoutMs);
  const stop = (): void => {
    clearTimeout(timer);
    socket.off(ready, stop).off("close", stop);
  };
  socket.on(ready, stop).on("close", stop);
}

function isReset(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error &&
    error.code === "upstream.reset";
}

function* pairs(raw: readonly string[]): Iterable<[string, string]> {
  for (let i = 0; i + 1 < raw.length; i += 2) yield [raw[i] ?? "", raw[i + 1] ?? ""];
}
