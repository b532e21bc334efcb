import { describe, expect, test } from "bun:test";
import { readRuntimeConfig, type RuntimeConfig } from "../../../src/config/mod.ts";
import { ConnectorError } from "../../../src/core/errors.ts";
import { methodPattern } from "../../../src/core/rules/choice.ts";
import { parseHostRule } from "../../../src/http/hosts.ts";

function read(text: string, env: Record<string, string> = {}): RuntimeConfig {
  return readRuntimeConfig(text, {
    file: "runtime.yaml",
    env: (name) => env[name],
    checks: {
      tenants: { "*": { hosts: { allow: parseHostRule }, methods: { allow: methodPattern } } },
      credentials: { "*": { hosts: parseHostRule } },
    },
  });
}

function problems(text: string): string[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === "config.invalid") {
      return error.message.split("\n").map((line) => line.replace("runtime.yaml:", ""));
    }
    throw error;
  }
  throw new Error("nothing was wrong");
}

describe("tenants and credentials in the configuration", () => {
  test("are read with their units and lists", () => {
    const text = `
tenants:
  default: { methods: { allow: [] } }
  acme:
    connectors: { allow: openai, deny: ["\${OTHER}"] }
    egress: { allow: "10.0.0.0/8, *.internal", extend: true, mode: report }
    timeouts: { maxCall: 2m, idle: 500ms }
    places: { perTenant: 5, weight: 2 }
secrets:
  one: { env: ONE }
  two: { command: [vault, read] }
credentials:
  - secret: one
    connectors: [openai]
    hosts: api.openai.com
    headers: { authorization: "Bearer \${secret}" }
    plainHttp: \${PLAIN:-false}
`;
    const { tenants, secrets, credentials } = read(text, { OTHER: "stripe", secret: "not this" });
    expect(tenants).toEqual({
      default: { methods: { allow: [] } },
      acme: {
        connectors: { allow: ["openai"], deny: ["stripe"] },
        egress: { allow: ["10.0.0.0/8", "*.internal"], extend: true, mode: "report" },
        timeouts: { maxCall: 120_000, idle: 500 },
        places: { perTenant: 5, weight: 2 },
      },
    });
    expect(secrets).toEqual({ one: { env: "ONE" }, two: { command: ["vault", "read"] } });
    expect(credentials).toEqual([{
      secret: "one",
      connectors: ["openai"],
      hosts: ["api.openai.com"],
      headers: { authorization: "Bearer ${secret}" },
      plainHttp: false,
    }]);
  });

  test("are refused with the place of each mistake", () => {
    const text = `tenants:
  acme:
    method: { allow: [GET] }
    methods: { allow: ["GET POST"] }
    hosts: { allow: ["http://a"] }
    connectors: { allow: }
    egress: { extend: perhaps }
    places: { weight: 0 }
secrets:
  two: { env: A, file: B }
credentials:
  - { secret: three, connectors: [x], hosts: ["10.0.0.0/8"], headers: { a: "Bearer" } }
`;
    const found = problems(text);
    const places = found.map((line) => /^\d+:\d+/.exec(line)?.[0]);
    expect(places).toEqual([
      "3:5",
      "4:24",
      "5:22",
      "6:26",
      "7:23",
      "8:23",
      "10:8",
      "12:15",
      "12:47",
      "12:76",
    ]);
    const words = [
      'unknown setting tenants.acme.method. Did you mean "methods"?',
      'tenants.acme.methods.allow: "GET POST" is not a method',
      "tenants.acme.hosts.allow",
      "write [] for an empty list",
      "true or false",
      "a whole number above 0",
      "one of env: NAME, file: PATH and command",
      "known secrets: two",
      "blocks belong to egress.allow",
      "credentials[0].headers.a",
    ];
    expect(found.map((line, index) => line.includes(words[index] ?? "?")))
      .toEqual(words.map(() => true));
  });
});
