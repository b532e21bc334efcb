import { describe, expect, test } from "bun:test";
import { ConnectorError } from "../../../src/core/errors.ts";
import { formatAddress, parseAddress } from "../../../src/transport/address.ts";

const at = (host: string, port = 4222) => ({ host, port });
const SECRET = "s3cr%ZZt";

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
    ["nats://127.0.0.1/p", { kind: "nats", tls: false, servers: [at("127.0.0.1")], pool: "p" }],
    ["tls://a,b:5/p-1_x", {
      kind: "nats",
      tls: true,
      servers: [at("a"), at("b", 5)],
      pool: "p-1_x",
    }],
    ["nats://[::1]:9/p", { kind: "nats", tls: false, servers: [at("::1", 9)], pool: "p" }],
  ];
  for (const [text, address] of good) {
    test(`reads ${text}`, () => {
      const parsed = parseAddress(text);
      expect(parsed).toEqual(address as never);
      expect(parseAddress(formatAddress(parsed))).toEqual(parsed);
    });
  }

  const bad: readonly (readonly [string, string])[] = [
    ["", "embedded:, unix:/path/to.sock, tcp://host:port or nats://host:port/pool"],
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
    ["nats://host", "add the name of the pool"],
    ["nats://host/", "add the name of the pool"],
    ["nats:host/p", "write nats://"],
    ["nats://host/a.b", "letters, digits, - and _"],
    ["nats://host/a/b", "write nats://"],
    ["nats://host:0/p", "from 1 to 65535"],
    ["nats://host,/p", "between the commas"],
    ["nats://host/p?cred=x", 'Did you mean "creds"?'],
    ["nats://host/p?creds=", "creds is empty"],
    ["nats://host/p?cert=x", "belong together"],
    [`nats://u:${SECRET}@host/p`, "followed by two hex digits"],
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
      expect((error as ConnectorError).message).not.toContain(SECRET);
    });
  }

  test("credentials of NATS are read, and not shown", () => {
    const parsed = parseAddress("nats://us%40er:p%3Aw@host/p?creds=/a/b.creds&ca=ca.pem");
    expect(parsed).toMatchObject({
      user: "us@er",
      password: "p:w",
      creds: "/a/b.creds",
      ca: "ca.pem",
    });
    expect(formatAddress(parsed)).toBe("nats://host/p");
    expect(parseAddress("nats://t0k@host/p")).toMatchObject({ token: "t0k" });
  });
});
