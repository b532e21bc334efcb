/** The first call opens the upstream; if that fails, only this call fails, not every later one. */
import { expect, test } from "bun:test";
import { ErrorClass } from "../../../src/core/errors.ts";
import type { Platform, Upstream } from "../../../src/core/platform.ts";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { answer, callTo } from "./support.ts";

const upstream: Upstream = {
  exchange: () => Promise.resolve(answer(200, "ok")),
  close: () => Promise.resolve(),
};

function engineThat(opens: (attempt: number) => Promise<Upstream>): Engine {
  let attempts = 0;
  const platform: Platform = {
    name: "web",
    dial: () => Promise.reject(new Error("not here")),
    createUpstream: () => opens(++attempts),
    env: () => undefined,
  };
  return createEngine({}, { platform });
}

const call = (engine: Engine) => engine.call(callTo("https://a.example/"));

for (const thrown of ["rejected", "thrown at once"]) {
  test(`an opening that is ${thrown} for want of a descriptor is tried again`, async () => {
    const failure = Object.assign(new Error("EMFILE reading upstream.ts"), { code: "EMFILE" });
    const engine = engineThat((attempt) => {
      if (attempt > 2) return Promise.resolve(upstream);
      if (thrown === "rejected") return Promise.reject(failure);
      throw failure;
    });
    for (let times = 0; times < 2; times++) {
      const error: unknown = await call(engine).catch((cause: unknown) => cause);
      expect(error).toMatchObject({
        code: "descriptors.exhausted",
        errorClass: ErrorClass.Transient,
        sent: "no",
        origin: "local",
      });
    }
    expect((await call(engine)).status).toBe(200);
    await engine.close();
  });
}

test("calls at the same time share one opening, and its failure", async () => {
  let openings = 0;
  const gate = Promise.withResolvers<Upstream>();
  const engine = engineThat(() => {
    openings++;
    return openings === 1 ? gate.promise : Promise.resolve(upstream);
  });
  const both = Promise.allSettled([call(engine), call(engine)]);
  gate.reject(new Error("too many open files"));
  expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect((await call(engine)).status).toBe(200);
  expect(openings).toBe(2);
});

test("an engine closes although its opening failed", async () => {
  const engine = engineThat(() => Promise.reject(new Error("no")));
  const failed = engine.connect().catch(() => "failed");
  await engine.close();
  expect(await failed).toBe("failed");
});
