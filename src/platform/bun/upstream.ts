/** Upstream HTTP over Bun's fetch, which reaches several times the rate of its node:http. */
import type { HeaderList } from "../../core/call.ts";
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
  const watch = watchConnect(session.fetch);
  // A proxy from the environment would connect to somewhere that was not checked.
  const proxied = ["http_proxy", "https_proxy", "all_proxy"].some((name) =>
    process.env[name] || process.env[name.toUpperCase()]
  );

  let slashes: Promise<Upstream> | undefined;
  const slashUpstream = async () =>
    (await import("../shared/node_upstream.ts")).createNodeUpstream(options, false);

  function send(request: UpstreamRequest): Promise<Response> {
    const { url, pinned } = request;
    let target = url.href;
    const init: BunFetchRequestInit = {
      method: request.method,
      headers: request.headers as [string, string][],
      redirect: "manual",
      // Ours notices a bomb, and a body that is handed on undecoded stays so.
      decompress: false,
      // Deadline, first byte and idle gaps are the engine's business.
      timeout: false,
      signal: request.signal,
    };
    if (proxied) init.proxy = false;
    if (request.body !== null) init.body = request.body as BodyInit;
    if (pinned && !isAt(target, pinned.address)) {
      const host = bareHost(url.hostname);
      const authority = hostPort(pinned.address, portOf(url));
      target = `${url.protocol}//${authority}${url.pathname}${url.search}`;
      init.headers = [...request.headers as [string, string][], ["host", url.host]];
      if (url.protocol === "https:") {
        init.tls = { serverName: host.replace(/\.$/, ""), ...(ca && { ca }) };
      }
    } else if (ca && url.protocol === "https:") init.tls = { ca };
    return watch(request, target, init);
  }

  async function exchange(request: UpstreamRequest): Promise<UpstreamResponse> {
    // Bun's fetch sends `//a` as `/a`, which is another resource.
    if (request.url.pathname.startsWith("//")) {
      slashes ??= slashUpstream().catch((error: unknown) => {
        slashes = undefined;
        throw error;
      });
      return await (await slashes).exchange(request);
    }
    let phase: "head" | "body" = "head";
    try {
      const response = await send(request);
      phase = "body";
      const { status } = response;
      const { headers, length, encoding } = readHead(
        fieldsOf(response.headers),
        options.maxHeadBytes,
      );
      if (hasNoBody(request.method, status)) return { status, headers, body: NO_BYTES };
      const small = length !== undefined && length <= options.wholeBodyBytes;
      if (encoding === undefined) {
        // Asking for `body` makes a stream, which is dear: only where one is wanted.
        return {
          status,
          headers,
          body: small ? await response.bytes() : response.body ?? NO_BYTES,
        };
      }
      return { status, ...await decoded(response, headers, encoding, small) };
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      throw classifyFailure(error, { phase, passedOn: false, peer: request.url.host });
    }
  }

  async function decoded(
    response: Response,
    headers: HeaderList,
    encoding: string,
    small: boolean,
  ): Promise<{ headers: HeaderList; body: UpstreamResponse["body"] }> {
    const encodings = encodingsOf(encoding);
    if (small) {
      const bytes = await response.bytes();
      if (encodings === undefined) return { headers, body: bytes };
      const body = await decodeWhole(codec, bytes, encodings);
      return { headers: withoutEncoding(headers), body };
    }
    if (response.body === null) return { headers, body: NO_BYTES };
    if (encodings === undefined) return { headers, body: response.body };
    return {
      headers: withoutEncoding(headers),
      body: decodeStream(codec, response.body, encodings),
    };
  }

  return {
    exchange,
    async resolve(host) {
      const found = await Bun.dns.lookup(host);
      return found.map(({ address, family, ttl }): PinnedAddress & { ttlMs: number } => ({
        address,
        family,
        ttlMs: ttl * 1000,
      }));
    },
    async close() {
      session.close();
      await (await slashes)?.close();
    },
  };
}

/**
 * Whether the host of a URL already is this address: `http://127.0.0.1:80/`, but not `http://127.0.0.1.evil.example/`.
 * Told from the text because each look into a URL object makes a new string.
 */
export function isAt(href: string, address: string): boolean {
  const start = href.startsWith("https:") ? 8 : 7;
  const end = href[start + address.length];
  return href.startsWith(address, start) && (end === ":" || end === "/");
}

/** The fields of a head; going through toJSON costs Bun half of what its iterator does. */
function fieldsOf(headers: Headers): [string, string][] {
  const object: Record<string, string | string[]> = headers.toJSON();
  const fields: [string, string][] = [];
  for (const name in object) {
    const value = object[name];
    if (typeof value === "string") fields.push([name, value]);
    else if (value !== undefined) { for (const one of value) fields.push([name, one]); }
  }
  return fields;
}
