import { describe, expect, test } from "bun:test";
import { ConnectorError } from "../../../src/core/errors.ts";
import { formatAddress, parseAddress } from "../../../src/transport/address.ts";

describe("parseAddress", () => {
  const good: readonly (readonly [string, unknown])[] = [
    ["embedded:", { kind: "embedded" }],
    ["embedded", { kind: "embedded" }],
    ["unix:/tmp/a.sock", { kind: "unix", path: "/tmp/a.sock" }],
    ["unix:///tmp/a.sock", { kind: "unix", path: "/tmp/a.sock" }],
    ["unix:./a b.sock", { kind: "unix", path: "./a b.sock" }],
    ["tcp://127.0.0.1:5000", { kind: "tcp", host: "127.0.0.1", port: 5000 }],
    ["tcp://runtime.internal:65535/", { kind: "tcp", host: "runtime.internal", port: 65535 }],
    ["tcp://[::1]:1", { kind: "tcp", host: "::1", port: 1 }],
  ];
  for (const [text, address] of good) {
    test(`reads ${text}`, () => {
      const parsed = parseAddress(text);
      expect(parsed).toEqual(address as never);
      expect(parseAddress(formatAddress(parsed))).toEqual(parsed);
    });
  }

  const bad: readonly (readonly [string, string])[] = [
    ["", "embedded:, unix:/path/to.sock or tcp://host:port"],
    ["http://127.0.0.1:5000", "tcp://host:port"],
    ["/tmp/a.sock", "write unix:/tmp/a.sock"],
    ["a.sock", "write unix:a.sock"],
    ["localhost:5000", "write tcp://localhost:5000"],
    ["embedded:5", "nothing after the colon"],
    ["unix:", "add the path"],
    ["unix://", "unix:///"],
    ["unix://tmp/a.sock", "write unix:/tmp/a.sock"],
    ["unix:/tmp/a\0b", "NUL"],
    [`unix:/${"x".repeat(103)}`, "has 104 bytes"],
    ["tcp://127.0.0.1", "add the port"],
    ["tcp://[::1]", "add the port"],
    ["tcp://127.0.0.1:0", "from 1 to 65535"],
    ["tcp://127.0.0.1:65536", "from 1 to 65535"],
    ["tcp://::1:5000", "write tcp://host:port"],
    ["tcp://user@host:5000", "write tcp://host:port"],
    ["tcp://host:5000/path", "write tcp://host:port"],
    ["tcp:host:5000", "write tcp://host:port"],
    ["tcp://host:port", "write tcp://host:port"],
  ];
  for (const [text, says] of bad) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      let error: unknown;
      try {
        parseAddress(text);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(ConnectorError);
      expect((error as ConnectorError).code).toBe("address.invalid");
      expect((error as ConnectorError).getErrorClassName()).toBe("InvalidRequest");
      expect((error as ConnectorError).message).toContain(says);
    });
  }
});
