/** Answers of every shape, cut anywhere, damaged anywhere, and read by node:http as well. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { get, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { bytesOf, latin1, parse, splits } from "./support.ts";

interface Shape {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
  readonly framing: "length" | "chunks" | "close";
  readonly cuts: readonly number[];
  readonly trailers: readonly (readonly [string, string])[];
  readonly extension: string;
}

const FRAMING = /^(content-length|transfer-encoding|connection|keep-alive|trailer)$/i;
const name = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_|~-]{1,20}$/).filter((text) =>
  !FRAMING.test(text)
);
const value = fc.stringMatching(
  /^([!-~\u00a1-\u00ff]([ -~\u00a1-\u00ff]{0,30}[!-~\u00a1-\u00ff])?)?$/,
);
const field = fc.tuple(name, value);
const text = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)),
});

const shape: fc.Arbitrary<Shape> = fc.record({
  status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
  reason: fc.stringMatching(/^[ -~]{0,20}$/),
  fields: fc.array(field, { maxLength: 12 }),
  body: fc.oneof(text, fc.string({ minLength: 200, maxLength: 2_000 })),
  framing: fc.constantFrom("length", "chunks", "close"),
  cuts: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }),
  trailers: fc.array(field, { maxLength: 3 }),
  extension: fc.stringMatching(/^(;[a-z]{1,8}(=[a-z0-9]{1,8})?)?$/),
});

function lines(fields: Shape["fields"]): string {
  return fields.map(([key, content]) => `${key}: ${content}\r\n`).join("");
}

function answerOf(one: Shape): string {
  const head = `HTTP/1.1 ${one.status} ${one.reason}\r\n${lines(one.fields)}`;
  if (one.framing === "length") {
    return `${head}Content-Length: ${one.body.length}\r\n\r\n${one.body}`;
  }
  if (one.framing === "close") return `${head}\r\n${one.body}`;
  let chunks = "";
  for (let at = 0, i = 0; at < one.body.length; i++) {
    const piece = one.body.slice(at, at + (one.cuts[i % one.cuts.length] as number));
    chunks += `${piece.length.toString(16)}${one.extension}\r\n${piece}\r\n`;
    at += piece.length;
  }
  return `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n${lines(one.trailers)}\r\n`;
}

/** At random places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}
const places = fc.array(fc.nat(), { maxLength: 10 });

describe("any answer", () => {
  test("is read as it was written, wherever it is cut", () => {
    fc.assert(
      fc.property(shape, places, (one, at) => {
        const bytes = bytesOf(answerOf(one));
        const got = parse(cut(bytes, at), { fin: one.framing === "close" });
        expect(got).toMatchObject({ status: one.status, body: one.body, whole: true, rest: 0 });
        const fields = one.fields.map(([key, content]) => [key.toLowerCase(), content] as const);
        const others = got.headers?.filter(([key]) => key !== "content-length");
        expect(others).toEqual(fields);
      }),
      { numRuns: 500 },
    );
  });

  test("is the same in two pieces, wherever the cut is, and byte by byte", () => {
    fc.assert(
      fc.property(shape, (one) => {
        const bytes = bytesOf(answerOf({ ...one, body: one.body.slice(0, 60) }));
        const way = { fin: one.framing === "close" };
        const whole = parse([bytes], way);
        for (const pieces of splits(bytes)) expect(parse(pieces, way)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  test("that is damaged is refused or read, the same however it is cut", () => {
    const damage = fc.record({
      at: fc.nat(),
      put: fc.oneof(
        fc.constantFrom("\r", "\n", "\r\n", "\0", " ", ":", ";", "0", "Content-Length: 3\r\n"),
        text,
      ),
      over: fc.nat({ max: 4 }),
    });
    fc.assert(
      fc.property(
        shape,
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        places,
        (one, all, at) => {
          let answer = answerOf(one);
          for (const { at: place, put, over } of all) {
            const from = place % (answer.length + 1);
            answer = answer.slice(0, from) + put + answer.slice(from + over);
          }
          const bytes = bytesOf(answer);
          const whole = parse([bytes], { fin: true });
          const pieces = parse(cut(bytes, at), { fin: true });
          // What is wrong first may depend on how much is known; that something is does not.
          if (whole.refused !== undefined) expect(pieces.refused).toBeDefined();
          else expect(pieces).toEqual(whole);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("of random bytes is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        expect(parse([bytes], { fin: true }).refused).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });
});

describe("node:http", () => {
  test("reads well-formed answers in the same way", async () => {
    let answer = "";
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(bytesOf(answer)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await fc.assert(
      fc.asyncProperty(shape, async (one) => {
        answer = answerOf(one);
        const theirs = await read(port);
        const ours = parse([bytesOf(answer)], { fin: true });
        expect({ status: ours.status, body: ours.body }).toEqual({
          status: theirs.status,
          body: theirs.body,
        });
        expect(ours.headers).toEqual(theirs.headers);
      }),
      { numRuns: 100 },
    );
    await new Promise((resolve) => server.close(resolve));
  });
});

async function read(port: number) {
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent: false }, resolve).once("error", reject);
  });
  let body = "";
  for await (const piece of incoming as AsyncIterable<Uint8Array>) {
    body += latin1(piece, 0, piece.length);
  }
  const headers: [string, string][] = [];
  const { rawHeaders } = incoming;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const key = rawHeaders[i]?.toLowerCase() ?? "";
    if (key !== "transfer-encoding") headers.push([key, rawHeaders[i + 1] ?? ""]);
  }
  return { status: incoming.statusCode, body, headers };
}
