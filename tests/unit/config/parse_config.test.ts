import { describe, expect, test } from "bun:test";
import { clientOptions, parseConfig, runtimeSettings, setting } from "../../../src/config/mod.ts";
import { failure } from "../client/helpers.ts";

const SETTINGS = {
  runtime: runtimeSettings,
  api: {
    baseUrl: setting.text(),
    key: setting.text().optional(),
    model: setting.oneOf(["small", "large"], "small"),
  },
  limits: {
    timeout: setting.duration(30_000),
    body: setting.size(1024),
    calls: setting.count(10),
    share: setting.number(0.5),
  },
  debug: setting.flag(false),
};

const read = (text: string, env: Record<string, string> = {}, profile?: string) =>
  parseConfig(text, SETTINGS, { file: "app.yaml", env: (name) => env[name], profile });

describe("a program's own configuration", () => {
  test("has the types of its settings, and what they are where the file says nothing", () => {
    const config = read("api: { baseUrl: http://a }");
    const model: "small" | "large" = config.api.model;
    const key: string | undefined = config.api.key;
    expect([model, key]).toEqual(["small", undefined]);
    expect(config).toMatchObject({
      api: { baseUrl: "http://a" },
      limits: { timeout: 30_000, body: 1024, calls: 10, share: 0.5 },
      debug: false,
    });
    const given = read(
      "api: { baseUrl: http://a, key: k, model: large }\n" +
        "limits: { timeout: 5s, body: 2KiB, calls: 3, share: 0.25 }\ndebug: true\n",
    );
    expect(given).toMatchObject({
      api: { key: "k", model: "large" },
      limits: { timeout: 5000, body: 2048, calls: 3, share: 0.25 },
      debug: true,
    });
  });

  test("fills in variables and their defaults", () => {
    const text = "api: { baseUrl: '${BASE:-http://b}', key: '${KEY}' }";
    expect(read(text, { KEY: "k" }).api).toMatchObject({ baseUrl: "http://b", key: "k" });
    expect(read(text, { KEY: "k", BASE: "http://c" }).api.baseUrl).toBe("http://c");
  });

  test("has profiles, of which the chosen one wins, and the others are checked", async () => {
    const text = "api: { baseUrl: http://dev }\nprofiles:\n  production:\n    api:\n" +
      "      baseUrl: http://prod\n";
    expect(read(text).api.baseUrl).toBe("http://dev");
    expect(read(text, {}, "production").api.baseUrl).toBe("http://prod");
    const { message } = await failure(() => read(`${text}      modle: large\n`));
    expect(message).toContain("app.yaml:6:7: unknown setting profiles.production.api.modle.");
    expect((await failure(() => read(text, {}, "staging"))).message).toContain("production");
  });

  test("reports every mistake with its line, and what would be right", async () => {
    const text = "api:\n  baseURL: http://a\n  key: ${KEY}\n  model: medium\nlimits:\n" +
      "  timeout: soon\n  calls: 0\n";
    const error = await failure(() => read(text));
    expect(error.code).toBe("config.invalid");
    for (
      const words of [
        'app.yaml:2:3: unknown setting api.baseURL. Did you mean "baseUrl"?',
        "app.yaml:3:8:",
        "KEY",
        "app.yaml:4:10: api.model must be one of small, large",
        "app.yaml:6:12: limits.timeout must be",
        "app.yaml:7:10: limits.calls must be",
      ]
    ) expect(error.message).toContain(words);
    expect((await failure(() => read("debug: true"))).message).toContain("api");
  });

  test("says what a client needs", () => {
    const runtime = (text: string) => clientOptions(read(`api: { baseUrl: a }\n${text}`).runtime);
    expect(runtime("runtime: { timeout: 2s, allow: loopback, tenantId: acme }")).toEqual({
      address: undefined,
      tenantId: "acme",
      workspaceId: undefined,
      timeoutMs: 2000,
      egress: { allow: ["loopback"] },
    });
    // Without rules of its own the program may use a daemon, which has its own.
    expect(runtime("").egress).toBeUndefined();
  });
});
