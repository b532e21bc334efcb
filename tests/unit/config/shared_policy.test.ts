import { describe, expect, test } from "bun:test";
import { readRuntimeConfig, type RuntimeConfig } from "../../../src/config/mod.ts";
import { ConnectorError } from "../../../src/core/errors.ts";

const OWN = `
listen: [unix:/tmp/own.sock]
secrets: { key: { env: KEY } }
timeouts: { call: 3s }
`;

function read(policy: string, own = OWN): RuntimeConfig {
  return readRuntimeConfig(own, {
    file: "runtime.yaml",
    env: (name) => name === "KEY" ? "s3cret" : undefined,
    policy,
  });
}

function refusal(policy: string, own?: string): string {
  try {
    read(policy, own);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === "config.invalid") return error.message;
    throw error;
  }
  throw new Error("nothing was wrong");
}

/** As a pattern. */
function startsWith(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);
}

describe("the policy of all", () => {
  test("stands beside the sections of the own file, whose secrets it names", () => {
    const config = read(`
rateLimits: [{ calls: 7, per: 1s }]
credentials: [{ connectors: [shop], secret: key, hosts: [api.example.com], headers: { x-api-key: "\${secret}" } }]
`);
    expect(config).toMatchObject({
      listen: ["unix:/tmp/own.sock"],
      timeouts: { call: 3_000 },
      rateLimits: [{ calls: 7, per: 1_000 }],
      credentials: [{ secret: "key", headers: { "x-api-key": "${secret}" } }],
    });
    expect(read("").rateLimits).toBeUndefined();
  });

  test.each([
    ["secrets: { other: { command: [id] } }", "1:1: secrets belongs"],
    [`"secrets": { other: { command: [id] } }`, "1:1: secrets belongs"],
    ["'listen': [tcp://0.0.0.0:1]", "1:1: listen belongs"],
    ["{ rateLimits: [], listen: [tcp://0.0.0.0:1] }", "1:19: listen belongs"],
    ["? secrets\n: { other: { command: [id] } }", "1:3: secrets belongs"],
    ["  tokens: [{ token: 12345678901234567890 }]", "1:3: tokens belongs"],
    [`"\\x73ecrets": { other: { command: [id] } }`, "1:1: secrets belongs"],
    ["profiles: { a: { listen: [] } }", "1:1: profiles belongs"],
    ["log: { level: debug }", "1:1: log belongs"],
  ])("cannot write what each runtime has of its own: %s", (policy, message) => {
    expect(refusal(policy)).toMatch(startsWith(`policy:${message} to the file of each runtime`));
  });

  test("and the own file do not both have a section, however it is written", () => {
    expect(refusal(`"timeouts": { call: 9s }`)).toBe(
      "policy:1:1: timeouts is in runtime.yaml as well: leave it out there, or here",
    );
    const profiled = `profiles: { p: { retry: { attempts: 2 } } }`;
    expect(() =>
      readRuntimeConfig(profiled, {
        file: "runtime.yaml",
        env: () => undefined,
        profile: "p",
        policy: "retry: { attempts: 9 }",
      })
    ).toThrow("policy:1:1: retry is in runtime.yaml as well");
  });

  test.each(["${KEY}", "${KEY:-x}", "${NONE:-x}"])("has no environment: %s", (variable) => {
    const message = refusal(`tenants: { a: { connectors: { allow: ["${variable}"] } } }`);
    expect(message).toMatch(startsWith("policy:1:39: the policy of all is the same everywhere"));
    expect(message).not.toContain("s3cret");
  });

  test("cannot reach anchors of the own file, nor change the way it is read", () => {
    const own = `${OWN}pool: &mine { maxSocketsPerHost: 3 }\n`;
    expect(refusal("limits: *mine", own)).toContain("policy:1:");
    expect(refusal("- a\n- b")).toContain("policy:1:1: ");
    expect(refusal("retry: { attempts: 2 }\n---\nlisten: []")).toMatch(
      startsWith("policy:2:1: a second document begins here"),
    );
    expect(refusal("retry: {\n")).toContain("policy:");
  });

  test("names each mistake at its place, those of the own file first", () => {
    const lines = refusal(
      "retry: { attempts: many }\nquotas: { rules: [{ period: year }] }",
      `${OWN}lisen: []\n`,
    )
      .split("\n");
    expect(lines[0]).toMatch(startsWith("runtime.yaml:5:1:"));
    expect(lines[1]).toMatch(startsWith("policy:1:20: "));
    expect(lines.slice(2).every((line) => line.startsWith("policy:2:"))).toBe(true);
  });

  test("refuses credentials whose secret a runtime does not have", () => {
    expect(
      refusal(
        "credentials: [{ connectors: [a], secret: none, hosts: [a.example], headers: { x: '${secret}' } }]",
      ),
    )
      .toBe("policy:1:42: no secret has this name; known secrets: key");
  });
});
