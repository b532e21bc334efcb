import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Validator } from "@cfworker/json-schema";
import { parse } from "yaml";
import { readRuntimeConfig, type RuntimeConfig } from "../../../src/config/mod.ts";
import { NO_CONFIG } from "../../../src/config/runtime_config.ts";
import { interpolate, type InterpolationProblem } from "../../../src/config/interpolate.ts";
import { runtimeCommand } from "../../../cli/runtime/runtime.ts";
import { MIN_TOKEN_LENGTH } from "../../../src/config/token.ts";
import { ConnectorError } from "../../../src/core/errors.ts";
import { resolveDaemonOptions } from "../../../src/daemon/options.ts";
import { parseAllowRule } from "../../../src/http/allow.ts";
import { resolveOptions } from "../../../src/engine/options.ts";

const FILE = new URL("../../../schemas/runtime-config.schema.json", import.meta.url);
/** What stands beside profiles. */
const KNOWN = Object.keys(JSON.parse(readFileSync(FILE, "utf8")).properties).filter((name) =>
  name !== "profiles"
).join(", ");

function read(text: string, env: Record<string, string> = {}, profile?: string): RuntimeConfig {
  return readRuntimeConfig(text, { file: "runtime.yaml", env: (name) => env[name], profile });
}
function problems(text: string, env: Record<string, string> = {}, profile?: string): string[] {
  try {
    read(text, env, profile);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === "config.invalid") {
      return error.message.split("\n");
    }
    throw error;
  }
  throw new Error("nothing was wrong");
}

/** Of the daemon and the engine. */
function realDefaults(): Pick<RuntimeConfig, "timeouts" | "limits" | "pool"> {
  const daemon = resolveDaemonOptions({ listen: [{ kind: "unix", path: "/x" }] });
  const engine = resolveOptions();
  return {
    timeouts: {
      call: daemon.callTimeoutMs,
      maxCall: engine.maxCallMs,
      connect: engine.connectTimeoutMs,
      firstByte: engine.firstByteTimeoutMs,
      idle: engine.idleTimeoutMs,
      frame: daemon.frameTimeoutMs,
      drain: 30_000,
    },
    limits: {
      maxConnections: daemon.maxConnections,
      maxOpenCalls: daemon.maxOpenCalls,
      maxUnsent: daemon.maxUnsentBytes,
      maxHeld: daemon.maxHeldBytes,
      maxBuffered: daemon.maxBufferedBytes,
      maxCalls: daemon.maxCalls,
      maxFrame: daemon.maxFrameBytes,
      callCredit: daemon.callCredit,
      connectionCredit: daemon.connectionCredit,
      maxRedirects: engine.maxRedirects,
    },
    pool: {
      maxSocketsPerHost: engine.upstream.maxSocketsPerHost,
      maxOpenPerHost: engine.upstream.maxOpenPerHost,
      keepAlive: engine.upstream.keepAliveMs,
    },
  };
}

const FULL = `
listen: [ "unix:/run/vastar.sock", "tcp://127.0.0.1:5000" ]
admin: tcp://127.0.0.1:5001
tokens:
  - { token: "\${ACME_TOKEN}", tenant: acme }
  - { token: another-long-token }
egress: { allow: [ "10.0.0.0/8" ], mode: report }
timeouts: { call: 90s, maxCall: 2h, connect: 500ms, firstByte: 1m, idle: 1500ms, frame: 20s, drain: 0.5s }
limits:
  maxConnections: 10
  maxOpenCalls: 20
  maxUnsent: 32MiB
  maxHeld: 96MiB
  maxFrame: 1048576
  callCredit: 128KiB
  connectionCredit: 1MB
  maxRedirects: 3
pool: { maxSocketsPerHost: 8, maxOpenPerHost: 80, keepAlive: 10s }
log: { level: warning, format: json }
profiles:
  production:
    listen: unix:/run/production.sock
    timeouts: { call: 5s }
  broken: { admin: "\${NOT_SET}" }
`;
const env = { ACME_TOKEN: "0123456789abcdef" };

