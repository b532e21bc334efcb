/** Passes requests on to an API, hands its answers back as they arrive, and keeps both. */
import { NULL_BODY } from "../core/serve/null_body.ts";
import type { CallReply, HeaderList, RuntimeCall } from "../core/call.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { ConnectorError, invalidRequest, toConnectorError } from "../core/errors.ts";
import { discard, readLimited, readRequest } from "../core/read_limited.ts";
import { joinedHeader } from "../core/headers.ts";
import { jsonResponse } from "../core/serve/json_response.ts";
import { Mask, type Secret } from "./mask.ts";
import { contentOf, type Exchange } from "./recording.ts";

export interface RecorderOptions {
  /** Base URL of the API: its origin takes the place of the recorder's. */
  readonly target: string;
  /** How an API is called: `client.call`. */
  readonly call: (call: RuntimeCall) => Promise<CallReply>;
  readonly secret: Secret;
  /** Called once an answer has ended, one way or the other. */
  readonly onExchange: (exchange: Exchange) => void;
  /** Largest request body in bytes. Default: 10 MiB. */
  readonly maxBodyBytes?: number;
  readonly clock?: Clock;
}

/** RFC 9110, 7.6.1, and what the engine sets. */
const OF_CONNECTION = new Set([
  ...["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"],
  ...["upgrade", "host", "content-length", "accept-encoding"],
]);
/** What the engine has undone in an answer. A request goes on as it came. */
const UNDONE = "content-encoding";

export function createRecorder(options: RecorderOptions): (request: Request) => Promise<Response> {
  const { call, secret, onExchange, clock = systemClock } = options;
  const { maxBodyBytes = 10 * 1024 * 1024 } = options;
  const tooLarge = () =>
    invalidRequest("request.body_too_large", `The body is larger than ${maxBodyBytes} bytes.`);
  const { origin } = new URL(options.target);
  // One for all exchanges: what one answer issues may be sent with the next request, and under another name.
  const mask = new Mask(secret);
  return async (request) => {
    // Part by part: a path that begins with `//` would lead to another host.
    const url = new URL(origin);
    ({ pathname: url.pathname, search: url.search } = new URL(request.url));
    const headers = own([...request.headers]);
    try {
      const body = request.body === null
        ? null
        : await readRequest(request, maxBodyBytes, tooLarge);
      // No secret is found in what is compressed, so it is kept as it was before.
      const plain = body &&
        await decompressed(body, joinedHeader(headers, UNDONE), maxBodyBytes, tooLarge);
      mask.readRequest(url, headers, plain);
      const startedAt = clock.monotonic();
      const reply = await call({
        connector: "http",
        operation: "request",
        method: request.method,
        url: url.href,
        headers,
        body,
        signal: request.signal,
        policy: {
          maxRedirects: 0,
          retry: { attempts: 1 },
          secretHeaders: [...secret.headers],
        },
      });
      const afterMs = Math.round(clock.monotonic() - startedAt);
      const answered = own(reply.headers).filter(([name]) => name !== UNDONE);
      const keep = (chunks: readonly Timed[], broken?: string): void => {
        mask.readAnswer(answered);
        const masked = mask.chunks(chunks.map(({ bytes }) => bytes));
        onExchange({
          request: {
            method: request.method,
            target: mask.target(url),
            headers: mask.headers(headers.filter(([name]) => name !== UNDONE)),
            ...(plain !== null && plain.length > 0 && {
              body: contentOf(mask.chunks([plain])[0] ?? plain),
            }),
          },
          response: {
            status: reply.status,
            afterMs,
            headers: mask.headers(answered),
            chunks: masked.map((bytes, at) => ({
              afterMs: chunks[at]?.afterMs ?? 0,
              ...contentOf(bytes),
            })),
            ...(broken !== undefined && { broken }),
          },
        });
      };
      return respond(reply, answered, keep, clock);
    } catch (error) {
      const failure = toConnectorError(error);
      const status = REFUSED[failure.code] ?? 502;
      return jsonResponse({ error: { code: failure.code, message: failure.message } }, { status });
    }
  };
}

const REFUSED: Readonly<Record<string, number>> = {
  "request.body_too_large": 413,
  "request.content_encoding": 415,
};

async function decompressed(
  body: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase() ?? "identity";
  if (name === "identity" || body.length === 0) return body;
  const format = name === "gzip" || name === "x-gzip" ? "gzip" : name === "deflate" ? name : "";
  if (format !== "") {
    try {
      const stream = new Blob([new Uint8Array(body)]).stream();
      const plain: ReadableStream<Uint8Array> = stream.pipeThrough(
        new DecompressionStream(format),
      );
      return await readLimited(plain, maxBytes, tooLarge);
    } catch (error) {
      if (error instanceof ConnectorError) throw error;
    }
  }
  throw invalidRequest(
    "request.content_encoding",
    `The body is compressed with ${name}, and cannot be read as such: send it with gzip, deflate or uncompressed, so that secrets in it are found`,
  );
}

interface Timed {
  readonly afterMs: number;
  readonly bytes: Uint8Array;
}

function respond(
  reply: CallReply,
  headers: HeaderList,
  keep: (chunks: readonly Timed[], broken?: string) => void,
  clock: Clock,
): Response {
  const { body, status } = reply;
  const sent = new Headers();
  for (const [name, value] of headers) sent.append(name, value);
  const none = NULL_BODY.has(status);
  if (none || body instanceof Uint8Array) {
    if (!(body instanceof Uint8Array)) discard(body, "no body");
    const whole = body instanceof Uint8Array && body.length > 0
      ? [{ afterMs: 0, bytes: body }]
      : [];
    keep(whole);
    return new Response(none ? null : new Uint8Array(body as Uint8Array), {
      status,
      headers: sent,
    });
  }
  const reader = body.getReader();
  const chunks: Timed[] = [];
  let last = clock.monotonic();
  const passedOn = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          return keep(chunks);
        }
        const now = clock.monotonic();
        chunks.push({ afterMs: Math.round(now - last), bytes: value });
        last = now;
        controller.enqueue(value);
      } catch (error) {
        keep(chunks, error instanceof ConnectorError ? error.code : "unknown");
        controller.error(error);
      }
    },
    // What a program does not read has not been seen by it; it is part of the answer all the same.
    async cancel(reason) {
      keep(chunks, "call.cancelled");
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return new Response(passedOn, { status, headers: sent });
}

function own(headers: HeaderList): HeaderList {
  return headers.map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !OF_CONNECTION.has(name));
}
