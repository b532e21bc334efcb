/** What {@link startUpstream} can do, by path. Parameters come from the query. */
import type { Socket } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import type { ReceivedRequest } from "./upstream_reader.ts";

type Route = (request: ReceivedRequest, socket: Socket) => void;

const encoder = new TextEncoder();

/** 74 bytes. */
export const JSON_BODY: string =
  '{"id":"0123456789","name":"a small answer","ok":true,"list":[1,2,3],"x":1}';

/** n bytes 0, 1, … 255, 0, 1, … */
export function pattern(n: number): Uint8Array {
  if (longest.length < n) {
    longest = new Uint8Array(n);
    for (let i = 0; i < n; i++) longest[i] = i & 255;
  }
  return longest.slice(0, n);
}
// Megabytes of it are asked for again and again.
let longest: Uint8Array = new Uint8Array(0);

/** Text that compresses, 10,000 bytes. */
export const TEXT_BODY: string = "The quick brown fox jumps over the lazy dog. ".repeat(250).slice(
  0,
  10_000,
);

function head(status: number, headers: readonly string[]): string {
  return [`HTTP/1.1 ${status} Status`, ...headers, "", ""].join("\r\n");
}

function whole(
  socket: Socket,
  body: string | Uint8Array,
  headers: readonly string[] = [],
  status = 200,
): void {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const start = encoder.encode(head(status, [...headers, `Content-Length: ${bytes.length}`]));
  const all = new Uint8Array(start.length + bytes.length);
  all.set(start);
  all.set(bytes, start.length);
  socket.write(all);
}

function chunk(socket: Socket, bytes: Uint8Array): void {
  socket.write(encoder.encode(`${bytes.length.toString(16)}\r\n`));
  socket.write(bytes);
  socket.write(encoder.encode("\r\n"));
}

/** RST where the runtime can send one, else a plain close: both are a failure to the peer. */
function reset(socket: Socket): void {
  if (typeof socket.resetAndDestroy === "function") socket.resetAndDestroy();
  else socket.destroy();
}

function number(request: ReceivedRequest, name: string, fallback: number): number {
  return Number(request.query.get(name) ?? fallback);
}

/** Sends pieces `ms` apart, stops when the peer is gone. */
function paced(socket: Socket, n: number, ms: number, piece: (i: number) => Uint8Array): void {
  let i = 0;
  const step = (): void => {
    if (socket.destroyed) return;
    if (i === n) {
      socket.write("0\r\n\r\n");
      return;
    }
    chunk(socket, piece(i++));
    if (ms > 0) setTimeout(step, ms);
    else queueMicrotask(step);
  };
  step();
}

const CHUNKED = "Transfer-Encoding: chunked";

function encoded(encoding: string, bytes: Uint8Array): Route {
  return (request, socket) => {
    const headers = [`Content-Encoding: ${encoding}`, "Content-Type: text/plain"];
    if (request.query.has("chunked")) {
      socket.write(head(200, [...headers, CHUNKED]));
      for (let i = 0; i < bytes.length; i += 50) chunk(socket, bytes.subarray(i, i + 50));
      socket.write("0\r\n\r\n");
    } else whole(socket, bytes, headers);
  };
}

/** How often a target was asked for. */
const asked = new Map<string, number>();

const inSteps: Route = (request, socket) => {
  const before = asked.get(request.target) ?? 0;
  asked.set(request.target, before + 1);
  const steps = (request.query.get("steps") ?? "200").split(",");
  const step = steps[Math.min(before, steps.length - 1)];
  const after = request.query.get("after");
  if (step === "reset") reset(socket);
  else if (step === "break") routes["/reset-mid"]?.(request, socket);
  else if (step !== "hang") {
    const headers = after === null ? [] : [`Retry-After-Ms: ${after}`];
    const answer = JSON.stringify({ step, number: before + 1 });
    void request.body.then(() => whole(socket, answer, headers, Number(step)));
  }
};