describe("the runtime's configuration", () => {
  test("is read with its units", () => {
    expect(read(FULL, env)).toEqual({
      listen: ["unix:/run/vastar.sock", "tcp://127.0.0.1:5000"],
      admin: "tcp://127.0.0.1:5001",
      tokens: [
        { token: "0123456789abcdef", tenantId: "acme" },
        { token: "another-long-token", tenantId: undefined },
      ],
      egress: { allow: ["10.0.0.0/8"], mode: "report" },
      timeouts: {
        call: 90_000,
        maxCall: 7_200_000,
        connect: 500,
        firstByte: 60_000,
        idle: 1500,
        frame: 20_000,
        drain: 500,
      },
      limits: {
        maxConnections: 10,
        maxOpenCalls: 20,
        maxUnsent: 32 * 1024 * 1024,
        maxHeld: 96 * 1024 * 1024,
        maxFrame: 1_048_576,
        callCredit: 131_072,
        connectionCredit: 1_000_000,
        maxRedirects: 3,
      },
      pool: { maxSocketsPerHost: 8, maxOpenPerHost: 80, keepAlive: 10_000 },
      log: { level: "warning", format: "json" },
    });
  });

  test("may be empty, which is the same as none", () => {
    expect(read("")).toEqual(NO_CONFIG);
    for (const text of ["", "# nothing\n", "listen:\n"]) {
      expect(read(text)).toEqual(NO_CONFIG);
    }
  });

  test("a profile is laid over the rest, and only its variables are needed", () => {
    const config = read(FULL, env, "production");
    expect(config.listen).toEqual(["unix:/run/production.sock"]);
    expect(config.timeouts).toMatchObject({ call: 5_000, maxCall: 7_200_000 });
    expect(problems(FULL, env, "broken")).toEqual([
      "runtime.yaml:24:20: the environment variable NOT_SET is not set; set it, or write ${NOT_SET:-default}",
    ]);
    expect(problems(FULL, env, "prodction")[0]).toMatch(
      /^runtime.yaml:20:1: .*known: production, broken\. Did you mean "production"\?$/,
    );
    expect(problems("listen: x", {}, "production")[0]).toContain("there are no profiles");
  });

  test("values from the environment are taken as what is wanted, and cannot add structure", () => {
    const text = "limits:\n  maxOpenCalls: ${CALLS}\nlisten: ${LISTEN}\nadmin: '${ADMIN}'\n";
    expect(read(text, { CALLS: "7", LISTEN: "unix:/a, unix:/b", ADMIN: "x: [y" })).toMatchObject({
      limits: { maxOpenCalls: 7 },
      listen: ["unix:/a", "unix:/b"],
      admin: "x: [y",
    });
    expect(problems(text, { CALLS: "many", LISTEN: "", ADMIN: "" })).toEqual([
      'runtime.yaml:2:17: limits.maxOpenCalls must be a whole number above 0, found "many"',
    ]);
  });

  test("every mistake is reported at once, in the order of the file", () => {
    const found = problems(`listn: unix:/x
timeouts: { call: soon, idel: 5s, connect: -1, firstByte: 60 }
limits: [1]
egress: { mode: enforced }
tokens: [ { token: short }, { tenant: acme }, { token: long-enough-to-pass, tenat: x } ]
log: { level: info }
admin: \${MISSING}
profile: {}
`);
    expect(found.map((line) => line.replace("runtime.yaml:", ""))).toEqual([
      `1:1: unknown setting listn. Did you mean "listen"? Known here: ${KNOWN}, profiles.`,
      '2:19: timeouts.call must be a duration like 30s, 500ms, 2m or 1h, found "soon"',
      '2:25: unknown setting timeouts.idel. Did you mean "idle"? Known here: call, maxCall, connect, firstByte, idle, frame, drain.',
      "2:44: timeouts.connect must be a duration like 30s, 500ms, 2m or 1h, found -1",
      "2:59: timeouts.firstByte must be a duration like 30s, 500ms, 2m or 1h, found 60",
      "3:9: limits must be a map of settings, found a list",
      '4:17: egress.mode must be one of enforce, report, found "enforced". Did you mean "enforce"?',
      "5:20: tokens[0].token is 5 characters long: must have at least 16",
      "5:29: tokens[1].token is missing",
      '5:77: unknown setting tokens[2].tenat. Did you mean "tenant"? Known here: token, tenant.',
      "7:8: the environment variable MISSING is not set; set it, or write ${MISSING:-default}",
      `8:1: unknown setting profile. Did you mean "profiles"? Known here: ${KNOWN}, profiles.`,
    ]);
  });

  test("values of every wrong kind are refused by what would be right", () => {
    const of = (text: string): string =>
      problems(text).map((line) => line.replace("runtime.yaml:", "")).join("\n");
    const count = "limits.maxOpenCalls must be a whole number above 0, found";
    const size = "limits.maxFrame must be a size like 64MiB, 256KiB or a number of bytes, found";
    const time = "timeouts.call must be a duration like 30s, 500ms, 2m or 1h, found";
    for (
      const [value, found] of [
        ["0", "0"],
        ["1.5", "1.5"],
        ["-1", "-1"],
        [".inf", "null"],
        ["99999999999999999999", "100000000000000000000"],
        ["[1]", "a list"],
        ["{ a: 1 }", "a map"],
        ["true", "true"],
        ["'$${x}'", '"${x}"'],
      ]
    ) expect(of(`limits: { maxOpenCalls: ${value} }`)).toBe(`1:25: ${count} ${found}`);
    for (const value of ["0", "-1", "1TB", "0KiB", "''", ".nan"]) {
      expect(of(`limits: { maxFrame: ${value} }`)).toContain(`1:21: ${size} `);
    }
    for (const value of ["0s", "60", "1d", "{}", "s", "1.s"]) {
      expect(of(`timeouts: { call: ${value} }`)).toContain(`1:19: ${time} `);
    }
    expect(of("listen: { a: 1 }")).toBe("1:9: listen must be a list, found a map");
    expect(of("listen: [ x, { a: 1 }, ~ ]")).toBe(
      "1:14: listen[1] must be a text, found a map\n1:24: listen[2] must be a text, found nothing",
    );
    expect(of("tokens: x")).toBe('1:9: tokens must be a list, found "x"');
    expect(of("tokens: [ x ]")).toBe('1:11: tokens[0] must be a map of settings, found "x"');
    expect(of("admin: [ x ]")).toBe("1:8: admin must be a text, found a list");
    expect(of('"\\uD800": 1')).toBe("1:1: a key must be a plain word");
  });

  test("every mistake is reported, however many there are", () => {
    const many = Array.from({ length: 200 }, (_, n) => `wrong${n}: 1\n`).join("");
    expect(problems(many)).toHaveLength(200);
  });

  test("a number or a switch is taken for a text where one is wanted", () => {
    const token = "1234567890123456";
    expect(read(`tokens: [ { token: ${token}, tenant: 42 } ]\nlisten: [ 5 ]\nadmin: true`)).toEqual(
      {
        ...NO_CONFIG,
        tokens: [{ token, tenantId: "42" }],
        listen: ["5"],
        admin: "true",
      },
    );
  });

  test("profiles that were not asked for are checked too, but for their variables", () => {
    const text = `log: { level: info }
profiles:
  development: { log: { level: loud } }
  production:
    listen: [ "unix:\${DIR}/x", "\${LISTEN}" ]
    limits: { maxOpenCalls: "\${CALLS}", maxConnections: "\${MANY:-many}" }
    tokens: [ { token: "\${TOKEN}" }, { tenant: acme } ]
    timeouts: "\${TIMEOUTS}"
    admin: "\${1}"
    profiles: {}
  empty:
  wrong: [ 1 ]
`;
    const known = `Known here: ${KNOWN}.`;
    expect(problems(text, { CALLS: "x" }).map((line) => line.replace("runtime.yaml:", ""))).toEqual(
      [
        '3:32: profiles.development.log.level must be one of debug, info, warning, error, found "loud"',
        '6:57: profiles.production.limits.maxConnections must be a whole number above 0, found "many"',
        "7:38: profiles.production.tokens[1].token is missing",
        '9:12: "${1}" is not ${NAME} or ${NAME:-default}; write $${ for a plain ${',
        `10:5: unknown setting profiles.production.profiles. ${known}`,
        "12:10: profiles.wrong must be a map of settings, found a list",
      ],
    );
  });

  test("a variable that is not set is one mistake, not two", () => {
    const missing = (name: string) =>
      `the environment variable ${name} is not set; set it, or write \${${name}:-default}`;
    expect(problems('tokens: [ { token: "${A}" } ]\negress: { allow: [ "${B}", x ] }\n')).toEqual([
      `runtime.yaml:1:20: ${missing("A")}`,
      `runtime.yaml:2:20: ${missing("B")}`,
    ]);
  });

  test("rules of the egress policy are checked with the rest", () => {
    const text = "listn: x\negress:\n  allow:\n    - 10.0.0.0/8\n    - http://x/\n";
    const check = (config: string): string => {
      try {
        readRuntimeConfig(config, {
          file: "f",
          env: () => undefined,
          checks: { egress: { allow: parseAllowRule } },
        });
      } catch (error) {
        return String(error);
      }
      return "";
    };
    expect(check(text)).toMatch(
      /f:1:1: unknown .*\nf:5:7: egress\.allow: allow rule "http:\/\/x\/": /,
    );
    expect(check("egress: { allow: 'a,b:0' }")).toContain('f:1:18: egress.allow: allow rule "b:0"');
  });

  test("broken and hostile files end in a clear error, soon", () => {
    const bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" +
      Array.from({ length: 9 }, (_, i) => {
        const [name, before] = ["bcdefghij"[i], "abcdefghi"[i]];
        return `${name}: &${name} [${Array(9).fill(`*${before}`).join(",")}]\n`;
      }).join("");
    expect(problems(bomb).join("\n")).toContain("more than 100000 values");
    expect(problems("a: &a { b: *a }").join()).toContain("contains itself");
    expect(problems("limits: { maxOpenCalls: ${CALLS} }")).toEqual([
      expect.stringMatching(/^runtime.yaml:1:\d+: .*put quotes around/),
    ]);
    expect(problems("a: *nowhere").join()).toContain("nowhere");
    expect(problems("listen: a\nlisten: b")[0]).toMatch(/^runtime.yaml:2:1: .*unique/);
    expect(problems("a: [")[0]).toMatch(/^runtime.yaml:1:/);
    expect(problems("- a\n- b")[0]).toContain("must contain settings");
    expect(problems("? [a]\n: b")[0]).toContain("plain word");
    expect(problems("x".repeat(2_000_000))[0]).toContain("at most");
    expect(problems("__proto__: { polluted: 1 }")[0]).toContain("unknown setting __proto__");
  });

  test("a long value in the wrong place is not repeated in full", () => {
    const secret = "sk-0123456789abcdefghijklmnopqrstuvwxyz";
    expect(problems(`log: { level: ${secret} }`)[0]).not.toContain(secret);
  });
});

