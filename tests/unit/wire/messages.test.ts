import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Builder } from "../../../src/wire/builder.ts";
import { End } from "../../../src/wire/gen/end.ts";
import { KeyValue } from "../../../src/wire/gen/key_value.ts";
import { ConnectorError } from "../../../src/core/errors.ts";
import * as wire from "../../../src/wire/mod.ts";
import { type Codec, encodePayload } from "../../../src/wire/mod.ts";
import { startOf } from "../../support/call_start.ts";

const id = fc.maxSafeNat();
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const filled = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 500 });
const headers = fc.array(fc.tuple(text, text), { maxLength: 6 });
const timeout = fc.integer({ min: 1, max: 1e9 });
const credits = { callCredit: u32, connectionCredit: u32 };

const error = fc.record({
  errorClass: fc.constantFrom(1, 2, 3, 4, 5),
  code: filled,
  message: text,
  origin: fc.constantFrom("local", "caller", "upstream"),
  sent: fc.constantFrom("no", "maybe", "committed"),
  status: fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
  retryAfterMs: fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: undefined }),
  attempts: u16,
  waitedUs: id,
  queuedUs: id,
  requestId: fc.option(filled, { nil: undefined }),
}).map((options) => new ConnectorError(options as ConstructorParameters<typeof ConnectorError>[0]));

const formats = fc.uniqueArray(
  fc.constantFrom("ms", "seconds", "http-date", "duration", "unix", "unix-ms"),
  { maxLength: 3 },
);
const retry = fc.record({
  attempts: fc.integer({ min: 1, max: 20 }),
  on: fc.array(fc.oneof(
    fc.record({ kind: fc.constantFrom("connect", "timeout", "reset") }),
    fc.record({ kind: fc.constant("status"), from: u16, to: u16 }),
  )),
  unsafe: fc.constantFrom("never", "keyed", "always"),
  maxWaitMs: fc.nat(),
  wait: fc.array(fc.oneof(
    fc.record({ kind: fc.constant("header"), header: text, as: formats }),
    fc.record({ kind: fc.constant("backoff"), baseMs: u32, maxMs: u32 }),
  )),
  rules: fc.array(
    fc.record({
      status: fc.array(fc.oneof(u16, fc.tuple(u16, u16)), { maxLength: 2 }),
      body: fc.array(
        fc.record({
          path: fc.array(fc.oneof(text, fc.integer()), { maxLength: 3 }),
          oneOf: fc.array(fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))),
        }),
        { maxLength: 2 },
      ),
      headers: fc.array(fc.record({ name: text, oneOf: fc.array(text, { maxLength: 2 }) })),
      retry: fc.constantFrom("default", "never", "idempotent", "always"),
    }, { requiredKeys: ["retry"] }),
    { maxLength: 3 },
  ),
}, { requiredKeys: [] });
const rateLimit = fc.record({
  rate: fc.record({ calls: timeout, perMs: u32, burst: u32 }),
  limitHeader: filled,
  remainingHeader: filled,
  reset: fc.record({ header: filled, as: formats }),
}, { requiredKeys: [] });

const policy = fc.record({
  connectTimeoutMs: timeout,
  firstByteTimeoutMs: timeout,
  idleTimeoutMs: timeout,
  idempotent: fc.constant(true),
  secretHeaders: fc.array(text, { minLength: 1, maxLength: 3 }),
  maxRedirects: fc.integer({ min: 0, max: 20 }),
  retry,
  rateLimit,
  hedge: fc.record(
    { afterMs: timeout, attempts: fc.integer({ min: 1, max: 0xffff }) },
    { requiredKeys: ["afterMs"] },
  ),
}, { requiredKeys: [] }).map((p) => (Object.keys(p).length === 0 ? undefined : p));

/** Every message with an arbitrary of its own: the table that the round trip and the fuzzing below walk. */
const CODECS: { name: string; codec: Codec<unknown>; message: fc.Arbitrary<unknown> }[] = [
  entry("ExecuteRequest", wire.executeRequest, {
    requestId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    tenantId: text,
    workspaceId: text,
    traceId: text,
    connector: text,
    operation: text,
    deadlineAtMs: id,
    payload: bytes,
    headers,
  }),
  entry("ExecuteResponse", wire.executeResponse, {
    requestId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    errorClass: fc.integer({ min: 0, max: 5 }),
    errorMessage: text,
    payload: bytes,
    durationUs: id,
  }),
  entry("HealthResponse", wire.healthResponse, {
    healthy: fc.boolean(),
    message: text,
    activeRequests: u32,
    availableCredits: u32,
  }),
  entry("CreditUpdate", wire.creditUpdate, {
    creditDelta: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    totalCredits: u32,
    callId: id,
  }),
  entry("Hello", wire.hello, {
    version: u16,
    features: id,
    maxFrameBytes: u32,
    client: text,
    token: text,
    ...credits,
  }),
  entry("Welcome", wire.welcome, {
    version: u16,
    features: id,
    maxFrameBytes: u32,
    server: text,
    ...credits,
    maxOpenCalls: u32,
  }),
  entry("GoAway", wire.goAway, { code: text, message: text }),
  entry("CallRetry", wire.callRetry, {
    callId: id,
    attempts: u16,
    waitMs: fc.integer({ min: 0, max: 0x7fffffff }),
    status: fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
    code: fc.option(filled, { nil: undefined }),
  }),
  entry("CallStart", wire.callStart, {
    callId: id,
    bodyFollows: fc.constant(false),
    reportRetries: fc.boolean(),
    call: fc.record({
      tenantId: text,
      workspaceId: text,
      traceId: text,
      connector: filled,
      operation: filled,
      method: text,
      url: text,
      headers,
      body: bytes.map((value) => value.length === 0 ? null : value),
      timeoutMs: fc.integer({ min: 0, max: 0x7fffffff }),
      idempotencyKey: fc.option(filled, { nil: undefined }),
      traceparent: fc.option(filled, { nil: undefined }),
      policy,
      keep: fc.option(
        fc.oneof(
          fc.record({ id: filled }),
          fc.record({ id: filled, from: id }),
          fc.record({ id: filled, stop: fc.constant(true) }),
        ),
        { nil: undefined },
      ),
    }),
  }),
  entry("CallHead", wire.callHead, {
    callId: id,
    status: u16,
    headers,
    body: bytes,
    bodyFollows: fc.boolean(),
    attempts: u16,
    durationUs: id,
    requestId: text,
    url: text,
    waitedUs: id,
    queuedUs: id,
    hedges: u16,
    kept: fc.boolean(),
  }),
  entry("Data", wire.data, { callId: id, bytes }),
  entry("End", wire.end, {
    callId: id,
    trailers: headers,
    error: fc.option(error, { nil: undefined }),
  }),
  entry("Cancel", wire.cancel, { callId: id }),
];

