import { describe, expect, test } from "bun:test";
import { ErrorClass } from "../../../../src/core/errors.ts";
import { answer, callTo, failure, rig, settle } from "../support.ts";

const URL_A = "https://a.example/";

function told(remaining: number, reset: number | string): [string, string][] {
  return [
    ["x-ratelimit-limit", "10"],
    ["x-ratelimit-remaining", String(remaining)],
    ["x-ratelimit-reset", String(reset)],
  ];
}

describe("what an API tells of its limits", () => {
  test("makes the next call wait before it would be refused", async () => {
    let left = 2;
    const { engine, clock, requests } = rig(() => {
      left--;
      return Promise.resolve(
        left < 0 ? answer(429, "", told(0, 5)) : answer(200, "", told(left, 5)),
      );
    });
    await engine.call(callTo(URL_A));
    await engine.call(callTo(URL_A));
    const third = engine.call(callTo(URL_A));
    await settle();
    expect(requests).toHaveLength(2);
    expect(engine.admission().rates).toContainEqual({ limit: "learned", queued: 1, refused: 0 });
    left = 10;
    clock.advance(5_000);
    expect((await third).status).toBe(200);
  });

  test("refuses a call at once that would have to wait too long", async () => {
    const { engine, requests } = rig(() => Promise.resolve(answer(200, "", told(0, 3_600))));
    await engine.call(callTo(URL_A));
    const error = await failure(engine.call(callTo(URL_A)));
    expect(error).toMatchObject({
      code: "rate.learned",
      errorClass: ErrorClass.RateLimited,
      origin: "local",
      sent: "no",
      retryAfterMs: 3_600_000,
    });
    expect(error.message).toContain("a.example");
    expect(requests).toHaveLength(1);
  });

  test("counts for one tenant, connector and set of credentials only", async () => {
    const { engine } = rig((request) =>
      Promise.resolve(
        answer(200, "", request.headers.some(([, v]) => v === "used-up") ? told(0, 3_600) : []),
      )
    );
    const spent = { headers: [["authorization", "used-up"]] as const };
    await engine.call(callTo(URL_A, spent));
    expect((await failure(engine.call(callTo(URL_A, spent)))).code).toBe("rate.learned");
    await engine.call(callTo(URL_A));
    await engine.call(callTo(URL_A, { ...spent, tenantId: "other" }));
    await engine.call(callTo(URL_A, { ...spent, connector: "other" }));
    await engine.call(callTo("https://b.example/", spent));
  });

  test("holds back calls that run at the same time", async () => {
    let left = 4;
    let refusals = 0;
    const { engine, clock } = rig(() => {
      if (left-- > 0) return Promise.resolve(answer(200, "", told(left, 5)));
      refusals++;
      return Promise.resolve(answer(429, "", told(0, 5)));
    });
    await engine.call(callTo(URL_A));
    const calls = Array.from({ length: 6 }, () => engine.call(callTo(URL_A)));
    await settle();
    left = 10;
    clock.advance(5_000);
    for (const call of calls) expect((await call).status).toBe(200);
    expect(refusals).toBe(0);
  });

  test("a refusal of a declared connector's API holds back the calls behind it", async () => {
    let refuse = true;
    const { engine, clock, requests } = rig(() =>
      Promise.resolve(refuse ? answer(429, "", [["retry-after", "7"]]) : answer(200))
    );
    const policy = { rateLimit: {}, retry: { attempts: 1 } };
    expect((await engine.call(callTo(URL_A, { policy }))).status).toBe(429);
    const next = engine.call(callTo(URL_A, { policy }));
    await settle();
    expect(requests).toHaveLength(1);
    refuse = false;
    clock.advance(7_000);
    expect((await next).status).toBe(200);
  });

  test.each([
    ["several budgets behind one header", [["x-ratelimit-resource", "search"] as const]],
    ["a limit that says not until when", []],
  ])("teaches nothing: %s", async (_what, more) => {
    const headers: [string, string][] = more.length === 0
      ? [["x-ratelimit-remaining", "0"]]
      : [...told(0, 3_600), ...more.map(([n, v]): [string, string] => [n, v])];
    const { engine, requests } = rig(() => Promise.resolve(answer(200, "", headers)));
    for (let i = 0; i < 3; i++) await engine.call(callTo(URL_A));
    expect(requests).toHaveLength(3);
  });

  test("is not heeded with learn: false", async () => {
    const { engine, requests } = rig(() => Promise.resolve(answer(200, "", told(0, 3_600))), {
      learn: false,
    });
    for (let i = 0; i < 3; i++) await engine.call(callTo(URL_A));
    expect(requests).toHaveLength(3);
  });

  test("a call cancelled while waiting leaves its place to the next", async () => {
    const { engine, clock, requests } = rig(() =>
      Promise.resolve(answer(200, "", requests.length === 1 ? told(0, 5) : told(9, 5)))
    );
    await engine.call(callTo(URL_A));
    const abort = new AbortController();
    const given = failure(engine.call(callTo(URL_A, { signal: abort.signal })));
    const next = engine.call(callTo(URL_A));
    await settle();
    abort.abort();
    expect((await given).code).toBe("call.cancelled");
    clock.advance(5_000);
    expect((await next).status).toBe(200);
    expect(requests).toHaveLength(2);
  });
});
