/** Retries and breakers over real connections, on a clock that the test moves. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { platform } from "#platform";
import { createEngine, type Engine, type EngineOptions } from "../../../../src/engine/engine.ts";
import { type FakeClock, fakeClock } from "../../../support/clock.ts";
import { startUpstream, type UpstreamServer } from "../../../support/upstream.ts";
import { callTo, failure } from "../support.ts";

let upstream: UpstreamServer;
let targets = 0;
const engines: Engine[] = [];

beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await upstream.close();
});

function start(options: EngineOptions): { engine: Engine; clock: FakeClock } {
  const clock = fakeClock();
  const egress = { allow: [`127.0.0.1:${upstream.port}`] };
  const engine = createEngine({ egress, ...options }, { platform, clock, random: () => 0.5 });
  engines.push(engine);
  return { engine, clock };
}

function steps(text: string): string {
  return `${upstream.url}/steps?steps=${text}&over=${++targets}`;
}

function count(url: string): number {
  return upstream.requests.filter(({ target }) => url.endsWith(target)).length;
}

/** Until what real sockets bring about has come. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe("over HTTP", () => {
  test("a breaker opens, lets a probe through, opens for twice as long, and closes", async () => {
    const { engine, clock } = start({ retry: false, breaker: { consecutiveFailures: 2 } });
    const url = steps("503,reset,500,200");
    const status = async (): Promise<number | string> => {
      const request = callTo(url, { method: "POST" });
      return await engine.call(request).then((reply) => reply.status, ({ code }) => code as string);
    };
    expect([await status(), await status()]).toEqual([503, "upstream.reset"]);
    expect([await status(), count(url)]).toEqual(["breaker.open", 2]);
    clock.advance(5_000);
    expect([await status(), await status(), count(url)]).toEqual([500, "breaker.open", 3]);
    clock.advance(9_999);
    expect(await status()).toBe("breaker.open");
    clock.advance(1);
    expect([await status(), await status(), count(url)]).toEqual([200, 200, 5]);
  });

  test("a wait that the API asks for is kept to the millisecond", async () => {
    const { engine, clock } = start({ breaker: false });
    const url = `${steps("503,200")}&after=3000`;
    const call = engine.call(callTo(url));
    await until(() => count(url) === 1 && clock.pending > 1);
    clock.advance(3_049);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(count(url)).toBe(1);
    clock.advance(1);
    expect(await call).toMatchObject({ status: 200, attempts: 2, waitedUs: 3_050_000 });
  });

  test("a deadline between or inside attempts is kept to the millisecond", async () => {
    const { engine, clock } = start({ breaker: false });
    const url = steps("503,hang");
    const call = engine.call(callTo(url, { timeoutMs: 1_000 }));
    await until(() => count(url) === 1 && clock.pending > 1);
    clock.advance(50);
    await until(() => count(url) === 2);
    clock.advance(949);
    let over = false;
    const error = failure(call).finally(() => over = true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(over).toBe(false);
    clock.advance(1);
    expect(await error).toMatchObject({ code: "deadline.exceeded", attempts: 2, sent: "maybe" });
  });
});
