/** A runtime that sends what none of ours would: only the client's calls fail. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { MessageType } from "../../../src/wire/mod.ts";
import { aliasing, recipe, type TableName } from "../../support/runner/aliasing.ts";
import { frame } from "../daemon/support/wire_client.ts";
import { FakeRuntime } from "./fake_runtime.ts";
import { request, settled, transportTo } from "./helpers.ts";

const SENT = {
  CallHead: MessageType.CallHead,
  Data: MessageType.Data,
  End: MessageType.End,
  CreditUpdate: MessageType.CreditUpdate,
  GoAway: MessageType.GoAway,
  HealthResponse: MessageType.HealthResponse,
  ExecuteResponse: MessageType.ExecuteResponse,
} satisfies Partial<Record<TableName, MessageType>>;
type Name = keyof typeof SENT;
const NAMES = Object.keys(SENT) as Name[];

describe("a hostile runtime", () => {
  test("whose headers are all one is left, and the next call goes to another connection", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    const transport = transportTo(runtime);
    const call = transport.call(request({})).catch((error: unknown) => error as ConnectorError);
    await settled();
    const payload = aliasing("CallHead", { texts: [9], bytes: [0], choices: [3000], sparse: 0 });
    runtime.last.raw(frame(MessageType.CallHead, payload));
    expect(await call).toMatchObject({ errorClass: ErrorClass.Transient, sent: "maybe" });
    expect(runtime.last.closed).toBe(true);
    const again = transport.call(request({}));
    await settled();
    runtime.last.head(1);
    expect(await again).toMatchObject({ status: 200 });
    expect(runtime.dials).toBe(2);
    await transport.close();
  });

  for (const greets of ["session", "base"] as const) {
    test(`in ${greets}: whatever its messages share, every call ends`, async () => {
      const seen = new Set<string>();
      const message = fc.tuple(fc.constantFrom(...NAMES), recipe);
      await fc.assert(
        fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 6 }), async (messages) => {
          const runtime = new FakeRuntime();
          runtime.greets = greets;
          runtime.onStart = () => {};
          runtime.onRequest = () => {};
          const transport = transportTo(runtime);
          const call = transport.call(request({})).then(
            (reply) => `status ${reply.status}`,
            (error: unknown) => {
              expect(error).toBeInstanceOf(ConnectorError);
              return "failed";
            },
          );
          await settled();
          for (const [name, from] of messages) {
            if (!runtime.last.closed) runtime.last.raw(frame(SENT[name], aliasing(name, from)));
          }
          runtime.last.kill();
          seen.add(await call);
          await transport.close();
        }),
        { numRuns: 100 },
      );
      expect(seen).toContain("failed");
    });
  }
});
