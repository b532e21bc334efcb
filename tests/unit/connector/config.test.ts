import { describe, expect, test } from "bun:test";
import {
  bearer,
  booleanFromEnv,
  call,
  ConnectorClient,
  fillServer,
  jsonFromEnv,
  numberFromEnv,
} from "../../../src/connector/mod.ts";
import { client, FakeRuntime, GET, header, SPEC } from "./support.ts";

const CONFIG = [
  { name: "apiKey", env: "TEST_KEY", secret: true },
  { name: "account", env: "TEST_ACCOUNT" },
  { name: "limit", env: "TEST_LIMIT", read: numberFromEnv, default: 5 },
  { name: "dry", env: "TEST_DRY", read: booleanFromEnv, optional: true },
  { name: "extra", env: "TEST_EXTRA", read: jsonFromEnv, optional: true },
] as const;

function made(options: Record<string, unknown>, env: Record<string, string> = {}) {
  const runtime = new FakeRuntime();
  const made = client(runtime, { config: CONFIG }, { env: (name) => env[name], ...options });
  return ConnectorClient.stateOf(made).config;
}

function failure(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("It should have failed");
}

describe("secrets that the runtime holds", () => {
  test("are neither asked for nor taken from the environment, and nothing is signed", async () => {
    const runtime = new FakeRuntime();
    const env = { TEST_KEY: "env-key", TEST_ACCOUNT: "a" };
    const held = client(runtime, {
      config: CONFIG,
      auth: [bearer([{ get: ["config", "account"] }])],
    }, {
      credentials: "runtime",
      env: (name: string) => env[name as keyof typeof env],
    });
    expect(ConnectorClient.stateOf(held).config).toEqual({ account: "a", limit: 5 });
    await call(held, GET, {});
    expect(runtime.calls.map((one) => header(one, "authorization"))).toEqual([undefined]);
  });

  test("leave what is not secret to be asked for", () => {
    expect(failure(() => made({ credentials: "runtime" }))).toMatchObject({
      code: "config.missing",
      message: "test needs account: give account or set TEST_ACCOUNT",
    });
  });

  test("cannot be given as well", () => {
    const error = failure(() => made({ credentials: "runtime", apiKey: "sk-mine", account: "a" }));
    expect(error).toMatchObject({ code: "config.invalid" });
    expect(String(error)).not.toContain("sk-mine");
  });
});

describe("fields", () => {
  test("options win over the environment, which wins over defaults", () => {
    const env = {
      TEST_KEY: "env-key",
      TEST_ACCOUNT: "env-account",
      TEST_LIMIT: "7",
      TEST_DRY: "true",
      TEST_EXTRA: '{"a":1}',
    };
    expect(made({ apiKey: "mine" }, env)).toEqual({
      apiKey: "mine",
      account: "env-account",
      limit: 7,
      dry: true,
      extra: { a: 1 },
    });
    expect(made({ apiKey: "k", account: "a" })).toEqual({ apiKey: "k", account: "a", limit: 5 });
  });

  test("all that is missing is named at once, with how to give it", () => {
    const error = failure(() => made({ apiKey: "" }));
    expect(error).toMatchObject({ code: "config.missing" });
    expect(String(error)).toContain(
      "test needs apiKey, account: give apiKey or set TEST_KEY; give account or set TEST_ACCOUNT",
    );
  });

  test("a variable that cannot be read is named, its value is not", () => {
    for (
      const [name, value] of [["TEST_LIMIT", "sk-secret"], ["TEST_DRY", "sk-secret"], [
        "TEST_EXTRA",
        "{sk-secret",
      ]] as const
    ) {
      const error = failure(() => made({ apiKey: "k", account: "a" }, { [name]: value }));
      expect(error).toMatchObject({ code: "config.invalid" });
      expect(String(error)).toContain(name);
      expect(String(error)).not.toContain("sk-secret");
    }
  });

  test("secrets are not in what shows a client", () => {
    const made = client(new FakeRuntime(), { config: CONFIG }, {
      apiKey: "sk-secret",
      account: "a",
    });
    expect(JSON.stringify(made)).not.toContain("sk-secret");
    expect(Object.getOwnPropertyNames(made)).toEqual([]);
  });
});

describe("base URL", () => {
  async function url(
    options: Record<string, unknown>,
    servers: typeof SPEC.servers = SPEC.servers,
    server?: string,
  ) {
    const runtime = new FakeRuntime();
    await call(client(runtime, { servers }, options), {
      ...GET,
      ...(server === undefined ? {} : { server }),
    });
    return runtime.last.url;
  }
  const SERVERS = {
    default: { url: "https://api.test/v1" },
    eu: { url: "https://eu.api.test/v1" },
    files: { url: "https://files.test" },
    region: {
      url: "https://{region}.api.test/{version}",
      fill: fillServer,
      variables: [
        { name: "region", pattern: "[a-z]+", default: "us" },
        { name: "version", oneOf: ["v1", "v2"], default: "v1" },
      ],
    },
  };

  test("of the spec, named, or given", async () => {
    expect(await url({}, SERVERS)).toBe("https://api.test/v1/things");
    expect(await url({ server: "eu" }, SERVERS)).toBe("https://eu.api.test/v1/things");
    expect(await url({ baseURL: "http://127.0.0.1:8080/x//" }, SERVERS)).toBe(
      "http://127.0.0.1:8080/x/things",
    );
    // An operation with a server of its own keeps it.
    expect(await url({ baseURL: "http://127.0.0.1" }, SERVERS, "files")).toBe(
      "https://files.test/things",
    );
    expect(await url({ server: "region" }, SERVERS)).toBe("https://us.api.test/v1/things");
    expect(await url({ server: "region", region: "de", version: "v2" }, SERVERS)).toBe(
      "https://de.api.test/v2/things",
    );
  });

  test("what would lead elsewhere is refused when the client is made", () => {
    for (
      const options of [
        { server: "region", region: "evil.com/" },
        { server: "region", region: "a\nb" },
        { server: "region", version: "v3" },
        { server: "nowhere" },
        { baseURL: "file:///etc/passwd" },
        { baseURL: "api.test" },
        { baseURL: "https://api.test/?x=1" },
      ]
    ) {
      expect(failure(() => client(new FakeRuntime(), { servers: SERVERS }, options))).toMatchObject(
        { code: "config.invalid" },
      );
    }
  });
});

describe("runtime", () => {
  test("there must be one", () => {
    expect(failure(() => new ConnectorClient(SPEC, {}))).toMatchObject({ code: "config.runtime" });
  });

  test("one that was made for an address is closed, one that was given is not", async () => {
    const own = new FakeRuntime();
    const given = new FakeRuntime();
    const addresses: (string | undefined)[] = [];
    const defaults = {
      runtime: (address: string | undefined) => {
        addresses.push(address);
        return own;
      },
    };
    await new ConnectorClient(SPEC, { runtime: "unix:/tmp/x.sock" }, defaults).close();
    await using _ = new ConnectorClient(SPEC, {}, defaults);
    await new ConnectorClient(SPEC, { runtime: given }, defaults).close();
    expect(addresses).toEqual(["unix:/tmp/x.sock", undefined]);
    expect([own.closed, given.closed]).toEqual([1, 0]);
  });
});

test("an optional token that is absent leaves its header out", async () => {
  const runtime = new FakeRuntime();
  const auth = [bearer([{ get: ["config", "token"], optional: true }])];
  await call(client(runtime, { auth, config: [{ name: "token", optional: true }] }), GET);
  expect(header(runtime.last, "authorization")).toBeUndefined();
});
