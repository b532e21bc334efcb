import { describe, expect, test } from "bun:test";
import type { CallReply } from "../../../../src/core/call.ts";
import { ConnectorError, ErrorClass } from "../../../../src/core/errors.ts";
import type { UpstreamResponse } from "../../../../src/core/platform.ts";
import { answer, callTo, failure, rig, settle } from "../support.ts";

const URL_A = "https://a.example/";
const textOf = (reply: CallReply): string => new TextDecoder().decode(reply.body as Uint8Array);
const headerOf = (reply: CallReply, name: string) => reply.headers.find(([n]) => n === name)?.[1];

describe("the cache, when it is on", () => {
  test("answers while an answer is fresh, for the same tenant and credentials only", async () => {
    let count = 0;
    const { engine, clock, requests } = rig(
      () => Promise.resolve(answer(200, String(++count), [["cache-control", "max-age=60"]])),
      { cache: true },
    );
    expect(textOf(await engine.call(callTo(URL_A)))).toBe("1");
    clock.advance(30_000);
    const again = await engine.call(callTo(URL_A));
    expect([textOf(again), headerOf(again, "age"), again.attempts]).toEqual(["1", "30", 0]);
    (again.body as Uint8Array).fill(0);
    expect(textOf(await engine.call(callTo(URL_A)))).toBe("1");
    expect(textOf(await engine.call(callTo(URL_A, { tenantId: "other" })))).toBe("2");
    const other = callTo(URL_A, { headers: [["authorization", "other"]] });
    expect(textOf(await engine.call(other))).toBe("3");
    clock.advance(31_000);
    expect(textOf(await engine.call(callTo(URL_A)))).toBe("4");
    expect(requests).toHaveLength(4);
  });

  test("asks whether a stale answer still holds", async () => {
    const { engine, clock, requests } = rig((request) =>
      Promise.resolve(
        request.headers.some(([name, value]) => name === "if-none-match" && value === '"v1"')
          ? answer(304, "", [["cache-control", "max-age=60"]])
          : answer(200, "whole", [["etag", '"v1"'], ["cache-control", "max-age=1"]]),
      ), { cache: true });
    await engine.call(callTo(URL_A));
    clock.advance(2_000);
    const second = await engine.call(callTo(URL_A));
    expect([second.status, textOf(second), second.attempts]).toEqual([200, "whole", 1]);
    await engine.call(callTo(URL_A));
    expect(requests).toHaveLength(2);
  });

  test("forgets what a change may have made wrong", async () => {
    const { engine, requests } = rig(
      () => Promise.resolve(answer(200, "", [["cache-control", "max-age=60"]])),
      { cache: true },
    );
    await engine.call(callTo(URL_A));
    await engine.call(callTo(URL_A, { method: "DELETE" }));
    await engine.call(callTo(URL_A));
    expect(requests).toHaveLength(3);
  });

  test("keeps no answer that a change has overtaken on its way", async () => {
    const cached = () => answer(200, "", [["cache-control", "max-age=60"]]);
    let release = (): void => {};
    const { engine, requests } = rig(
      ({ method }) =>
        method === "GET" && requests.length === 1
          ? new Promise((resolve) => release = () => resolve(cached()))
          : Promise.resolve(cached()),
      { cache: true },
    );
    const before = engine.call(callTo(URL_A));
    await engine.call(callTo(URL_A, { method: "PUT" }));
    release();
    await before;
    await engine.call(callTo(URL_A));
    await engine.call(callTo(URL_A));
    expect(requests.map(({ method }) => method)).toEqual(["GET", "PUT", "GET"]);
  });

  test("forgets it, too, when nobody knows whether the change was made", async () => {
    const lost = new ConnectorError({
      errorClass: ErrorClass.Transient,
      code: "upstream.reset",
      message: "",
      origin: "upstream",
      sent: "maybe",
    });
    const { engine, requests } = rig(({ method, url }) => {
      if (method === "GET") {
        return Promise.resolve(answer(200, "", [["cache-control", "max-age=60"]]));
      }
      return url.search === ""
        ? Promise.reject(lost)
        : Promise.resolve(answer(Number(url.search.slice(1))));
    }, { cache: true });
    const asked = async (url: string): Promise<number> => {
      await engine.call(callTo(url));
      await engine.call(callTo(url, { method: "PUT" })).catch(() => {});
      await engine.call(callTo(url));
      return requests.splice(0).length;
    };
    expect(await asked(URL_A)).toBe(3);
    expect(await asked(`${URL_A}?504`)).toBe(3);
    expect(await asked(`${URL_A}?409`)).toBe(2);
  });

  test("is off by default", async () => {
    const { engine, requests } = rig(() =>
      Promise.resolve(answer(200, "", [["cache-control", "max-age=60"]]))
    );
    await engine.call(callTo(URL_A));
    await engine.call(callTo(URL_A));
    expect(requests).toHaveLength(2);
  });
});

describe("identical GETs in progress, with coalesce", () => {
  function held(options = {}) {
    const answers: ((response: UpstreamResponse) => void)[] = [];
    const exchange = () => new Promise<UpstreamResponse>((resolve) => answers.push(resolve));
    return { ...rig(exchange, options), answers };
  }

  test("are one", async () => {
    const { engine, requests, answers } = held({ coalesce: true });
    const calls = Array.from({ length: 20 }, () => engine.call(callTo(URL_A)));
    const others = [
      engine.call(callTo(URL_A, { tenantId: "other" })),
      engine.call(callTo(URL_A, { headers: [["authorization", "other"]] })),
      engine.call(callTo(URL_A, { method: "HEAD" })),
    ];
    await settle();
    expect(requests).toHaveLength(4);
    answers.forEach((give, i) => give(answer(200, String(i))));
    for (const reply of await Promise.all(calls)) expect(textOf(reply)).toBe("0");
    await Promise.all(others);
    const later = engine.call(callTo(URL_A));
    await settle();
    expect(requests).toHaveLength(5);
    answers[4]?.(answer(200));
    await later;
  });

  test("share a failure, but not a cancellation", async () => {
    const { engine, requests, answers } = held({ coalesce: true });
    const abort = new AbortController();
    const first = failure(engine.call(callTo(URL_A, { signal: abort.signal })));
    const others = [engine.call(callTo(URL_A)), engine.call(callTo(URL_A))];
    await settle();
    abort.abort();
    expect((await first).code).toBe("call.cancelled");
    await settle();
    expect(requests).toHaveLength(2);
    answers[1]?.(answer(200, "late"));
    for (const reply of await Promise.all(others)) expect(textOf(reply)).toBe("late");
    expect(engine.stats().active).toBe(0);
  });

  test("are as many as they are by default", async () => {
    const { engine, requests, answers } = held();
    const calls = [engine.call(callTo(URL_A)), engine.call(callTo(URL_A))];
    await settle();
    expect(requests).toHaveLength(2);
    for (const give of answers) give(answer(200));
    await Promise.all(calls);
  });
});

test.each([
  [{ idempotency: { ageMs: 0 } }],
  [{ cache: { bytes: -1 } }],
  [{ cache: { answerBytes: 1.5 } }],
])("bounds that are none are refused: %j", (options) => {
  expect(() => rig(() => Promise.reject(new Error()), options)).toThrow("engine option");
});