export const routes: Readonly<Record<string, Route>> = {
  /** 74 bytes of JSON with a content-length. */
  "/json": (_, socket) => whole(socket, JSON_BODY, ["Content-Type: application/json"]),
  /** The request as it arrived, body included, which is not in the answer: `{ method, target, headers: [[name, value]] }`. */
  "/request": (request, socket) => {
    const { method, target, headers } = request;
    // Not before: whoever has the whole answer need not send the rest.
    void request.body.then(() =>
      whole(socket, JSON.stringify({ method, target, headers }), ["Content-Type: application/json"])
    );
  },
  /** The text in `json`, and a Link header with what stands in `link`. */
  "/answer": (request, socket) =>
    whole(socket, request.query.get("json") ?? "{}", [
      "Content-Type: application/json",
      `Link: ${request.query.get("link") ?? ""}`,
    ]),
  /** The request body back, whole. */
  "/echo": (request, socket) => {
    void request.body.then((body) =>
      whole(socket, body, ["Content-Type: application/octet-stream"])
    );
  },
  /** The request body back, piece by piece as it arrives. */
  "/echo-stream": (request, socket) => {
    socket.write(head(200, [CHUNKED]));
    request.onData((bytes) => chunk(socket, bytes));
    void request.body.then(() => socket.write("0\r\n\r\n"));
  },
  /** `n` patterned bytes; `chunked` for no content-length. */
  "/bytes": (request, socket) => {
    const bytes = pattern(number(request, "n", 256));
    if (!request.query.has("chunked")) return whole(socket, bytes);
    socket.write(head(200, [CHUNKED]));
    for (let i = 0; i < bytes.length; i += 65_536) chunk(socket, bytes.subarray(i, i + 65_536));
    socket.write("0\r\n\r\n");
  },
  /** `kb` KiB of text. */
  "/text": (request, socket) => whole(socket, "x".repeat(number(request, "kb", 1) * 1024)),
  /** Answers after `ms`. */
  "/slow": (request, socket) => {
    setTimeout(() => !socket.destroyed && whole(socket, "slow"), number(request, "ms", 100));
  },
  /** Reads, never answers. */
  "/hang": () => {},
  /** Stops reading after the head and never answers: backpressure for request bodies. */
  "/stall": (_, socket) => {
    socket.pause();
  },
  /** Head and one piece, then silence; with `length` under a content-length. */
  "/hang-mid": (request, socket) => {
    if (request.query.has("length")) {
      socket.write(head(200, ["Content-Length: 100"]) + "first");
    } else {
      socket.write(head(200, [CHUNKED]));
      chunk(socket, encoder.encode("first"));
    }
  },
  /** `n` pieces of `size` bytes, `ms` apart; piece i is filled with i. */
  "/chunks": (request, socket) => {
    socket.write(head(200, [CHUNKED]));
    const size = number(request, "size", 5);
    paced(
      socket,
      number(request, "n", 3),
      number(request, "ms", 0),
      (i) => new Uint8Array(size).fill(i),
    );
  },
  /** `mb` megabytes as fast as they are taken; `progress.written` tells how many bytes were. */
  "/flood": (request, socket) => {
    const total = number(request, "mb", 100) * 1024 * 1024;
    const piece = new Uint8Array(65_536);
    socket.write(head(200, [`Content-Length: ${total}`]));
    const more = (): void => {
      while (request.progress.written < total && !socket.destroyed) {
        request.progress.written += piece.length;
        if (!socket.write(piece)) return void socket.once("drain", more);
      }
    };
    more();
  },
  /** `n` server-sent events, `ms` apart, then `[DONE]`. */
  "/sse": (request, socket) => {
    socket.write(head(200, [CHUNKED, "Content-Type: text/event-stream"]));
    const n = number(request, "n", 3);
    paced(
      socket,
      n + 1,
      number(request, "ms", 0),
      (i) => encoder.encode(i === n ? "data: [DONE]\n\n" : `data: ${JSON.stringify({ i })}\n\n`),
    );
  },
  /** RST before a response byte. */
  "/reset": (_, socket) => reset(socket),
  /** FIN before a response byte. */
  "/close": (_, socket) => {
    socket.end();
  },
  /** Head and a piece, then RST. */
  "/reset-mid": (_, socket) => {
    socket.write(head(200, [CHUNKED]));
    chunk(socket, encoder.encode("first"));
    setTimeout(() => reset(socket), 20);
  },
  /** 5 bytes of 100 announced, then FIN. */
  "/truncate": (_, socket) => {
    socket.end(head(200, ["Content-Length: 100"]) + "first");
  },
  /** A chunked body without its end, then FIN. */
  "/truncate-chunked": (_, socket) => {
    socket.end(head(200, [CHUNKED]) + "5\r\nfirst\r\n");
  },
  /** `zz` where a chunk size belongs. */
  "/bad-chunk": (_, socket) => {
    socket.end(head(200, [CHUNKED]) + "5\r\nfirst\r\nzz\r\nnot a chunk\r\n0\r\n\r\n");
  },
  /** Not HTTP at all. */
  "/bad-http": (_, socket) => {
    socket.end("SMTP ready, what would you like?\r\n\r\n");
  },
  /** No content-length: the body ends with the connection. */
  "/until-close": (_, socket) => {
    socket.end(head(200, ["Connection: close"]) + "until the end");
  },
  "/gzip": encoded("gzip", gzipSync(TEXT_BODY)),
  "/deflate": encoded("deflate", deflateSync(TEXT_BODY)),
  /** Deflate without the zlib header, as some servers send it. */
  "/deflate-raw": encoded("deflate", deflateRawSync(TEXT_BODY)),
  "/br": encoded("br", brotliCompressSync(TEXT_BODY)),
  "/gzip-truncated": encoded("gzip", gzipSync(TEXT_BODY).subarray(0, 60)),
  "/br-truncated": encoded("br", brotliCompressSync(TEXT_BODY).subarray(0, 40)),
  "/gzip-bad": encoded("gzip", pattern(100)),
  /** gzip twice. */
  "/gzip-gzip": encoded("gzip, gzip", gzipSync(gzipSync(TEXT_BODY))),
  /** Half of a compressed body, then silence. */
  "/gzip-hang": (_, socket) => {
    socket.write(head(200, ["Content-Encoding: gzip", CHUNKED]));
    const bytes = gzipSync(pattern(100_000).map((byte, i) => byte ^ (i >> 8) ^ (i * 7919 >> 4)));
    chunk(socket, bytes.subarray(0, bytes.length / 2));
  },
  /** `mb` megabytes of zeros in a few kilobytes. */
  "/bomb": (request, socket) => {
    encoded("gzip", gzipSync(new Uint8Array(number(request, "mb", 10) * 1024 * 1024)))(
      request,
      socket,
    );
  },
  /** 304 or HEAD with a content-encoding and no body. */
  "/head-gzip": (request, socket) => {
    socket.write(
      head(number(request, "status", 200), ["Content-Encoding: gzip", "Content-Length: 500"]),
    );
  },
  /** `status` (302) to `to`. */
  "/redirect": (request, socket) =>
    whole(
      socket,
      "moved",
      [`Location: ${request.query.get("to") ?? "/json"}`],
      number(request, "status", 302),
    ),
  /** Redirects `n` times through itself. */
  "/redirects": (request, socket) => {
    const n = number(request, "n", 1);
    whole(socket, "", [`Location: ${n > 1 ? `/redirects?n=${n - 1}` : "/request"}`], 302);
  },
  "/cookies": (_, socket) =>
    whole(socket, "cookies", [
      "Set-Cookie: a=1; Path=/",
      "X-One: 1",
      "Set-Cookie: b=2, with a comma",
      "set-cookie: c=3",
    ]),
  /** Any status by `code`, its body the number. */
  "/status": (request, socket) => {
    const code = number(request, "code", 200);
    if (code === 204 || code === 304) socket.write(head(code, []));
    else whole(socket, String(code), [], code);
  },
  /**
   * The first request to this very target gets the first of `steps`, the second the second, and so on; the last one stays. A step
   * is a status, `reset`, `hang` or `break` (RST inside the body). With `after`, that is the Retry-After-Ms.
   */
  "/steps": inSteps,
  /** The same, for the connector `policy` of the golden files. */
  "/things": inSteps,
  "/safe": inSteps,
  /** 103 Early Hints, then 200. */
  "/hints": (_, socket) => {
    socket.write(head(103, ["Link: </style.css>; rel=preload"]));
    whole(socket, "after hints");
  },
  /** A head of about `kb` kilobytes. */
  "/big-head": (request, socket) =>
    whole(
      socket,
      "big",
      Array.from({ length: number(request, "kb", 1) }, (_, i) =>
        `X-Filler-${i}: ${"x".repeat(1005)}`),
    ),
  /** 413 at once, without reading the body, then closes. */
  "/early": (_, socket) => {
    socket.end(head(413, ["Content-Length: 5", "Connection: close"]) + "large");
  },
  "/not-found": (_, socket) => whole(socket, "not found", [], 404),
};
