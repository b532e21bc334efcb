import { describe, expect, test } from "bun:test";
import { type Hop, isRedirect, nextHop } from "../../../src/http/redirect.ts";

const bytes = new Uint8Array([1]);

function hop(part: Partial<Hop> = {}): Hop {
  return {
    url: new URL("https://a.example/one?x=1"),
    method: "GET",
    headers: [],
    body: null,
    ...part,
  };
}

function follow(from: Hop, status: number, location: string, secret?: readonly string[]): Hop {
  const next = nextHop(from, status, [["Location", location]], secret);
  if (!next) throw new Error("not followed");
  return next;
}

describe("redirects", () => {
  test("which statuses are", () => {
    expect([300, 301, 302, 303, 304, 305, 306, 307, 308].filter(isRedirect)).toEqual([
      301,
      302,
      303,
      307,
      308,
    ]);
  });

  // The table of the Fetch standard, HTTP-redirect fetch, step 12.
  test.each([
    [301, "GET", "GET"],
    [301, "POST", "GET"],
    [301, "PUT", "PUT"],
    [301, "DELETE", "DELETE"],
    [301, "HEAD", "HEAD"],
    [302, "POST", "GET"],
    [302, "PATCH", "PATCH"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [303, "DELETE", "GET"],
    [303, "GET", "GET"],
    [303, "HEAD", "HEAD"],
    [307, "POST", "POST"],
    [308, "POST", "POST"],
  ])("%d to a %s becomes a %s", (status, method, expected) => {
    const body = method === "GET" || method === "HEAD" ? null : bytes;
    const headers = [["Content-Type", "text/plain"], ["content-language", "de"], [
      "X-Kept",
      "1",
    ]] as const;
    const next = follow(hop({ method, body, headers }), status, "/two");
    expect(next.method).toBe(expected);
    expect(next.url.href).toBe("https://a.example/two");
    const dropped = method !== expected;
    expect(next.body).toBe(dropped ? null : body);
    expect(next.headers).toEqual(dropped ? [["X-Kept", "1"]] : headers);
  });

  test.each([
    ["https://a.example/two", true],
    ["https://A.EXAMPLE:443/two", true],
    ["https://b.example/", false],
    ["https://sub.a.example/", false],
    ["http://a.example/", false],
    ["https://a.example:444/", false],
    ["//b.example/", false],
  ])("credentials on the way to %s are kept: %s", (location, kept) => {
    const headers = [
      ["Authorization", "Bearer x"],
      ["Cookie", "a=1"],
      ["Proxy-Authorization", "y"],
      ["X-Api-Key", "z"],
      ["X-Own-Secret", "s"],
      ["Accept", "*/*"],
    ] as const;
    const next = follow(hop({ headers }), 302, location, ["x-own-secret"]);
    expect(next.headers).toEqual(kept ? headers : [["Accept", "*/*"]]);
  });

  test("without a Location the response is the answer", () => {
    expect(nextHop(hop(), 302, [])).toBeUndefined();
  });

  test("a Location beyond ASCII is UTF-8, and Latin-1 only when it cannot be", () => {
    expect(follow(hop(), 302, "/caf\xc3\xa9").url.pathname).toBe("/caf%C3%A9");
    expect(follow(hop(), 302, "/caf\xe9").url.pathname).toBe("/caf%C3%A9");
    expect(follow(hop(), 302, "/\xe9\xe9?").url.pathname).toBe("/%C3%A9%C3%A9");
  });
  test("a secret header stays behind however the policy writes its name", () => {
    const from = hop({ headers: [["X-Token", "s"]] });
    expect(follow(from, 302, "https://b.example/", ["X-TOKEN"]).headers).toEqual([]);
  });
  test("a streamed body cannot be sent twice, unless there is another from its start", () => {
    const from = hop({ method: "POST", body: new ReadableStream<Uint8Array>() });
    expect(() => follow(from, 307, "/two")).toThrow("cannot be sent a second time");
    expect(follow(from, 303, "/two").method).toBe("GET");
    const again = new ReadableStream<Uint8Array>();
    const headers = [["location", "/two"]] as const;
    expect(nextHop(from, 308, headers, [], () => again)?.body).toBe(again);
    expect(nextHop(from, 303, headers, [], () => again)?.body).toBeNull();
  });

  test.each([
    ["file:///etc/passwd", "scheme"],
    ["ftp://b.example/", "scheme"],
    ["https://user:secret@b.example/", "user name or password"],
    ["https://[", "cannot be parsed"],
  ])("refuses a Location of %s", (location, reason) => {
    try {
      follow(hop(), 302, location);
      throw new Error("followed");
    } catch (error) {
      expect(error).toMatchObject({
        code: "redirect.bad_location",
        errorClass: 2,
        origin: "upstream",
      });
      expect(String(error)).toContain(reason);
      expect(String(error)).not.toContain("secret");
    }
  });
});
