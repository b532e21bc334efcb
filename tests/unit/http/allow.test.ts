import { describe, expect, test } from "bun:test";
import { parseIp, rangeOf } from "../../../src/http/address.ts";
import { parseAllowRule, permits, splitAllowList } from "../../../src/http/allow.ts";

function allowed(rule: string, host: string, port: number, address: string): boolean {
  const ip = parseIp(address);
  if (!ip) throw new Error(`${address} is not an address`);
  return permits(parseAllowRule(rule), { host, port, address: ip, range: rangeOf(ip) });
}

describe("allow rules", () => {
  test.each([
    ["127.0.0.1:4545", "127.0.0.1", 4545, "127.0.0.1", true],
    ["127.0.0.1:4545", "127.0.0.1", 4546, "127.0.0.1", false],
    ["127.0.0.1:4545", "localhost", 4545, "127.0.0.1", true],
    ["127.0.0.1", "127.0.0.1", 9, "127.0.0.1", true],
    ["127.0.0.1", "127.0.0.2", 9, "127.0.0.2", false],
    ["10.0.0.0/8", "db", 5432, "10.9.8.7", true],
    ["10.0.0.0/8", "db", 5432, "11.0.0.1", false],
    ["10.0.0.0/8:443", "db", 443, "10.9.8.7", true],
    ["10.0.0.0/8:443", "db", 80, "10.9.8.7", false],
    ["[::1]:8080", "::1", 8080, "::1", true],
    ["[::1]:8080", "::1", 8081, "::1", false],
    ["::1", "::1", 1, "::1", true],
    ["fd00::/8", "x", 1, "fd12::1", true],
    ["[fd00::/8]:443", "x", 443, "fd12::1", true],
    ["[fd00::]/8:443", "x", 443, "fd12::1", true],
    ["fd00::/8", "x", 1, "10.0.0.1", false],
    ["localhost:3000", "localhost", 3000, "127.0.0.1", true],
    ["localhost:3000", "localhost", 3001, "127.0.0.1", false],
    ["LocalHost:3000", "localhost", 3000, "127.0.0.1", true],
    ["*.internal.example", "api.internal.example", 1, "10.0.0.1", true],
    ["*.internal.example", "a.b.internal.example", 1, "10.0.0.1", true],
    ["*.internal.example", "internal.example", 1, "10.0.0.1", false],
    ["*.internal.example", "evilinternal.example", 1, "10.0.0.1", false],
    ["*.internal.example:443", "api.internal.example", 80, "10.0.0.1", false],
    ["loopback", "localhost", 80, "127.0.0.1", true],
    ["loopback", "anything", 80, "127.9.9.9", true],
    ["Loopback:4545", "::1", 4545, "::1", true],
    ["loopback:4545", "::1", 4546, "::1", false],
    ["loopback", "loopback", 80, "10.0.0.1", false],
    ["loopback", "localhost", 80, "169.254.169.254", false],
    ["*", "anything", 80, "192.168.0.1", true],
    // A name never opens what belongs to the machine or the link: the name may be made to point there.
    ["*", "metadata", 80, "169.254.169.254", false],
    ["*.internal.example", "api.internal.example", 80, "169.254.169.254", false],
    ["*.internal.example", "api.internal.example", 80, "0.0.0.0", false],
    ["*.internal.example", "api.internal.example", 80, "::ffff:10.0.0.1", false],
    ["169.254.169.254:80", "metadata", 80, "169.254.169.254", true],
  ])("%s for %s:%d at %s: %s", (rule, host, port, address, expected) => {
    expect(allowed(rule, host, port, address)).toBe(expected);
  });

  test.each([
    ["", "host is missing"],
    [":80", "host is missing"],
    ["http://example.com", "port"],
    ["example.com/path", "no path"],
    ["example.com:http", 'the port is "http"'],
    ["example.com:0", "1 to 65535"],
    ["example.com:65536", "1 to 65535"],
    ["example.com:", "1 to 65535"],
    ["127.1", "four decimal parts"],
    ["0x7f.0.0.1", "four decimal parts"],
    ["10.0.0.0/33", "neither an address block"],
    ["10/8", "neither an address block"],
    ["::1:8080:zz", "brackets"],
    ["a.*.example", "leading labels"],
    ["*example.com", "leading labels"],
    ["bücher.example", "xn--"],
    ["-bad.example", "not a name"],
    ["a..b", "not a name"],
    ["[::1", "brackets"],
  ])("refuses %j", (rule, reason) => {
    expect(() => parseAllowRule(rule)).toThrow(reason);
    try {
      parseAllowRule(rule);
    } catch (error) {
      expect(error).toMatchObject({ code: "config.allow_rule", errorClass: 5 });
      expect(String(error)).toContain("A rule is");
    }
  });

  test("a list may have spaces, empty parts and a trailing comma", () => {
    expect(splitAllowList(" 10.0.0.0/8, ,*.example.com:443,")).toEqual([
      "10.0.0.0/8",
      "*.example.com:443",
    ]);
    expect(splitAllowList("")).toEqual([]);
  });
});