describe("interpolation", () => {
  const variables: Record<string, string> = { A: "1", EMPTY: "", NESTED: "${A}" };
  function run(text: string): [string, InterpolationProblem[]] {
    const found: InterpolationProblem[] = [];
    return [interpolate(text, (name) => variables[name], (one) => found.push(one)).text, found];
  }

  const good: [text: string, result: string][] = [
    ["plain $A text", "plain $A text"],
    ["${A}", "1"],
    ["x${A}y${A}z", "x1y1z"],
    ["${NO:-fallback}", "fallback"],
    ["${NO:-}", ""],
    ["${NO:-a:-b c}", "a:-b c"],
    ["${A:-fallback}", "1"],
    ["${EMPTY}", ""],
    ["${EMPTY:-fallback}", "fallback"],
    ["$${A}", "${A}"],
    ["${NESTED}", "${A}"],
  ];
  for (const [text, result] of good) {
    test(`${text} is ${JSON.stringify(result)}`, () => expect(run(text)).toEqual([result, []]));
  }

  test("what is missing or malformed is reported", () => {
    expect(run("${NO}")[1]).toEqual([{ kind: "missing", name: "NO" }]);
    for (const text of ["${", "${}", "${a b}", "${1A}", "${A-x}", "${A"]) {
      expect(run(text)[1]).toEqual([{ kind: "malformed", found: text }]);
    }
  });
});

