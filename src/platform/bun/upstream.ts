/** Upstream HTTP over Bun's fetch, which reaches several times the rate of its node:http. */
import type {
  PinnedAddress,
  Upstream,
  UpstreamOptions,
  UpstreamRequest,
  UpstreamResponse,
} from "../../core/platform.ts";
import { bareHost, hostPort } from "../../http/address.ts";
import { classifyFailure } from "../../http/classify.ts";
import { decodeStream, decodeWhole } from "../shared/decode.ts";
import type { Codec } from "../shared/decoder.ts";
import { encodingsOf } from "../shared/encodings.ts";
import { hasNoBody, NO_BYTES, readHead, withoutEncoding } from "../shared/response.ts";
import { portOf } from "../shared/target.ts";
import { watchConnect } from "./connect_watch.ts";

export async function createUpstream(options: UpstreamOptions): Promise<Upstream> {
  const codec: Codec = {
    z: await import("node:zlib"),
    webBrotli: false,
    ratio: options.maxInflationRatio,
  };
  const ca = options.ca && options.ca.length > 0
    ? [...(await import("node:tls")).rootCertificates, ...options.ca]
    : undefined;
  const session = new Bun.FetchSession({
    keepAlive: {
      idleTimeout: Math.max(1, Math.round(options.keepAliveMs / 1000)),
      maxIdleSockets: options.maxSocketsPerHost,
    },
  });
  const watch = watchConnect();

  async function send(request: UpstreamRequest): Promise<Response> {
    const { url, pinned } = request;
    const host = bareHost(url.hostname);
    let target = url.href;
    let headers = request.headers;
    const init: BunFetchRequestInit = {
      method: request.method,
      redirect: "manual",
      // Ours notices a bomb, and a body that is handed on undecoded stays so.
      decompress: false,
      // A proxy from the environment would connect to somewhere that was not checked.
      proxy: false,
      // Deadline, first byte and idle gaps are the engine's business.
      timeout: false,
      signal: request.signal,
      session,
    };
    if (pinned && pinned.address !== host) {
      target = `${url.protocol}//${
        hostPort(pinned.address, portOf(url))
      }${url.pathname}${url.search}`;
      headers = [...headers, ["host", url.host]];
      if (url.protocol === "https:") {
        init.tls = { serverName: host.replace(/\.$/, ""), ...(ca && { ca }) };
      }
    } else if (ca && url.protocol === "https:") init.tls = { ca };
    init.headers = headers as [string, string][];
    if (request.body !== null) init.body = request.body as BodyInit;
    return await watch(request, () => fetch(target, init));
  }

  async function exchange(request: UpstreamRequest): Promise<UpstreamResponse> {
    const at = { passedOn: false, peer: request.url.host };
    let response: Response;
    try {
      response = await send(request);
    } catch (error) {
      throw request.signal.aborted
        ? request.signal.reason
        : classifyFailure(error, { ...at, phase: "head" });
    }
    try {
      return await receive(request, response);
    } catch (error) {
      throw request.signal.aborted
        ? request.signal.reason
        : classifyFailure(error, { ...at, phase: "body" });
    }
  }

  async function receive(request: UpstreamRequest, response: Response): Promise<UpstreamResponse> {
    const { status } = response;
    const { headers, length, encoding } = readHead(response.headers, options.maxHeadBytes);
    if (hasNoBody(request.method, status) || response.body === null) {
      return { status, headers, body: NO_BYTES };
    }
    const encodings = encodingsOf(encoding);
    const small = length !== undefined && length <= options.wholeBodyBytes;
    if (encodings === undefined) {
      return { status, headers, body: small ? await response.bytes() : response.body };
    }
    return {
      status,
      headers: withoutEncoding(headers),
      body: small
        ? await decodeWhole(codec, await response.bytes(), encodings)
        : decodeStream(codec, response.body, encodings),
    };
  }

  return {
    exchange,
    async resolve(host) {
      const found = await Bun.dns.lookup(host);
      return found.map(({ address, family, ttl }): PinnedAddress & { ttlMs: number } => ({
        address,
        family: family as 4 | 6,
        ttlMs: ttl * 1000,
      }));
    },
    close() {
      session.close();
      return Promise.resolve();
    },
  };
}
