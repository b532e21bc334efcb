import { describe, expect, test } from "bun:test";
import {
  call,
  oauth2,
  type OAuth2Options,
  type RuntimeCall,
} from "../../../../src/connector/mod.ts";
import { fakeClock } from "../../../support/clock.ts";
import {
  type Answer,
  bodyText,
  client,
  type FakeReply,
  FakeRuntime,
  GET,
  header,
  rejection,
} from "../support.ts";

const TOKEN_URL = "https://auth.test/token";
const BASE: OAuth2Options = {
  flow: "clientCredentials",
  tokenUrl: [TOKEN_URL],
  clientId: ["id"],
  clientSecret: ["se:cret"],
};

/** Hands out t1, t2 …; the API accepts what `accepts` says. */
function setup(
  options: Partial<OAuth2Options> = {},
  accepts: (token: string) => boolean = () => true,
  token: (count: number) => FakeReply = (count) => ({
    body: { access_token: `t${count}`, expires_in: 3600 },
  }),
) {
  const clock = fakeClock();
  const tokens: RuntimeCall[] = [];
  const answer: Answer = (request) => {
    if (request.url === TOKEN_URL) {
      tokens.push(request);
      return token(tokens.length);
    }
    const given = header(request, "authorization") ?? "";
    return accepts(given.replace("Bearer ", ""))
      ? { body: JSON.stringify(given) }
      : { status: 401, body: { error: { message: "expired" } } };
  };
  const runtime = new FakeRuntime(answer);
  const made = client(runtime, { auth: [oauth2({ ...BASE, ...options })] }, { clock });
  return { clock, tokens, runtime, made };
}

describe("client credentials", () => {
  test("one token for many calls, asked for once", async () => {
    const { made, tokens } = setup({ scopes: ["a", "b"], audience: ["aud"] });
    const all = await Promise.all(Array.from({ length: 20 }, () => call(made, GET)));
    expect(new Set(all)).toEqual(new Set(["Bearer t1"]));
    expect(tokens.length).toBe(1);
    const [request] = tokens as [RuntimeCall];
    expect(bodyText(request)).toBe("grant_type=client_credentials&scope=a+b&audience=aud");
    expect(header(request, "authorization")).toBe(`Basic ${btoa("id:se%3Acret")}`);
    expect(request).toMatchObject({ connector: "test", operation: "oauth2.token", method: "POST" });
    expect(request.policy?.secretHeaders).toEqual(["authorization"]);
  });

  test("or the secret in the body", async () => {
    const { made, tokens } = setup({ clientAuth: "body" });
    await call(made, GET);
    const [request] = tokens as [RuntimeCall];
    expect(bodyText(request)).toBe(
      "grant_type=client_credentials&client_id=id&client_secret=se%3Acret",
    );
    expect(header(request, "authorization")).toBeUndefined();
  });

  test("a new one shortly before the old one runs out", async () => {
    const { made, tokens, clock } = setup();
    await call(made, GET);
    clock.advance(3_569_000);
    expect(await call(made, GET)).toBe("Bearer t1");
    clock.advance(1000);
    expect(await call(made, GET)).toBe("Bearer t2");
    expect(tokens.length).toBe(2);
  });

  test("each tenant has its own", async () => {
    const { made, tokens } = setup();
    const of = (tenantId: string) => call(made, GET, {}, { tenantId });
    expect([await of("a"), await of("b"), await of("a")]).toEqual([
      "Bearer t1",
      "Bearer t2",
      "Bearer t1",
    ]);
    expect(tokens.map((request) => request.tenantId)).toEqual(["a", "b"]);
  });
});

describe("a refused token", () => {
  test("is replaced once, and the call repeated once", async () => {
    const { made, tokens, runtime } = setup({}, (token) => token !== "t1");
    expect(await call(made, GET)).toBe("Bearer t2");
    expect([tokens.length, runtime.calls.length]).toEqual([2, 4]);
  });

  test("by many calls at once is replaced once", async () => {
    const { made, tokens } = setup({}, (token) => token !== "t1");
    const all = await Promise.all(Array.from({ length: 10 }, () => call(made, GET)));
    expect(new Set(all)).toEqual(new Set(["Bearer t2"]));
    expect(tokens.length).toBe(2);
  });

  test("and the new one refused too: the caller hears of it", async () => {
    const { made, tokens } = setup({}, () => false);
    expect(await rejection(call(made, GET))).toMatchObject({ status: 401, apiMessage: "expired" });
    expect(tokens.length).toBe(2);
  });
});

describe("refresh token", () => {
  test("the API may replace it", async () => {
    const { made, tokens } = setup(
      { flow: "refreshToken", refreshToken: ["r0"] },
      (token) => token !== "t1",
      (count) => ({ body: { access_token: `t${count}`, refresh_token: `r${count}` } }),
    );
    await call(made, GET);
    expect(tokens.map(bodyText)).toEqual([
      "grant_type=refresh_token&refresh_token=r0",
      "grant_type=refresh_token&refresh_token=r1",
    ]);
  });
});

describe("no token", () => {
  test("says what the endpoint said, and no secret", async () => {
    const { made, tokens } = setup({}, undefined, () => ({
      status: 400,
      body: { error: "invalid_client", error_description: "Unknown client", hint: "se:cret" },
    }));
    const error = await rejection(call(made, GET));
    expect(error).toMatchObject({ code: "auth.token", status: 400, sent: "no" });
    expect(String(error)).toContain("invalid_client, Unknown client");
    expect(String(error)).not.toContain("se:cret");
    // A failure is not kept: the next call asks again.
    await rejection(call(made, GET));
    expect(tokens.length).toBe(2);
  });

  test("a server error is worth another try", async () => {
    const { made } = setup({}, undefined, () => ({ status: 503, body: "<html>" }));
    const error = await rejection(call(made, GET));
    expect(error).toMatchObject({ code: "auth.token", errorClass: 1 });
  });
});