describe("the schema for editors", () => {
  const schema = JSON.parse(readFileSync(FILE, "utf8"));
  const validator = new Validator(schema, "2020-12", false);

  test("accepts what the reader accepts", () => {
    const result = validator.validate(parse(FULL.replace('"${ACME_TOKEN}"', "0123456789abcdefg")));
    expect(result.errors).toEqual([]);
  });

  test("refuses what the reader refuses", () => {
    expect(validator.validate({ listn: [] }).valid).toBe(false);
    expect(validator.validate({ timeouts: { call: "soon" } }).valid).toBe(false);
    expect(validator.validate({ timeouts: { call: 60 } }).valid).toBe(false);
  });

  test("gives the real defaults", () => {
    const { timeouts, limits, pool, egress, log } = schema.properties;
    const defaults: Record<string, Record<string, unknown>> = {};
    for (const [name, section] of Object.entries({ timeouts, limits, pool, egress, log })) {
      defaults[name] = {};
      for (const [key, setting] of Object.entries<{ default?: unknown }>(section.properties)) {
        if (setting.default !== undefined) defaults[name][key] = setting.default;
      }
    }
    const config = read(JSON.stringify(defaults));
    const { timeouts: times, limits: most, pool: sockets } = config;
    expect({ timeouts: times, limits: most, pool: sockets }).toEqual(realDefaults());
    expect(config.egress).toEqual({ mode: "enforce" });
    expect(config.log).toEqual({ level: "info", format: "text" });
    expect(schema.properties.tokens.items.properties.token.minLength).toBe(MIN_TOKEN_LENGTH);
  });
});

