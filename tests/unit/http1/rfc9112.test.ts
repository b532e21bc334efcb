/** RFC 9112, section by section: what is accepted, and what is refused because it is wrong or ambiguous. */
import { describe, expect, test } from "bun:test";
import { bytesOf, parse, type Parsed, splits, type Way } from "./support.ts";

type Row = readonly [what: string, text: string, expected: Partial<Parsed>, way?: Way];

const bad = { refused: "HTTP1_MALFORMED" } as const;
const large = { refused: "HTTP1_TOO_LARGE" } as const;
const cut = { refused: "HTTP1_TRUNCATED" } as const;
const none = { refused: "HTTP1_CLOSED" } as const;

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const hello = { status: 200, body: "hello", whole: true, rest: 0 } as const;
const withHeader = (line: string): string => `${OK}${line}\r\nContent-Length: 5\r\n\r\nhello`;
const withStart = (line: string): string => `${line}\r\nContent-Length: 5\r\n\r\nhello`;

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  "2.2 message parsing": [
    ["a whole answer", withHeader("A: b"), hello],
    ["an empty line before it", `\r\n${withHeader("A: b")}`, bad],
    ["lines that end with LF", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", bad],
    ["one line that ends with LF", `${OK}A: b\nContent-Length: 5\r\n\r\nhello`, bad],
    ["the empty line with LF", `${OK}Content-Length: 5\r\n\nhello`, bad],
    ["a bare CR in a value", withHeader("A: b\rc"), bad],
    ["a bare CR in a name", withHeader("A\rB: c"), bad],
    ["a NUL in a value", withHeader("A: b\0c"), bad],
    ["a NUL in a name", withHeader("A\0: c"), bad],
    ["another control character", withHeader("A: b\x01c"), bad],
    ["DEL", withHeader("A: b\x7f"), bad],
    ["a tab in a value", withHeader("A: b\tc"), hello],
    ["bytes above ASCII in a value", withHeader("A: \x80\xe9\xff"), hello],
    ["space before the first field", `${OK} A: b\r\nContent-Length: 5\r\n\r\nhello`, bad],
  ],
  "2.3 and 4 the status line": [
    ["HTTP/1.0", withStart("HTTP/1.0 200 OK"), hello],
    ["without a reason", withStart("HTTP/1.1 200 "), hello],
    ["without a reason and its space", withStart("HTTP/1.1 200"), hello],
    ["a reason with spaces and other letters", withStart("HTTP/1.1 200 \xe9 so so"), hello],
    ["HTTP/1.2", withStart("HTTP/1.2 200 OK"), bad],
    ["HTTP/2", withStart("HTTP/2 200 OK"), bad],
    ["HTTP/2.0", withStart("HTTP/2.0 200 OK"), bad],
    ["HTTP/0.9", "hello", bad],
    ["lower case", withStart("http/1.1 200 OK"), bad],
    ["another protocol", withStart("ICY 200 OK"), bad],
    ["a request", withStart("GET / HTTP/1.1"), bad],
    ["two spaces", withStart("HTTP/1.1  200 OK"), bad],
    ["a tab", withStart("HTTP/1.1\t200 OK"), bad],
    ["a tab behind the status", withStart("HTTP/1.1 200\tOK"), bad],
    ["two digits", withStart("HTTP/1.1 20 OK"), bad],
    ["four digits", withStart("HTTP/1.1 2000 OK"), bad],
    ["letters", withStart("HTTP/1.1 2x0 OK"), bad],
    ["a sign", withStart("HTTP/1.1 +20 OK"), bad],
    ["no status", withStart("HTTP/1.1"), bad],
    ["status 000", withStart("HTTP/1.1 000 None"), bad],
    ["status 099", withStart("HTTP/1.1 099 None"), bad],
    ["status 600", withStart("HTTP/1.1 600 More"), bad],
    ["status 999", withStart("HTTP/1.1 999 Most"), bad],
    ["status 599", withStart("HTTP/1.1 599 Last"), { ...hello, status: 599 }],
  ],
  "5 fields": [
    ["no fields", "HTTP/1.1 204 No\r\n\r\n", { status: 204, headers: [], whole: true }],
    ["no space behind the colon", withHeader("A:b"), hello],
    ["an empty value", withHeader("A:"), hello],
    ["space around a value", `${OK}A: \t b \t\r\n\r\n`, { headers: [["a", "b"]] }],
    ["a colon in a value", `${OK}A: b:c\r\n\r\n`, { headers: [["a", "b:c"]] }],
    ["repeats, in order", `${OK}A: 1\r\nB: 2\r\na: 3\r\n\r\n`, {
      headers: [["a", "1"], ["b", "2"], ["a", "3"]],
    }],
    ["5.1 a space before the colon", withHeader("A : b"), bad],
    ["5.1 a tab before the colon", withHeader("A\t: b"), bad],
    ["a space in a name", withHeader("A B: c"), bad],
    ["no colon", withHeader("A"), bad],
    ["no name", withHeader(": b"), bad],
    ["a name that is not a token", withHeader("A(b): c"), bad],
    ["a name with other letters", withHeader("\xe9: c"), bad],
    ["5.2 a folded value", withHeader("A: b\r\n c"), bad],
    ["5.2 folded with a tab", withHeader("A: b\r\n\tc"), bad],
    ["5.2 folded with a colon", withHeader("A: b\r\n c: d"), bad],
    ["300 fields", withHeader("A: b\r\n".repeat(299).trimEnd()), hello],
    ["5,000 fields", withHeader("A: b\r\n".repeat(5_000).trimEnd()), large],
    ["too many bytes", withHeader(`A: ${"b".repeat(70_000)}`), large],
    ["too many bytes without an end", `${OK}A: ${"b".repeat(70_000)}`, large],
    ["JavaScript's own names", `${OK}__proto__: 1\r\nconstructor: 2\r\n\r\n`, {
      headers: [["__proto__", "1"], ["constructor", "2"]],
    }],
  ],
  "6.1 transfer-encoding": [
    ["chunked", `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`, hello],
    ["in capitals", `${OK}transfer-encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n`, hello],
    [
      "beside a content-length",
      `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
      bad,
    ],
    [
      "before a content-length",
      `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`,
      bad,
    ],
    ["twice", `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, bad],
    ["chunked, chunked", `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n`, bad],
    ["gzip, chunked", `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`, bad],
    ["gzip", `${OK}Transfer-Encoding: gzip\r\n\r\n`, bad],
    ["identity", `${OK}Transfer-Encoding: identity\r\n\r\n`, bad],
    ["nothing", `${OK}Transfer-Encoding:\r\n\r\n`, bad],
    ["something like chunked", `${OK}Transfer-Encoding: xchunked\r\n\r\n`, bad],
    ["chunked with a parameter", `${OK}Transfer-Encoding: chunked;q=1\r\n\r\n`, bad],
    ["behind a vertical tab", `${OK}Transfer-Encoding: \x0bchunked\r\n\r\n`, bad],
    ["in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", bad],
  ],
  "6.2 content-length": [
    ["0", `${OK}Content-Length: 0\r\n\r\n`, { status: 200, body: "", whole: true }],
    ["zeros in front", `${OK}Content-Length: 0005\r\n\r\nhello`, hello],
    ["more than was announced", `${OK}Content-Length: 5\r\n\r\nhello!`, { ...hello, rest: 1 }],
    ["twice, the same", `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, bad],
    ["twice, not the same", `${OK}Content-Length: 5\r\nContent-Length: 3\r\n\r\nhello`, bad],
    ["a list of the same", `${OK}Content-Length: 5, 5\r\n\r\nhello`, bad],
    ["a list", `${OK}Content-Length: 5,3\r\n\r\nhello`, bad],
    ["negative", `${OK}Content-Length: -5\r\n\r\nhello`, bad],
    ["with a sign", `${OK}Content-Length: +5\r\n\r\nhello`, bad],
    ["hexadecimal", `${OK}Content-Length: 0x5\r\n\r\nhello`, bad],
    ["a fraction", `${OK}Content-Length: 5.0\r\n\r\nhello`, bad],
    ["an exponent", `${OK}Content-Length: 1e1\r\n\r\nhello`, bad],
    ["a space in it", `${OK}Content-Length: 5 5\r\n\r\nhello`, bad],
    ["nothing", `${OK}Content-Length:\r\n\r\nhello`, bad],
    ["beyond 2^53", `${OK}Content-Length: 9007199254740992\r\n\r\n`, bad],
    ["beyond 2^64", `${OK}Content-Length: 18446744073709551621\r\n\r\n`, bad],
  ],
  "6.3 length of a body": [
    ["HEAD", `${OK}Content-Length: 5\r\n\r\n`, { body: "", whole: true }, { method: "HEAD" }],
    ["HEAD, chunked", CHUNKED, { body: "", whole: true, rest: 0 }, { method: "HEAD" }],
    ["HEAD with a body", `${OK}Content-Length: 5\r\n\r\nhello`, { body: "", rest: 5 }, {
      method: "HEAD",
    }],
    ["204", "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", { body: "", whole: true }],
    ["304", "HTTP/1.1 304 Not\r\nContent-Length: 5\r\n\r\n", { body: "", whole: true }],
    ["304, chunked", "HTTP/1.1 304 Not\r\nTransfer-Encoding: chunked\r\n\r\n", { whole: true }],
    ["205 with a body", `HTTP/1.1 205 R\r\nContent-Length: 5\r\n\r\nhello`, {
      ...hello,
      status: 205,
    }],
    ["until the end", `${OK}\r\nhello`, { body: "hello", whole: false }],
    ["until the end, ended", `${OK}\r\nhello`, hello, { fin: true }],
    ["until the end, in HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", hello, { fin: true }],
  ],
  "7.1 chunks": [
    ["several", `${CHUNKED}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`, hello],
    ["capitals", `${CHUNKED}A\r\n0123456789\r\n0\r\n\r\n`, { body: "0123456789", whole: true }],
    ["zeros in front", `${CHUNKED}00005\r\nhello\r\n000\r\n\r\n`, hello],
    ["no chunk", `${CHUNKED}0\r\n\r\n`, { body: "", whole: true }],
    ["something behind it", `${CHUNKED}5\r\nhello\r\n0\r\n\r\nHTTP/1.1`, { ...hello, rest: 8 }],
    ["an extension", `${CHUNKED}5;a=b\r\nhello\r\n0;c\r\n\r\n`, hello],
    ["a quoted extension", `${CHUNKED}5 ; a = "b;c"\r\nhello\r\n0\r\n\r\n`, hello],
    ["no size", `${CHUNKED}\r\nhello\r\n0\r\n\r\n`, bad],
    ["only an extension", `${CHUNKED};a\r\nhello\r\n0\r\n\r\n`, bad],
    ["no digits", `${CHUNKED}zz\r\nhello\r\n0\r\n\r\n`, bad],
    ["digits and more", `${CHUNKED}5g\r\nhello\r\n0\r\n\r\n`, bad],
    ["0x", `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`, bad],
    ["a sign", `${CHUNKED}+5\r\nhello\r\n0\r\n\r\n`, bad],
    ["negative", `${CHUNKED}-5\r\nhello\r\n0\r\n\r\n`, bad],
    ["a space in front", `${CHUNKED} 5\r\nhello\r\n0\r\n\r\n`, bad],
    ["a space behind", `${CHUNKED}5 \r\nhello\r\n0\r\n\r\n`, bad],
    ["an underscore", `${CHUNKED}0_5\r\nhello\r\n0\r\n\r\n`, bad],
    ["LF behind the size", `${CHUNKED}5\nhello\r\n0\r\n\r\n`, bad],
    ["LF behind the data", `${CHUNKED}5\r\nhello\n0\r\n\r\n`, bad],
    ["CR behind the size", `${CHUNKED}5\rhello\r\n0\r\n\r\n`, bad],
    ["a NUL in an extension", `${CHUNKED}5;\0\r\nhello\r\n0\r\n\r\n`, bad],
    ["a CR in an extension", `${CHUNKED}5;\ra\r\nhello\r\n0\r\n\r\n`, bad],
    ["longer than its size", `${CHUNKED}5\r\nhello!\r\n0\r\n\r\n`, bad],
    ["shorter than its size", `${CHUNKED}6\r\nhello\r\n0\r\n\r\n`, bad],
    ["a size beyond 2^52", `${CHUNKED}10000000000000\r\nhello`, bad],
    ["a size beyond 2^64", `${CHUNKED}10000000000000005\r\nhello\r\n0\r\n\r\n`, bad],
    ["an endless size", `${CHUNKED}${"0".repeat(100)}`, bad],
    ["an endless extension", `${CHUNKED}5;${"a".repeat(5_000)}`, bad],
    ["extensions without an end", CHUNKED + `1;${"a".repeat(4_000)}\r\nx\r\n`.repeat(20), bad],
  ],
  "7.1.2 trailers": [
    ["some", `${CHUNKED}5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n`, hello],
    ["are not fields of the head", `${CHUNKED}0\r\nContent-Length: 7\r\n\r\n`, {
      headers: [],
      whole: true,
    }],
    ["no colon", `${CHUNKED}0\r\nA\r\n\r\n`, bad],
    ["a space before the colon", `${CHUNKED}0\r\nA : b\r\n\r\n`, bad],
    ["folded", `${CHUNKED}0\r\nA: b\r\n c\r\n\r\n`, bad],
    ["LF", `${CHUNKED}0\r\nA: b\n\r\n`, bad],
    ["a NUL", `${CHUNKED}0\r\nA: \0\r\n\r\n`, bad],
    ["5,000", `${CHUNKED}0\r\n${"A: b\r\n".repeat(5_000)}\r\n`, large],
    ["too many bytes", `${CHUNKED}0\r\n${`A: ${"b".repeat(1_000)}\r\n`.repeat(100)}\r\n`, large],
    ["too many bytes of one", `${CHUNKED}0\r\nA: ${"b".repeat(70_000)}`, large],
  ],
  "8 incomplete answers": [
    ["nothing", "", none, { fin: true }],
    ["half a head", "HTTP/1.1 200 OK\r\nA: ", none, { fin: true }],
    ["only an interim answer", "HTTP/1.1 100 Continue\r\n\r\n", none, { fin: true }],
    ["half a length", `${OK}Content-Length: 6\r\n\r\nhello`, cut, { fin: true }],
    ["half a chunk", `${CHUNKED}6\r\nhello`, cut, { fin: true }],
    ["no last chunk", `${CHUNKED}5\r\nhello\r\n`, cut, { fin: true }],
    ["half a last chunk", `${CHUNKED}5\r\nhello\r\n0\r\n`, cut, { fin: true }],
    ["half a trailer", `${CHUNKED}5\r\nhello\r\n0\r\nA: b\r\n`, cut, { fin: true }],
  ],
  "9.3 persistence": [
    ["HTTP/1.1", withHeader("A: b"), { persistent: true }],
    ["close", withHeader("Connection: close"), { persistent: false }],
    ["close, in capitals, in a list", withHeader("Connection: x, CLOSE"), { persistent: false }],
    ["close in a second field", withHeader("Connection: x\r\nConnection: close"), {
      persistent: false,
    }],
    ["something else", withHeader("Connection: closed"), { persistent: true }],
    ["HTTP/1.0", withStart("HTTP/1.0 200 OK"), { persistent: false }],
    ["HTTP/1.0 with keep-alive", withStart("HTTP/1.0 200 OK\r\nConnection: Keep-Alive"), {
      persistent: true,
    }],
    ["its fields are not handed on", `${OK}Connection: x\r\nKeep-Alive: timeout=5\r\n\r\n`, {
      headers: [],
    }],
  ],
  "RFC 9110, 15.2 interim answers": [
    ["100", `HTTP/1.1 100 Continue\r\n\r\n${withHeader("A: b")}`, hello],
    ["103 with fields", `HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${withHeader("A: b")}`, hello],
    ["several", "HTTP/1.1 102 P\r\n\r\n".repeat(9) + withHeader("A: b"), hello],
    ["101", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nxx", bad],
    ["a bare 101", "HTTP/1.1 101 Switching\r\n\r\n", bad],
    ["without an end", "HTTP/1.1 102 P\r\nA: b\r\n\r\n".repeat(4_000), large],
  ],
};

const OFTEN_ENOUGH = 2_000;

for (const [section, rows] of Object.entries(TABLE)) {
  describe(section, () => {
    const full = rows.map(([what, text, expected, way = {}]) =>
      [what, text, expected, way] as const
    );
    test.each(full)("%s", (_, text, expected, way) => {
      const bytes = bytesOf(text);
      expect(parse([bytes], way)).toMatchObject(expected);
      // Long ones are cut in a few places only: every place would take minutes and tell no more.
      const all = bytes.length <= OFTEN_ENOUGH ? splits(bytes) : [
        [bytes.subarray(0, 16), bytes.subarray(16)],
        [bytes.subarray(0, -1), bytes.subarray(-1)],
        Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1)),
      ];
      for (const pieces of all) {
        const cutUp = parse(pieces, way);
        const { refused } = cutUp;
        expect({ ...cutUp, pieces: pieces.map((piece) => piece.length).slice(0, 9) })
          .toMatchObject(
            refused === undefined ? expected : { refused: expected.refused ?? "none" },
          );
      }
    });
  });
}
