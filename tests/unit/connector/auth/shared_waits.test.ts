/** Calls that share a wait each end it by their own limits, and a failure is never kept. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RuntimeClient } from "../../../../src/client/mod.ts";
import {
  call,
  oauth2,
  type OAuth2Options,
  type RuntimeCall,
  waitable,
} from "../../../../src/connector/mod.ts";
import { ConnectorError, ErrorClass } from "../../../../src/core/errors.ts";
import { fakeClock } from "../../../support/clock.ts";
import { startUpstream, type UpstreamServer } from "../../../support/upstream.ts";
import { client, type FakeReply, FakeRuntime, GET, header, rejection } from "../support.ts";

const TOKEN_URL = "https://auth.test/token";
const AUTH: OAuth2Options = {
  flow: "clientCredentials",
  tokenUrl: [TOKEN_URL],
  clientId: ["id"],
  clientSecret: ["secret"],
};

async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** A token endpoint that answers when the test says so. */
function setup(api: (index: number) => FakeReply = () => ({ body: "{}" })) {
  const clock = fakeClock();
  const asked: { readonly request: RuntimeCall; readonly answer: (reply: FakeReply) => void }[] =
    [];
  let apiCalls = 0;
  const runtime = new FakeRuntime((request) => {
    if (request.url !== TOKEN_URL) return api(apiCalls++);
    return new Promise((answer) => asked.push({ request, answer }));
  });
  const made = client(runtime, { auth: [oauth2(AUTH)] }, { clock });
  const sent = (): RuntimeCall[] => runtime.calls.filter(({ url }) => url !== TOKEN_URL);
  return { clock, asked, made, sent };
}

const TOKEN: FakeReply = { body: { access_token: "t1" } };

describe("a silent token endpoint", () => {
  test("holds each call only for its own time, and still serves the others", async () => {
    const { clock, asked, made, sent } = setup();
    const abort = new AbortController();
    const short = rejection(call(made, GET, {}, { timeoutMs: 1000 }));
    const left = rejection(call(made, GET, {}, { timeoutMs: 20_000, signal: abort.signal }));
    const patient = Promise.resolve(call(made, GET, {}, { timeoutMs: 20_000 }));
    await settle();
    clock.advance(1000);
    const late = await short;
    expect(late).toMatchObject({
      code: "auth.token_timeout",
      errorClass: ErrorClass.Timeout,
      sent: "no",
    });
    expect(String(late)).toContain("The token endpoint of test did not answer within 1000 ms");
    abort.abort(new Error("enough"));
    expect(await left).toMatchObject({ code: "call.cancelled", sent: "no" });
    expect(sent()).toEqual([]);
    asked[0]?.answer(TOKEN);
    await patient;
    expect(asked.length).toBe(1);
    expect(header(sent()[0] as RuntimeCall, "authorization")).toBe("Bearer t1");
    // The second that went by is not given again.
    expect(sent().map(({ timeoutMs }) => timeoutMs)).toEqual([19_000]);
    expect(clock.pending).toBe(0);
  });

  test("is abandoned after 30 s whatever the runtime does, and retried by the next call", async () => {
    const { clock, asked, made, sent } = setup();
    const first = rejection(call(made, GET, {}, { timeoutMs: 600_000 }));
    await settle();
    clock.advance(30_000);
    expect(await first).toMatchObject({ code: "auth.token_timeout", sent: "no" });
    expect(asked[0]?.request.signal?.aborted).toBe(true);
    const second = Promise.resolve(call(made, GET));
    await settle();
    asked[1]?.answer(TOKEN);
    await second;
    expect([asked.length, sent().length]).toEqual([2, 1]);
    expect(clock.pending).toBe(0);
  });

  test("is not contacted for a call that was already cancelled", async () => {
    const { asked, made } = setup();
    const error = await rejection(call(made, GET, {}, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: "call.cancelled", sent: "no" });
    expect(asked).toEqual([]);
  });

  test("leaves a second attempt what the first and the tokens left", async () => {
    const { clock, asked, made, sent } = setup((index) =>
      index === 0 ? { status: 401, body: "{}" } : { body: "{}" }
    );
    const outcome = Promise.resolve(call(made, GET, {}, { timeoutMs: 10_000 }));
    for (const at of [0, 1]) {
      await settle();
      clock.advance(2000);
      asked[at]?.answer({ body: { access_token: `t${at}` } });
    }
    await outcome;
    expect(sent().map(({ timeoutMs }) => timeoutMs)).toEqual([8000, 6000]);
  });
});

test("a token endpoint that cannot be reached is named, and the API was sent nothing", async () => {
  let asked = 0;
  const runtime = new FakeRuntime(({ url }) => {
    if (url !== TOKEN_URL || asked++ > 0) return TOKEN;
    throw new ConnectorError({
      errorClass: ErrorClass.Transient,
      code: "connect.reset",
      message: "The connection was reset",
      origin: "upstream",
      sent: "maybe",
    });
  });
  const made = client(runtime, { auth: [oauth2(AUTH)] });
  const error = await rejection(call(made, GET));
  expect(error).toMatchObject({ code: "connect.reset", sent: "no", origin: "upstream" });
  expect(String(error)).toContain(
    "The token endpoint of test could not be reached: The connection",
  );
  await call(made, GET);
  expect(asked).toBe(2);
});

test("what starts a long operation is waited for no longer than the caller says", async () => {
  const clock = fakeClock();
  const runtime = new FakeRuntime(() => new Promise(() => {}));
  const spec = {
    ...GET,
    wait: { poll: () => GET, input: [], until: [], intervalMs: 1000, maxIntervalMs: 1000 },
  };
  const started = waitable(client(runtime), spec);
  const outcome = rejection(started.waitFor({ timeoutMs: 500, clock }));
  await settle();
  clock.advance(500);
  expect(await outcome).toMatchObject({ code: "wait.timeout", sent: "maybe" });
  const abort = new AbortController();
  const left = rejection(started.waitFor({ timeoutMs: 500, clock, signal: abort.signal }));
  await settle();
  const reason = new Error("enough");
  abort.abort(reason);
  expect(await left).toBe(reason);
});

describe("over HTTP", () => {
  let upstream: UpstreamServer;
  let runtime: RuntimeClient;

  beforeAll(async () => {
    upstream = await startUpstream();
    const allow = [`127.0.0.1:${upstream.port}`];
    runtime = new RuntimeClient({ address: "embedded:", egress: { allow } });
  });

  afterAll(async () => {
    await runtime.close();
    await upstream.close();
  });

  test("a token endpoint that never answers ends a call by its timeout and by its signal", async () => {
    const auth = [oauth2({ ...AUTH, tokenUrl: [`${upstream.url}/hang`] })];
    const made = client(runtime, { auth }, { baseURL: upstream.url });
    const abort = new AbortController();
    const left = rejection(call(made, GET, {}, { signal: abort.signal }));
    await upstream.request("/hang");
    expect(await rejection(call(made, GET, {}, { timeoutMs: 50 }))).toMatchObject({
      code: "auth.token_timeout",
      sent: "no",
    });
    abort.abort();
    expect(await left).toMatchObject({ code: "call.cancelled", sent: "no" });
    expect(upstream.requests.map(({ path }) => path)).toEqual(["/hang"]);
  });
});
