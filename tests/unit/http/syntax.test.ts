import { firstHeader } from "../../../src/core/headers.ts";
import { describe, expect, test } from "bun:test";
import { outgoingHeaders } from "../../../src/http/headers.ts";
import { checkHeaders, checkMethod, parseUrl } from "../../../src/http/syntax.ts";

const url = new URL("https://api.example.com/v1");

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toMatchObject({ errorClass: 5, origin: "caller", sent: "no" });
    return (error as { code: string }).code;
  }
  return "none";
}

describe("methods", () => {
  test("known ones, in upper case", () => {
    expect(checkMethod("GET")).toBe("GET");
    expect(checkMethod("patch")).toBe("PATCH");
  });
  test.each(["", "FOO", "CONNECT", "TRACE", "GET ", "GE\rT", "GET\nX: 1", "G\0T"])(
    "refuses %j",
    (method) => {
      expect(codeOf(() => checkMethod(method))).toBe("request.method");
    },
  );
  test("a typing mistake is named", () => {
    expect(() => checkMethod("DELTE")).toThrow('Did you mean "DELETE"?');
  });
});

describe("URLs", () => {
  test.each([
    ["https://a.example/x?y=%20z#f", "none"],
    ["HTTPS://A.EXAMPLE/", "none"],
    ["http://a.example/@x", "none"],
    ["http://a.example:0/", "request.url"],
    ["http://a.example:00/", "request.url"],
    ["http://a.example:080/", "none"],
    [`http://${"a.".repeat(126)}a/`, "none"],
    [`http://${"a.".repeat(126)}ab.example/`, "request.url"],
    ["", "request.url"],
    ["/relative", "request.url"],
    ["https://", "request.url"],
    ["https://a b/", "request.url"],
    ["https://a.example/\r\nX: 1", "request.url"],
    ["https://a.example/\n", "request.url"],
    ["https://a.example/\0", "request.url"],
    ["https://a.example/\tx", "request.url"],
    [" https://a.example/", "request.url"],
    ["https:\\\\a.example\\", "request.url"],
    ["https://a.example:99999/", "request.url"],
    ["https://[::1/", "request.url"],
    ["https://1.2.3.256/", "request.url"],
    ["ftp://a.example/", "request.scheme"],
    ["file:///etc/passwd", "request.scheme"],
    ["javascript:alert(1)", "request.scheme"],
    ["data:text/plain,x", "request.scheme"],
    ["unix:/x", "request.scheme"],
    ["https://user@a.example/", "request.userinfo"],
    ["https://user:pw@a.example/", "request.userinfo"],
    ["https://:pw@a.example/", "request.userinfo"],
    ["https://8.8.8.8@127.0.0.1/", "request.userinfo"],
    ["https:user@a.example/", "request.userinfo"],
  ])("%j: %s", (text, code) => {
    expect(codeOf(() => parseUrl(text))).toBe(code);
  });
  test("a password is not repeated in the message", () => {
    expect(() => parseUrl("https://u:secret@a.example/")).not.toThrow("secret");
  });
});

describe("header fields", () => {
  test.each([
    ["X-Ok", "a value\twith a tab and é", "none"],
    ["", "x", "request.header_name"],
    ["a b", "x", "request.header_name"],
    ["a:b", "x", "request.header_name"],
    ["a\r\nb", "x", "request.header_name"],
    ["x", "a\r\nb: c", "request.header_value"],
    ["x", "a\nb", "request.header_value"],
    ["x", "a\0b", "request.header_value"],
    ["x", "a\x7f", "request.header_value"],
    ["x", "日本", "request.header_value"],
  ])("%j: %j is %s", (name, value, code) => {
    expect(codeOf(() => checkHeaders([[name, value]]))).toBe(code);
  });
  test("the value is not repeated in the message", () => {
    expect(() => checkHeaders([["authorization", "Bearer secret\n"]])).toThrow("line feed");
    expect(() => checkHeaders([["authorization", "Bearer secret\n"]])).not.toThrow("secret");
  });
});

describe("what goes out", () => {
  test("hop-by-hop fields and a caller's own framing stay behind", () => {
    const out = outgoingHeaders(
      [
        ["Connection", "keep-alive"],
        ["Keep-Alive", "5"],
        ["TE", "trailers"],
        ["Transfer-Encoding", "chunked"],
        ["Upgrade", "h2c"],
        ["Content-Length", "999"],
        ["Host", "api.example.com"],
        ["X-Kept", "1"],
        ["x-kept", "2"],
      ],
      url,
      new Uint8Array(3),
    );
    expect(out).toEqual([
      ["x-kept", "1"],
      ["x-kept", "2"],
      ["accept-encoding", "gzip, deflate, br"],
      ["user-agent", "vastar-connector"],
    ]);
  });
  test("the caller's own accept-encoding and user-agent win", () => {
    const own = [["Accept-Encoding", "identity"], ["User-Agent", "me"]] as const;
    expect(outgoingHeaders(own, url, null)).toEqual([["accept-encoding", "identity"], [
      "user-agent",
      "me",
    ]]);
  });
  test("another Host than the URL's would get past the policy", () => {
    expect(codeOf(() => outgoingHeaders([["host", "evil.example"]], url, null))).toBe(
      "request.host_header",
    );
  });
  test("a stream may announce its length, in digits", () => {
    const stream = new ReadableStream<Uint8Array>();
    expect(outgoingHeaders([["content-length", "12"]], url, stream)[0]).toEqual([
      "content-length",
      "12",
    ]);
    for (const bad of ["-1", "1e3", "0x10", "1,1", ""]) {
      expect(codeOf(() => outgoingHeaders([["content-length", bad]], url, stream))).toBe(
        "request.content_length",
      );
    }
  });
  test("a length that is announced twice goes out once, and never as two", () => {
    const stream = new ReadableStream<Uint8Array>();
    const lengths = (...values: string[]) =>
      outgoingHeaders(values.map((value) => ["Content-Length", value] as const), url, stream)
        .filter(([name]) => name === "content-length");
    expect(lengths("5", "5")).toEqual([["content-length", "5"]]);
    expect(codeOf(() => lengths("5", "50"))).toBe("request.content_length");
  });
  test("looking up ignores case and takes the first", () => {
    expect(firstHeader([["Content-Type", "a"], ["content-type", "b"]], "content-type")).toBe("a");
    expect(firstHeader([], "content-type")).toBeUndefined();
  });
});
