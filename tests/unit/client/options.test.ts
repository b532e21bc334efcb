import { describe, expect, test } from "bun:test";
import { resolveOptions, type RuntimeClientOptions } from "../../../src/client/options.ts";
import { RuntimeClient } from "../../../src/client/mod.ts";
import { formatAddress } from "../../../src/transport/address.ts";
import { failure } from "./helpers.ts";

function resolve(options: RuntimeClientOptions, variables: Record<string, string> = {}) {
  return resolveOptions(options, (name) => variables[name]);
}

describe("the address of a client", () => {
  const cases:
    readonly (readonly [RuntimeClientOptions, Record<string, string>, string, string?])[] = [
      [{}, {}, "embedded:"],
      [{ tenantId: "acme", timeoutMs: 5 }, {}, "embedded:"],
      [{}, { VASTAR_TCP_PORT: "1" }, "embedded:"],
      [{ address: "unix:/a" }, { VASTAR_RUNTIME: "tcp://h:1" }, "unix:/a"],
      [{}, { VASTAR_RUNTIME: "tcp://h:1", VASTAR_SOCKET_PATH: "/s" }, "tcp://h:1"],
      [{}, { VASTAR_SOCKET_PATH: "/s" }, "unix:/s"],
      [{}, { VASTAR_USE_TCP: "true" }, "tcp://127.0.0.1:5000"],
      [{}, { VASTAR_USE_TCP: "false" }, "embedded:"],
      [{}, { VASTAR_USE_TCP: "true", VASTAR_TCP_HOST: "h", VASTAR_TCP_PORT: "7" }, "tcp://h:7"],
      [
        { socketPath: "/mine" },
        { VASTAR_RUNTIME: "tcp://h:1", VASTAR_USE_TCP: "true" },
        "unix:/mine",
      ],
      [{ useTcp: true }, {}, "tcp://127.0.0.1:5000"],
      [{ useTcp: true, tcpHost: "::1", tcpPort: 9 }, {}, "tcp://[::1]:9"],
      [{ useTcp: false }, {}, "unix:/tmp/vastar-connector-runtime.sock"],
      [{ tcpPort: 9 }, {}, "unix:/tmp/vastar-connector-runtime.sock", "tcp://127.0.0.1:9"],
      [{ useTcp: false, tcpPort: 9, socketPath: "/s" }, {}, "unix:/s"],
      [{ socketPath: "/s" }, { VASTAR_TCP_HOST: "h" }, "unix:/s", "tcp://h:5000"],
    ];
  for (const [options, variables, address, fallback] of cases) {
    test(`${JSON.stringify(options)} with ${JSON.stringify(variables)}`, () => {
      const resolved = resolve(options, variables);
      expect(formatAddress(resolved.address)).toBe(address);
      expect(resolved.fallback && formatAddress(resolved.fallback)).toBe(fallback);
    });
  }
});

describe("the options of a client", () => {
  test("come from the environment where they are not given", () => {
    const variables = {
      VASTAR_TENANT_ID: "t",
      VASTAR_WORKSPACE_ID: "w",
      VASTAR_TIMEOUT_MS: "5",
      VASTAR_TOKEN: "k",
    };
    expect(resolve({}, variables)).toMatchObject({
      tenantId: "t",
      workspaceId: "w",
      timeoutMs: 5,
      token: "k",
    });
    expect(resolve({ tenantId: "a", timeoutMs: 6 }, variables)).toMatchObject({
      tenantId: "a",
      timeoutMs: 6,
    });
    expect(resolve({})).toMatchObject({
      tenantId: "default",
      workspaceId: "",
      timeoutMs: 60_000,
      maxResponseBytes: 10 * 1024 * 1024,
      connectTimeoutMs: 5000,
    });
  });

  test("a time that no timer holds is the longest that one does", () => {
    expect(resolve({ connectTimeoutMs: 2 ** 31 }).connectTimeoutMs).toBe(2 ** 31 - 1);
  });

  const bad: readonly (readonly [RuntimeClientOptions, Record<string, string>, string])[] = [
    [{ timeoutMs: 0 }, {}, "timeoutMs is 0"],
    [{ timeoutMs: NaN }, {}, "timeoutMs is NaN"],
    [{ connectTimeoutMs: -1 }, {}, "connectTimeoutMs is -1"],
    [{ maxResponseBytes: Infinity }, {}, "maxResponseBytes is Infinity"],
    [{ address: "nonsense" }, {}, "nonsense"],
    [{ useTcp: true, tcpPort: 0 }, {}, "from 1 to 65535"],
    [{}, { VASTAR_TIMEOUT_MS: "soon" }, "VASTAR_TIMEOUT_MS"],
    [{}, { VASTAR_RUNTIME: "daemon" }, "daemon"],
    [{}, { VASTAR_USE_TCP: "true", VASTAR_TCP_PORT: "x" }, "VASTAR_TCP_PORT"],
  ];
  for (const [options, variables, says] of bad) {
    test(`refuses ${JSON.stringify(options)} with ${JSON.stringify(variables)}`, async () => {
      expect((await failure(() => resolve(options, variables))).message).toContain(says);
    });
  }

  test("are checked by the constructor", async () => {
    expect(await failure(() => new RuntimeClient({ timeoutMs: -5 }))).toMatchObject({
      code: "request.timeout",
    });
    const address = "embedded:";
    const egress = { allow: ["10.0.0.0/99"] };
    for (const options of [{ egress }, { engine: { egress } }]) {
      expect(await failure(() => new RuntimeClient({ address, ...options }))).toMatchObject({
        code: "config.allow_rule",
      });
    }
    // A daemon has rules of its own.
    await new RuntimeClient({ address: "unix:/nowhere", egress }).close();
  });
});