function entry<M>(
  name: string,
  codec: Codec<M>,
  fields: Record<keyof M & string, fc.Arbitrary<unknown>>,
) {
  return {
    name,
    codec: codec as Codec<unknown>,
    message: fc.record(fields) as fc.Arbitrary<unknown>,
  };
}

describe("messages", () => {
  for (const { name, codec, message } of CODECS) {
    test(`${name} survives the round trip`, () => {
      fc.assert(fc.property(message, (sent) => {
        expect(plain(codec.decode(encodePayload(codec, sent)))).toEqual(plain(sent));
      }));
    });

    test(`${name}: flipped and truncated bytes end in frame.malformed or in a message, never in anything else`, () => {
      const flip = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
      fc.assert(
        fc.property(message, fc.array(flip, { maxLength: 12 }), fc.nat(), (sent, flips, cut) => {
          const payload = encodePayload(codec, sent);
          for (const [at, value] of flips) payload[at % payload.length] = value;
          expectMessageOrMalformed(
            codec,
            payload.subarray(0, payload.length - (cut % payload.length)),
          );
        }),
        { numRuns: 300 },
      );
    });

    test(`${name}: random bytes`, () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 200 }),
          (payload) => expectMessageOrMalformed(codec, payload),
        ),
        {
          numRuns: 300,
        },
      );
    });
  }

  test("a wait that no clock can hold is not known", () => {
    for (
      const [given, read] of [[Infinity, undefined], [NaN, undefined], [-5, undefined], [0.5, 1]]
    ) {
      const late = new ConnectorError({
        errorClass: 3,
        code: "a.b",
        message: "",
        retryAfterMs: given,
      });
      const payload = encodePayload(wire.end, { callId: 1, trailers: [], error: late });
      expect(wire.end.decode(payload).error?.retryAfterMs).toBe(read);
    }
  });

  test("times that no timer holds are the longest that one does, and short ones never the default", () => {
    for (
      const [given, read] of [[1e15, 2 ** 31 - 1], [2 ** 32 - 1, 2 ** 31 - 1], [0.3, 1]] as const
    ) {
      const policy = { connectTimeoutMs: given, firstByteTimeoutMs: given, idleTimeoutMs: given };
      const payload = encodePayload(wire.callStart, startOf(1, { timeoutMs: given, policy }));
      expect(wire.callStart.decode(payload)).toMatchObject({
        call: {
          timeoutMs: read,
          policy: { connectTimeoutMs: read, firstByteTimeoutMs: read, idleTimeoutMs: read },
        },
      });
    }
  });

  test("ids above 2^53 - 1 are refused rather than rounded", () => {
    const payload = encodePayload(wire.cancel, { callId: 2 ** 53 - 1 });
    expect(wire.cancel.decode(payload).callId).toBe(2 ** 53 - 1);
    const at = payload.length - payload.toReversed().findIndex((byte) => byte === 0x1f);
    payload[at - 1] = 0x20;
    expect(() => wire.cancel.decode(payload)).toThrow("2^53");
  });

  test("many header entries that share one long string are refused, not multiplied", () => {
    const builder = new Builder();
    const long = builder.createString("x".repeat(100_000));
    const shared = KeyValue.createKeyValue(builder, long, long);
    const trailers = End.createTrailersVector(builder, new Array<number>(1000).fill(shared));
    End.startEnd(builder);
    End.addTrailers(builder, trailers);
    builder.finish(End.endEnd(builder));
    expect(() => wire.end.decode(builder.asUint8Array())).toThrow(
      "decode to far more than was sent",
    );
  });

  test("a vector that claims 2^32 - 1 entries costs nothing", () => {
    const payload = encodePayload(wire.end, {
      callId: 1,
      trailers: [["a", "b"]],
      error: undefined,
    });
    const count = new DataView(payload.buffer);
    for (let at = 0; at + 4 <= payload.length; at += 4) {
      if (count.getUint32(at, true) === 1) {
        const hostile = payload.slice();
        new DataView(hostile.buffer).setUint32(at, 0xffffffff, true);
        expectMessageOrMalformed(wire.end, hostile);
      }
    }
  });
});

function expectMessageOrMalformed(codec: Codec<unknown>, payload: Uint8Array): void {
  try {
    codec.decode(payload);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectorError);
    expect((error as ConnectorError).code).toBe("frame.malformed");
  }
}

/** Errors compare by what they carry. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  const error = record["error"];
  return error instanceof ConnectorError ? { ...record, error: error.toJSON() } : { ...record };
}
