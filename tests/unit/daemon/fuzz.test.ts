/** Hostile bytes: whatever a client sends, the daemon keeps answering everyone else and forgets that client. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import {
  callStart,
  cancel,
  creditUpdate,
  data,
  encodePayload,
  end,
  executeRequest,
  hello,
} from "../../../src/wire/mod.ts";
import { type Harness, startDaemon, until } from "./support/harness.ts";
import { baseRequest, concat, frame, type WireClient } from "./support/wire_client.ts";
import { startOf } from "../../support/call_start.ts";

let daemon: Harness;
let bystander: WireClient;
beforeAll(async () => {
  daemon = await startDaemon({ maxOpenCalls: 50, callCredit: 10_000 });
  bystander = daemon.client();
  await bystander.hello();
});
afterAll(() => daemon.stop());

const NO_BYTES = new Uint8Array(0);
const urls = [
  "http://upstream.test/",
  "http://upstream.test/held/x",
  "http://upstream.test/stream?size=5000",
];

const callId = fc.integer({ min: 0, max: 6 });
const sound: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constant(frame(2)),
  fc.constantFrom(...urls).map((url) => baseRequest(1, { url })),
  fc.record({ callId, url: fc.constantFrom(...urls), bodyFollows: fc.boolean() }).map((fields) =>
    frame(
      callStart.type,
      encodePayload(
        callStart,
        startOf(
          fields.callId,
          { method: "POST", url: fields.url, headers: [["a", "b"]] },
          fields.bodyFollows,
        ),
      ),
    )
  ),
  fc.record({ callId, bytes: fc.uint8Array({ maxLength: 8000 }) })
    .map((message) => frame(data.type, encodePayload(data, message))),
  callId.map((id) => frame(cancel.type, encodePayload(cancel, { callId: id }))),
  callId.map((id) =>
    frame(end.type, encodePayload(end, { callId: id, trailers: [], error: undefined }))
  ),
  fc.record({ callId, creditDelta: fc.integer(), totalCredits: fc.nat() })
    .map((message) => frame(creditUpdate.type, encodePayload(creditUpdate, message))),
);
/** A sound frame with some bytes of its payload changed. */
const mutated: fc.Arbitrary<Uint8Array> = fc.tuple(
  sound,
  fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
).map(([bytes, changes]) => {
  const copy = bytes.slice();
  for (const [at, value] of changes) {
    if (copy.length > 5) copy[5 + at % (copy.length - 5)] = value;
  }
  return copy;
});
const random = fc.tuple(fc.nat(14), fc.uint8Array({ maxLength: 200 }))
  .map(([type, payload]) => frame(type, payload));
const raw = fc.uint8Array({ maxLength: 60 });
const greeting = fc.record({
  version: fc.nat(3),
  features: fc.nat(),
  maxFrameBytes: fc.constantFrom(0, 1, 10_485_760),
  client: fc.string({ maxLength: 20 }),
  token: fc.string({ maxLength: 20 }),
  callCredit: fc.nat(100_000),
  connectionCredit: fc.nat(100_000),
}).map((message) => frame(hello.type, encodePayload(hello, message)));

const script = fc.record({
  opening: fc.option(greeting, { nil: NO_BYTES, freq: 3 }),
  frames: fc.array(
    fc.oneof({ weight: 4, arbitrary: sound }, { weight: 4, arbitrary: mutated }, random, {
      weight: 1,
      arbitrary: raw,
    }),
    { maxLength: 25 },
  ),
  /** How the bytes are cut into writes. */
  slice: fc.constantFrom(1, 7, 100, 100_000),
});

test("no sequence of frames harms the daemon or another client", async () => {
  let bystanderCalls = 0;
  await fc.assert(
    fc.asyncProperty(script, async ({ opening, frames, slice }) => {
      const client = daemon.client();
      const bytes = concat([opening, ...frames]);
      for (let at = 0; at < bytes.length; at += slice) client.bytes(bytes.slice(at, at + slice));
      const id = ++bystanderCalls;
      bystander.start(id);
      expect((await bystander.next("head", id)).message.status).toBe(200);
      client.socket.end();
      await client.untilClosed();
      await until(() => daemon.daemon.stats().connections === 1, "the client to be forgotten");
      expect(daemon.daemon.stats()).toMatchObject({ callsActive: 0, sessions: 1 });
    }),
    { numRuns: 150, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: false },
  );
  expect(bystanderCalls).toBeGreaterThan(20);
}, 30_000);

test("a base request in which any byte is another is answered or refused, never lost", async () => {
  const good = baseRequest(1, { url: "http://upstream.test/" });
  const client = daemon.client();
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: good.length - 6 }), fc.nat(255), async (at, value) => {
      const changed = good.slice();
      changed[5 + at] = value;
      // A sound request behind it keeps the count of unreadable frames at one.
      client.bytes(changed, good);
      await client.next("response");
      await client.next("response");
    }),
    { numRuns: 300, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: false },
  );
  expect(client.closed).toBe(false);
  expect(executeRequest.decode(good.subarray(5)).requestId).toBe(1n);
}, 30_000);
