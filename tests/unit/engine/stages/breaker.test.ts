import { describe, expect, test } from "bun:test";
import type { CallReply, CallRequest } from "../../../../src/core/call.ts";
import { ErrorClass } from "../../../../src/core/errors.ts";
import type { EngineOptions } from "../../../../src/engine/engine.ts";
import {
  answer,
  callTo,
  type Exchange,
  failure,
  never,
  type Rig,
  rig,
  settle,
} from "../support.ts";

/** Attempts are not repeated, so that each call is one. */
function over(exchange: Exchange, options: EngineOptions = {}): Rig {
  return rig(exchange, { breaker: {}, ...options });
}

function call(
  made: Rig,
  part: Partial<CallRequest> = {},
  url = "https://a.example/",
): Promise<CallReply> {
  return made.engine.call(callTo(url, part));
}

async function open(made: Rig, part: Partial<CallRequest> = {}): Promise<void> {
  for (let i = 0; i < 5; i++) await call(made, part);
}

describe("breaker", () => {
  test("opens on five failures in a row, lets one call through after a while, and closes", async () => {
    let status = 503;
    const made = over(() => Promise.resolve(answer(status)));
    await open(made);
    const error = await failure(call(made));
    expect(error).toMatchObject({
      code: "breaker.open",
      errorClass: ErrorClass.RateLimited,
      origin: "local",
      sent: "no",
      retryAfterMs: 5_000,
      attempts: 0,
    });
    expect(made.requests.length).toBe(5);
    made.clock.advance(5_000);
    expect((await call(made)).status).toBe(503);
    made.clock.advance(9_999);
    expect((await failure(call(made))).code).toBe("breaker.open");
    made.clock.advance(1);
    status = 200;
    expect((await call(made)).status).toBe(200);
    expect((await call(made)).status).toBe(200);
  });

  test("only one call is the probe; one that hangs gives its place to another after a minute", async () => {
    let exchange: Exchange = () => Promise.resolve(answer(503));
    const made = over((request) => exchange(request));
    await open(made);
    made.clock.advance(5_000);
    exchange = never;
    const probe = call(made, {
      timeoutMs: 600_000,
      policy: { firstByteTimeoutMs: 600_000 },
    });
    await settle();
    expect((await failure(call(made))).code).toBe("breaker.open");
    made.clock.advance(60_000);
    exchange = () => Promise.resolve(answer(200));
    expect((await call(made)).status).toBe(200);
    await made.engine.close();
    expect((await failure(probe)).code).toBe("client.closed");
  });

  test("each tenant and each origin has its own", async () => {
    const made = over(({ url }) => Promise.resolve(answer(url.port === "8443" ? 200 : 503)));
    await open(made, { tenantId: "one" });
    expect((await failure(call(made, { tenantId: "one" }))).code).toBe("breaker.open");
    expect((await call(made, { tenantId: "two" })).status).toBe(503);
    expect((await call(made, { tenantId: "one" }, "https://a.example:8443/")).status).toBe(200);
  });

  test("one that is open is not forgotten because others are asked for", async () => {
    let status = 503;
    const made = over(() => Promise.resolve(answer(status)));
    await open(made);
    status = 200;
    for (let n = 0; n < 600; n++) await call(made, {}, `https://9.9.${n >> 8}.${n & 255}/`);
    for (let n = 0; n < 600; n++) await call(made, { tenantId: `made-up-${n}` });
    expect((await failure(call(made))).code).toBe("breaker.open");
  });

  test("answers that are the caller's fault, and cancelled calls, do not count", async () => {
    const made = over(({ url }) =>
      url.pathname === "/hang" ? new Promise(() => {}) : Promise.resolve(answer(404))
    );
    for (let i = 0; i < 10; i++) await call(made);
    for (let i = 0; i < 10; i++) {
      const controller = new AbortController();
      const work = call(made, { signal: controller.signal }, "https://a.example/hang");
      await settle();
      controller.abort();
      await failure(work);
    }
    expect((await call(made)).status).toBe(404);
  });

  test("what fails behind a redirect to another origin is not the fault of this one", async () => {
    const made = over(({ url }) =>
      Promise.resolve(
        url.hostname === "a.example"
          ? answer(302, "", [["location", "https://b.example/"]])
          : answer(503),
      )
    );
    for (let i = 0; i < 10; i++) expect((await call(made)).status).toBe(503);
  });

  test("bodies that break off count, although their heads were fine", async () => {
    const made = over(() =>
      Promise.resolve({
        status: 200,
        headers: [],
        body: new ReadableStream<Uint8Array>({
          pull: (controller) =>
            controller.error(Object.assign(new Error("x"), { code: "ECONNRESET" })),
        }),
      })
    );
    let refused = false;
    for (let i = 0; i < 20 && !refused; i++) {
      const reply = await call(made).catch((error: unknown) => error as Error);
      if (reply instanceof Error) refused = true;
      else await failure((reply.body as ReadableStream<Uint8Array>).getReader().read());
    }
    expect(refused).toBe(true);
  });

  test("an answer that is here is given, rather than a refusal of the next attempt", async () => {
    const made = over(() => Promise.resolve(answer(503)), {
      retry: {},
      breaker: { consecutiveFailures: 1 },
    });
    const reply = await call(made);
    expect([reply.status, reply.attempts]).toEqual([503, 1]);
  });

  test("switched off, there is none", async () => {
    const made = over(() => Promise.resolve(answer(503)), { breaker: false });
    for (let i = 0; i < 50; i++) expect((await call(made)).status).toBe(503);
  });

  test("options that make no sense are refused by name", () => {
    for (const name of ["consecutiveFailures", "streakMs", "minCalls", "openMs", "maxOpenMs"]) {
      expect(() => rig(never, { breaker: { [name]: 0 } })).toThrow(`breaker.${name}`);
    }
    expect(() => rig(never, { breaker: { successShare: 2 } })).toThrow("breaker.successShare");
  });
});
