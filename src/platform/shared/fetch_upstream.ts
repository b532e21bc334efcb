/** Upstream HTTP over the standard fetch, if nothing else exists: the runtime resolves, decodes and pools by itself. */
import { nativeSignal } from "../../core/async/call_signal.ts";
import type {
  Upstream,
  UpstreamOptions,
  UpstreamRequest,
  UpstreamResponse,
} from "../../core/platform.ts";
import { readLimited } from "../../core/read_limited.ts";
import { classifyFailure } from "../../http/classify.ts";
import { hiddenRedirect } from "../../http/redirect.ts";
import { type Encoding, encodingsOf } from "./encodings.ts";
import {
  hasNoBody,
  inflated,
  mostDecoded,
  NO_BYTES,
  readHead,
  withoutEncoding,
} from "./response.ts";

/** Browsers and workerd refuse or ignore these, and set them according to what they can decode. */
const OWN: ReadonlySet<string> = new Set(["accept-encoding", "host", "content-length"]);

/** What a runtime's fetch does not decode. Default: it decodes everything. */
export interface Decoding {
  isDecoded(encodings: readonly Encoding[]): boolean;
  /** Undefined if it cannot be decoded: the caller then gets it as it is. */
  decoded(
    encodings: readonly Encoding[],
    body: ReadableStream<Uint8Array>,
  ): ReadableStream<Uint8Array> | undefined;
}

export function createFetchUpstream(options: UpstreamOptions, decoding?: Decoding): Upstream {
  async function exchange(request: UpstreamRequest): Promise<UpstreamResponse> {
    const at = { passedOn: false, peer: request.url.host };
    let phase: "head" | "body" = "head";
    try {
      const response = await fetch(request.url.href, initOf(request));
      phase = "body";
      return await receive(request, response);
    } catch (error) {
      throw request.signal.aborted
        ? request.signal.reason
        : classifyFailure(error, { ...at, phase });
    }
  }

  async function receive(request: UpstreamRequest, response: Response): Promise<UpstreamResponse> {
    const { status } = response;
    if (response.type === "opaqueredirect") throw hiddenRedirect(request.url);
    const { headers, length, encoding } = readHead(response.headers, options.maxHeadBytes);
    if (hasNoBody(request.method, status) || response.body === null) {
      return { status, headers, body: NO_BYTES };
    }
    const encodings = encodingsOf(encoding);
    const left = encodings !== undefined && decoding?.isDecoded(encodings) === false;
    const own = left ? decoding.decoded(encodings, response.body) : undefined;
    const decoded = own !== undefined || (encodings !== undefined && !left);
    const body = own ?? response.body;
    const ratio = options.maxInflationRatio;
    const whole = length !== undefined && length <= options.wholeBodyBytes;
    return {
      status,
      headers: decoded ? withoutEncoding(headers) : headers,
      body: whole
        ? await readLimited(body, mostDecoded(length, ratio), () => inflated(ratio))
        : body,
    };
  }

  return { exchange, close: () => Promise.resolve() };
}

function initOf({ method, headers, body, signal }: UpstreamRequest): RequestInit {
  const init: RequestInit & { duplex?: "half" } = {
    method,
    headers: headers.filter(([name]) => !OWN.has(name)) as [string, string][],
    redirect: "manual",
    signal: nativeSignal(signal),
  };
  if (body !== null) init.body = body as BodyInit;
  if (body instanceof ReadableStream) init.duplex = "half";
  return init;
}