describe("docs/operations.md", () => {
  const page = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
  const example = /```yaml\n([\s\S]*?)```/.exec(page)![1]!;

  test("shows a configuration that is accepted", () => {
    expect(read(example, env).timeouts).toEqual({ call: 30_000, maxCall: 600_000 });
    expect(read(example, env, "development").egress.allow).toEqual(["127.0.0.0/8"]);
  });

  test("lists every option of the command with its variable", () => {
    for (const [name, option] of Object.entries(runtimeCommand.options)) {
      const { kind, metavar, env: variable } = option;
      expect(page.includes(kind === "flag" ? `\`--${name}\`` : `\`--${name} ${metavar}\``)).toBe(
        true,
      );
      if (variable !== undefined) expect(page.includes(`\`${variable}\``)).toBe(true);
    }
  });
});

test("limits and quotas are read with their units, and their mistakes found", () => {
  const config = read(
    `
rateLimits:
  - { host: api.example.com, calls: "\${N}", per: 1m, burst: 20, maxWait: 5s, shadow: true }
  - { tenant: "*", cost: 90000, per: 1h, guess: 500, costFrom: usage.total_tokens }
learnLimits: false
bulkhead: { perHost: 8 }
quotas: { file: q.sqlite, rules: [ { period: day, bytes: 1MiB, calls: 5 } ] }
cache: "\${C:-true}"
`,
    { N: "100" },
  );
  expect(config).toMatchObject({
    rateLimits: [
      {
        host: "api.example.com",
        calls: 100,
        per: 60_000,
        burst: 20,
        maxWait: 5_000,
        shadow: true,
      },
      { tenant: "*", cost: 90_000, per: 3_600_000, guess: 500, costFrom: "usage.total_tokens" },
    ],
    learnLimits: false,
    bulkhead: { perHost: 8 },
    quotas: { file: "q.sqlite", rules: [{ period: "day", bytes: 1_048_576, calls: 5 }] },
    cache: true,
  });
  expect(problems(`rateLimits: [ { calls: 5 }, { calls: 0, per: 1m, shadow: perhaps } ]
quotas: { rules: [ { period: week } ] }
`)).toEqual([
    "runtime.yaml:1:15: rateLimits[0].per is missing",
    "runtime.yaml:1:38: rateLimits[1].calls must be a whole number above 0, found 0",
    'runtime.yaml:1:58: rateLimits[1].shadow must be true or false, found "perhaps"',
    "runtime.yaml:2:9: quotas.file is missing",
    'runtime.yaml:2:30: quotas.rules[0].period must be one of day, month, found "week"',
  ]);
});

test("what may be no time at all is written with its unit", () => {
  const config = read(`rateLimits: [{ calls: 5, per: 1m, maxWait: 0s }]\ntimeouts: { drain: 0ms }`);
  expect(config.rateLimits).toEqual([{ calls: 5, per: 60_000, maxWait: 0 }]);
  expect(config.timeouts).toEqual({ drain: 0 });
  expect(problems("timeouts: { drain: 0 }")).toEqual([
    "runtime.yaml:1:20: timeouts.drain must be a duration like 30s, 500ms or 0s, found 0",
  ]);
});

test("retries and breakers are read with their units, and their mistakes found", () => {
  const config = read(
    `
retry: { attempts: "\${N}", unsafe: keyed, backoff: { base: 50ms }, maxWait: 5s, budget: { share: 0.1, perSecond: 0.5 } }
breaker: { enabled: "\${B:-false}", consecutiveFailures: 3, streak: 10s, successShare: 1, open: 1s, maxOpen: 1m }
`,
    { N: "2" },
  );
  expect(config).toMatchObject({
    retry: {
      attempts: 2,
      unsafe: "keyed",
      backoff: { base: 50 },
      maxWait: 5_000,
      budget: { share: 0.1, perSecond: 0.5 },
    },
    breaker: {
      enabled: false,
      consecutiveFailures: 3,
      streak: 10_000,
      successShare: 1,
      open: 1_000,
      maxOpen: 60_000,
    },
  });
  expect(problems(`retry: { attempts: 0, unsafe: sometimes, budget: { share: 1.5, perSecond: -1 } }
breaker: { successShare: most, open: 0s }
`)).toEqual([
    "runtime.yaml:1:20: retry.attempts must be a whole number above 0, found 0",
    'runtime.yaml:1:31: retry.unsafe must be one of never, keyed, always, found "sometimes"',
    "runtime.yaml:1:59: retry.budget.share must be a share from 0 to 1, found 1.5",
    "runtime.yaml:1:75: retry.budget.perSecond must be a number of at least 0, found -1",
    'runtime.yaml:2:26: breaker.successShare must be a share from 0 to 1, found "most"',
    'runtime.yaml:2:38: breaker.open must be a duration like 30s, 500ms, 2m or 1h, found "0s"',
  ]);
});
