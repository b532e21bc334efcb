import { describe, expect, test } from "bun:test";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { classifyFailure, forCall } from "../../../src/http/classify.ts";
import { statusClass } from "../../../src/http/status.ts";

function error(code: string | undefined, message = "x", extra: object = {}): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code }, extra);
}

const head = { phase: "head", passedOn: false, peer: "a.example" } as const;
const body = { phase: "body", passedOn: true, peer: "a.example" } as const;

describe("failures before the response", () => {
  test("for want of a file descriptor are this process's own", () => {
    for (
      const thrown of [
        error("EMFILE"),
        error("ENFILE", "x", { syscall: "connect" }),
        error(undefined, "Too many open files (os error 24)"),
        error(undefined, "fetch failed", { cause: error("EMFILE") }),
      ]
    ) {
      expect(classifyFailure(thrown, head)).toMatchObject({
        code: "descriptors.exhausted",
        errorClass: ErrorClass.Transient,
        origin: "local",
        sent: "no",
      });
    }
  });
  // What Bun, Deno and Node really threw, beside what it means.
  test.each([
    [error("ECONNREFUSED"), "connect.refused", 1, "no"],
    [error("ConnectionRefused"), "connect.refused", 1, "no"],
    [
      error(undefined, "tcp connect error: Connection refused (os error 111)"),
      "connect.refused",
      1,
      "no",
    ],
    [
      new AggregateError([error("ECONNREFUSED"), error("ENETUNREACH")], ""),
      "connect.refused",
      1,
      "no",
    ],
    [error("ENETUNREACH"), "connect.unreachable", 1, "no"],
    [error("EHOSTUNREACH"), "connect.unreachable", 1, "no"],
    [error("ETIMEDOUT"), "timeout.connect", 1, "no"],
    [error("EAI_AGAIN"), "dns.temporary", 1, "no"],
    [error("DNS_ESERVFAIL"), "dns.temporary", 1, "no"],
    [error("DNS_ESOMETHINGNEW"), "dns.temporary", 1, "no"],
    [error("DNS_ECONNREFUSED"), "dns.temporary", 1, "no"],
    [error("ENOTFOUND"), "dns.not_found", 1, "no"],
    [error("DNS_ENOTFOUND"), "dns.not_found", 1, "no"],
    [
      error(undefined, "failed to lookup address information: Name or service not known"),
      "dns.not_found",
      1,
      "no",
    ],
    [error("ERR_TLS_CERT_ALTNAME_INVALID"), "tls.name", 2, "no"],
    [error(undefined, "invalid peer certificate: NotValidForName"), "tls.name", 2, "no"],
    [error("CERT_HAS_EXPIRED"), "tls.expired", 2, "no"],
    [error("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "tls.untrusted", 2, "no"],
    [error("DEPTH_ZERO_SELF_SIGNED_CERT"), "tls.untrusted", 2, "no"],
    [error(undefined, "invalid peer certificate: UnknownIssuer"), "tls.untrusted", 2, "no"],
    [error("EPROTO"), "tls.failed", 2, "no"],
    [error("ERR_SSL_WRONG_VERSION_NUMBER"), "tls.failed", 2, "no"],
    [error("ECONNRESET", "socket hang up"), "upstream.reset", 1, "maybe"],
    [error("EPIPE"), "upstream.reset", 1, "maybe"],
    [error("HPE_INVALID_CONSTANT"), "upstream.bad_http", 1, "maybe"],
    [error("Malformed_HTTP_Response"), "upstream.bad_http", 1, "maybe"],
    [error("InvalidContentLength"), "upstream.bad_http", 1, "maybe"],
    [error("ResponseHeadersTooLarge"), "response.head_too_large", 2, "committed"],
    // An established connection that breaks with a code of connecting: the request may have arrived.
    [error("ETIMEDOUT", "read ETIMEDOUT", { syscall: "read" }), "upstream.reset", 1, "maybe"],
    [error("EHOSTUNREACH", "x", { syscall: "write" }), "upstream.reset", 1, "maybe"],
    [error("ETIMEDOUT", "connect", { syscall: "connect" }), "timeout.connect", 1, "no"],
    [error("HPE_HEADER_OVERFLOW"), "response.head_too_large", 2, "committed"],
    [
      error(undefined, "fetch failed", { cause: error("ECONNREFUSED") }),
      "connect.refused",
      1,
      "no",
    ],
    [error("ESOMETHING", "never seen"), "upstream.failed", 2, "maybe"],
    ["thrown text", "upstream.failed", 2, "maybe"],
    [undefined, "upstream.failed", 2, "maybe"],
  ])("%s: %s", (thrown, code, errorClass, sent) => {
    const failure = classifyFailure(thrown, head);
    expect(failure).toMatchObject({ code, errorClass, sent, origin: "upstream" });
    expect(failure.message).toContain("a.example");
    expect(failure.cause).toBe(thrown);
  });
});

describe("failures in the middle of the response", () => {
  test.each([
    [error("ECONNRESET", "aborted"), "upstream.truncated"],
    [error("EPIPE"), "upstream.truncated"],
    [error(undefined, "terminated"), "upstream.truncated"],
    [error(undefined, "error reading a body from connection"), "upstream.truncated"],
    [
      error(undefined, "terminated", { cause: error("UND_ERR_SOCKET", "other side closed") }),
      "upstream.truncated",
    ],
    [error(undefined, "reached unexpected EOF"), "upstream.bad_encoding"],
    [error("HPE_INVALID_CHUNK_SIZE"), "upstream.bad_http"],
    [error("InvalidHTTPResponse"), "upstream.bad_http"],
    [error("Z_DATA_ERROR"), "upstream.bad_encoding"],
    [error("Z_BUF_ERROR", "unexpected end of file"), "upstream.bad_encoding"],
    [error("ERR__ERROR_FORMAT_PADDING_1"), "upstream.bad_encoding"],
    [error("ZlibError"), "upstream.bad_encoding"],
    [error(undefined, "brotli decompression failed"), "upstream.bad_encoding"],
  ])("%s: %s, Permanent once passed on, Transient before", (thrown, code) => {
    expect(classifyFailure(thrown, body)).toMatchObject({ code, errorClass: 2, sent: "committed" });
    expect(classifyFailure(thrown, { ...body, passedOn: false })).toMatchObject({
      code,
      errorClass: 1,
      sent: "maybe",
    });
  });
});

test("an unusable answer is Transient for a call that may be repeated only; other failures stay", () => {
  for (const code of ["upstream.bad_http", "upstream.truncated", "upstream.bad_encoding"]) {
    for (const errorClass of [1, 2] as const) {
      const cause = new Error("x");
      const thrown = new ConnectorError({
        errorClass,
        code,
        message: "m",
        sent: "committed",
        cause,
      });
      expect(forCall(thrown, true)).toMatchObject({ code, errorClass: 1, sent: "maybe", cause });
      expect(forCall(thrown, false)).toMatchObject({ code, errorClass: 2, sent: "maybe", cause });
    }
  }
  const reset = classifyFailure(error("ECONNRESET"), head);
  expect(forCall(reset, false)).toBe(reset);
});

test("what is not known is at least committed once something was passed on", () => {
  expect(classifyFailure(error("ENEW"), body)).toMatchObject({
    code: "upstream.failed",
    sent: "committed",
  });
});

test("words of the URL do not decide", () => {
  const thrown = error(undefined, "odd thing at https://tls.example/aborted: never seen");
  expect(classifyFailure(thrown, head).code).toBe("upstream.failed");
});

test("no code of connecting is believed once the response has begun", () => {
  for (const code of ["ENETUNREACH", "EPROTO", "ETIMEDOUT"]) {
    expect(classifyFailure(error(code), body)).toMatchObject({
      code: "upstream.truncated",
      sent: "committed",
    });
  }
});

test("made-up letters in what a runtime threw do not decide", () => {
  for (const text of ["internal error; reference = tls9k2ssl0eof", "failed (id f3sslq0tlsx)"]) {
    const found = classifyFailure(new Error(text), {
      phase: "head",
      passedOn: false,
      peer: "a.example",
    });
    expect([found.code, found.sent]).toEqual(["upstream.failed", "maybe"]);
  }
});

test("a URL in what a runtime threw is neither in the message nor in the cause", () => {
  const url = "https://a.example/x?key=marker-9";
  for (
    const thrown of [
      error("EODD", `EODD fetching "${url}"`),
      error("ECONNREFUSED", "x", { path: url }),
      error(undefined, "fetch failed", { cause: error("ECONNRESET", "x", { path: url }) }),
      `failed at ${url}`,
    ]
  ) {
    const found = classifyFailure(thrown, head);
    const cause = found.cause as Error;
    const shown = [found.message, String(cause), ...Object.values(cause).map(String), cause.cause];
    expect(shown.join(" ")).not.toContain("marker-9");
  }
  const plain = error("ECONNREFUSED");
  expect(classifyFailure(plain, head).cause).toBe(plain);
});

test("a ConnectorError is kept", () => {
  const own = new ConnectorError({ errorClass: 3, code: "x.y", message: "z" });
  expect(classifyFailure(own, head)).toBe(own);
});

test("causes that go in circles end", () => {
  const round = error("EODD");
  (round as { cause?: unknown }).cause = round;
  expect(classifyFailure(round, head).code).toBe("upstream.failed");
});

describe("statuses", () => {
  test.each(
    [
      [0, [200, 201, 204, 206, 299, 304]],
      [5, [400, 405, 406, 411, 413, 414, 415, 416, 417, 422, 431]],
      [2, [301, 302, 307, 401, 402, 403, 404, 407, 409, 410, 412, 418, 428, 451, 501, 505]],
      [4, [408, 504]],
      [1, [421, 425, 500, 502, 503, 507, 529, 599]],
      [3, [429]],
    ] as const,
  )("class %d: %j", (errorClass, statuses) => {
    for (const status of statuses) {
      expect([status, statusClass(status)]).toEqual([status, errorClass]);
    }
  });
});
