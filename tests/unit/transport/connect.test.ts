import { describe, expect, test } from "bun:test";
import { ErrorClass } from "../../../src/core/errors.ts";
import { creditUpdate } from "../../../src/wire/mod.ts";
import { concat, encoded } from "../daemon/support/wire_client.ts";
import { FakeRuntime } from "./fake_runtime.ts";
import { failure, FakeClock, request, settled, transportTo } from "./helpers.ts";

describe("connecting", () => {
  test("a refused connection is the failure of every caller, and is tried again by the next", async () => {
    const runtime = new FakeRuntime();
    runtime.refused.add("/fake.sock");
    const transport = transportTo(runtime);
    const calls = [transport.call(request()), transport.call(request()), transport.connect()];
    for (const call of calls) {
      expect(await failure(call)).toMatchObject({
        errorClass: ErrorClass.Transient,
        code: "connect.refused",
        sent: "no",
      });
    }
    expect(runtime.dials).toBe(1);
    runtime.refused.clear();
    expect((await transport.call(request())).status).toBe(200);
    await transport.close();
  });

  test("the fallback is only used if nothing answers", async () => {
    const fallback = { kind: "tcp", host: "127.0.0.1", port: 5000 } as const;
    const runtime = new FakeRuntime();
    const direct = transportTo(runtime, { fallback });
    await direct.connect();
    expect(runtime.dials).toBe(1);
    await direct.close();
    runtime.refused.add("/fake.sock");
    const fallen = transportTo(runtime, { fallback });
    expect((await fallen.call(request())).status).toBe(200);
    await fallen.close();
    runtime.refused.add("5000");
    const neither = transportTo(runtime, { fallback });
    expect((await failure(neither.connect())).message).toContain("/fake.sock");
    await neither.close();
  });

  test("a refused token says so and is not Transient", async () => {
    const runtime = new FakeRuntime();
    runtime.greets = "refuse";
    const transport = transportTo(runtime, { token: "wrong" });
    const error = await failure(transport.connect());
    expect(error).toMatchObject({ errorClass: ErrorClass.Permanent, code: "auth.refused" });
    expect(error.message).toContain("unknown token");
    expect(error.message).not.toContain("wrong");
    await transport.close();
  });

  test("a Hello that the runtime cannot meet is not Transient, a runtime that stops is", async () => {
    for (
      const [code, errorClass] of [
        ["session.version", ErrorClass.Permanent],
        ["connection.going_away", ErrorClass.Transient],
      ] as const
    ) {
      const runtime = new FakeRuntime();
      runtime.greets = "refuse";
      runtime.refusal = { code, message: "because" };
      const transport = transportTo(runtime);
      expect(await failure(transport.connect())).toMatchObject({ code, errorClass });
      await transport.close();
    }
  });

  test("frames right behind the Welcome belong to the session", async () => {
    const runtime = new FakeRuntime();
    runtime.limits = { callCredit: 10, connectionCredit: 0, maxOpenCalls: 10 };
    const credit = encoded(creditUpdate, { creditDelta: 100_000, totalCredits: 0, callId: 0 });
    runtime.rightBehind = concat([Uint8Array.from([0, 0, 0, 2, 99, 1]), credit]);
    runtime.onStart = () => {};
    const transport = transportTo(runtime);
    const call = transport.call(request({ body: new Uint8Array(100_000) }));
    await settled();
    expect(runtime.last.uploads.get(1)).toEqual([10]);
    runtime.last.head(1);
    expect((await call).status).toBe(200);
    await transport.close();
  });

  test("hanging up and answering nonsense are failures of the connection", async () => {
    for (const greets of ["hang-up", "nonsense"] as const) {
      const runtime = new FakeRuntime();
      runtime.greets = greets;
      const transport = transportTo(runtime);
      const error = await failure(transport.call(request()));
      expect(error).toMatchObject({ errorClass: ErrorClass.Transient, code: "connection.lost" });
      expect(error.message).toContain("unix:/fake.sock did not answer the greeting");
      await transport.close();
    }
  });

  test("a silent runtime ends the greeting after the connect timeout", async () => {
    const runtime = new FakeRuntime();
    runtime.greets = "silent";
    const clock = new FakeClock();
    const transport = transportTo(runtime, { clock, connectTimeoutMs: 200 });
    const connecting = transport.connect();
    await settled();
    clock.advance(200);
    expect(await failure(connecting)).toMatchObject({
      errorClass: ErrorClass.Transient,
      code: "connect.timeout",
    });
    expect(runtime.last.closed).toBe(true);
    await transport.close();
  });

  test("a call's own timeout and signal hold while it waits for the connection", async () => {
    const runtime = new FakeRuntime();
    runtime.greets = "silent";
    const clock = new FakeClock();
    const transport = transportTo(runtime, { clock });
    const controller = new AbortController();
    const aborted = transport.call(request({ signal: controller.signal }));
    const late = transport.call(request({ timeoutMs: 100 }));
    await settled();
    controller.abort();
    expect(await failure(aborted)).toMatchObject({ code: "call.cancelled", sent: "no" });
    clock.advance(100);
    expect(await failure(late)).toMatchObject({ code: "deadline.exceeded", sent: "no" });
    await transport.close();
  });

  test("a call that was aborted before it began opens nothing, and leaves no failure behind", async () => {
    const runtime = new FakeRuntime();
    runtime.refused.add("/fake.sock");
    const transport = transportTo(runtime);
    const call = transport.call(request({ signal: AbortSignal.abort() }));
    expect(await failure(call)).toMatchObject({ code: "call.cancelled", sent: "no" });
    // Nobody waits for the connection, so its failure would be nobody's.
    await settled();
    expect(runtime.dials).toBe(0);
    await transport.close();
  });

  test("closing while connecting ends the waiting calls and the socket", async () => {
    const runtime = new FakeRuntime();
    runtime.greets = "silent";
    const transport = transportTo(runtime);
    const call = transport.call(request());
    await settled();
    const closing = transport.close();
    expect(await failure(call)).toMatchObject({ code: "client.closed" });
    await closing;
    expect(runtime.last.closed).toBe(true);
  });
});
