/** Upstream HTTP over our own client and the runtime's sockets: the same on Bun, Deno and Node. */
import { Buffer } from "node:buffer";
import type { Upstream, UpstreamOptions } from "../../core/platform.ts";
import type { UpstreamRequest, UpstreamResponse } from "../../core/platform.ts";
import { classifyFailure } from "../../http/classify.ts";
import { type Answer, createHttpClient } from "../../http1/client.ts";
import type { Dial } from "../../http1/dial.ts";
import type { ParserOptions } from "../../http1/parser.ts";
import { decodeStream, decodeWhole } from "./decode.ts";
import type { Codec } from "./decoder.ts";
import { encodingsOf } from "./encodings.ts";
import { hasNoBody, withoutEncoding } from "./response.ts";

export interface SocketUpstreamDeps {
  readonly dial: Dial;
  /** See {@link Codec}. */
  readonly webBrotli: boolean;
  /** See {@link ParserOptions}. */
  readonly cut?: ParserOptions["cut"];
  readonly resolve: NonNullable<Upstream["resolve"]>;
  readonly lookupsAtOnce?: Upstream["lookupsAtOnce"];
}

export async function createSocketUpstream(
  options: UpstreamOptions,
  deps: SocketUpstreamDeps,
): Promise<Upstream> {
  const codec: Codec = {
    z: await import("node:zlib"),
    webBrotli: deps.webBrotli,
    ratio: options.maxInflationRatio,
  };

  function finish(
    answer: Answer,
    request: UpstreamRequest,
  ): UpstreamResponse | Promise<UpstreamResponse> {
    const { status, headers, body, encoding } = answer;
    if (encoding === undefined || hasNoBody(request.method, status)) return answer;
    const encodings = encodingsOf(encoding);
    if (encodings === undefined) return answer;
    const plain = withoutEncoding(headers);
    if (!(body instanceof Uint8Array)) {
      return { status, headers: plain, body: decodeStream(codec, body, encodings) };
    }
    return decodeWhole(codec, body, encodings).then(
      (decoded) => ({ status, headers: plain, body: decoded }),
      (error: unknown) => {
        throw classifyFailure(error, { phase: "body", passedOn: false, peer: request.url.host });
      },
    );
  }

  const client = createHttpClient<UpstreamResponse>(options, {
    dial: deps.dial,
    latin1: (bytes, from, to) => Buffer.prototype.latin1Slice.call(bytes, from, to),
    cut: deps.cut,
    finish,
  });
  return {
    exchange: client.exchange,
    resolve: deps.resolve,
    lookupsAtOnce: deps.lookupsAtOnce,
    close() {
      client.close();
      return Promise.resolve();
    },
  };
}
