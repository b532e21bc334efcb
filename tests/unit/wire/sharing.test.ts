/** FlatBuffers let many fields share one string, vector or table. Whatever a peer shares, a frame costs its own bytes. */
import type { CallRequest } from "../../../src/core/call.ts";
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ConnectorError } from "../../../src/core/errors.ts";
import * as wire from "../../../src/wire/mod.ts";
import type { Codec } from "../../../src/wire/mod.ts";
import {
  aliasing,
  manyHeaders,
  manyWaits,
  recipe,
  type TableName,
} from "../../support/runner/aliasing.ts";
import { startOf } from "../../support/call_start.ts";

const CODECS: Record<string, Codec<unknown>> = {
  ExecuteRequest: wire.executeRequest,
  ExecuteResponse: wire.executeResponse,
  HealthResponse: wire.healthResponse,
  CreditUpdate: wire.creditUpdate,
  Hello: wire.hello,
  Welcome: wire.welcome,
  GoAway: wire.goAway,
  CallStart: wire.callStart,
  CallHead: wire.callHead,
  Data: wire.data,
  End: wire.end,
  Cancel: wire.cancel,
} satisfies Partial<Record<TableName, unknown>>;

/** What every message may cost besides what is in its frame: its own fields, and lists too short to be worth sharing. */
const OWN = 16 * 1024;

/** A character or a byte is 1, a place in a list or an object 8. */
function produced(value: unknown): number {
  if (typeof value === "string" || value instanceof Uint8Array) return value.length;
  if (value instanceof ConnectorError) return produced(value.toJSON());
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, one) => sum + 8 + produced(one), 0);
}

/** Undefined: refused. */
function decode(codec: Codec<unknown>, payload: Uint8Array): unknown {
  try {
    return codec.decode(payload);
  } catch (error) {
    expect((error as ConnectorError).code).toBe("frame.malformed");
    return undefined;
  }
}

describe("a payload that shares its parts", () => {
  for (const [name, codec] of Object.entries(CODECS)) {
    test(`${name}: decodes to a few times its bytes at most, or is refused`, () => {
      let decoded = 0;
      fc.assert(
        fc.property(recipe, (from) => {
          const payload = aliasing(name as TableName, from);
          const message = decode(codec, payload);
          if (message !== undefined) decoded++;
          expect(produced(message)).toBeLessThan(4 * payload.length + OWN);
        }),
        { numRuns: 200 },
      );
      expect(decoded).toBeGreaterThan(10);
    });

    test(`${name}: changed offsets of it end in a message or in frame.malformed`, () => {
      const change = fc.tuple(fc.nat(), fc.nat(255));
      fc.assert(
        fc.property(recipe, fc.array(change, { minLength: 1, maxLength: 8 }), (from, changes) => {
          const payload = aliasing(name as TableName, from);
          for (const [at, value] of changes) payload[at % payload.length] = value;
          expect(produced(decode(codec, payload))).toBeLessThan(4 * payload.length + OWN);
        }),
        { numRuns: 100 },
      );
    });
  }

  test("a thousand waits that are one long one are refused by their count", () => {
    expect(() => wire.callStart.decode(manyWaits(1_600))).toThrow(
      "a vector of 1600 entries: at most 16",
    );
  });

  test("millions of headers that are one empty one are refused by their count", () => {
    const payload = manyHeaders(2_600_000);
    expect(payload.length).toBeLessThan(wire.MAX_FRAME_BYTES + 1024);
    expect(() => wire.callStart.decode(payload)).toThrow(
      "a vector of 2600000 entries: at most 4096",
    );
    // Few enough, but all of them the same.
    expect(() => wire.callStart.decode(manyHeaders(4_096))).toThrow("far more than was sent");
  });
});

describe("lists that the peer would refuse", () => {
  const repeated = <T>(count: number, one: T): T[] => new Array<T>(count).fill(one);
  const backoff = { kind: "backoff", baseMs: 1, maxMs: 2 } as const;
  const asks = (count: number) =>
    ({ kind: "header", header: "retry-after", as: repeated(count, "ms" as const) }) as const;
  const most: Record<string, [number, (count: number) => Partial<CallRequest>]> = {
    headers: [4096, (count) => ({ headers: repeated(count, ["", ""] as const) })],
    secretHeaders: [4096, (count) => ({ policy: { secretHeaders: repeated(count, "") } })],
    conditions: [
      64,
      (count) => ({ policy: { retry: { on: repeated(count, { kind: "reset" }) } } }),
    ],
    waits: [16, (count) => ({ policy: { retry: { wait: repeated(count, backoff) } } })],
    formats: [16, (count) => ({ policy: { retry: { wait: [asks(count)] } } })],
  };
  for (const [name, [count, fields]] of Object.entries(most)) {
    test(`${name}: ${count} arrive, one more is not sent`, () => {
      const sent = startOf(1, fields(count));
      expect(wire.callStart.decode(wire.encodePayload(wire.callStart, sent))).toEqual(sent);
      const error = thrown(() => wire.encodePayload(wire.callStart, startOf(1, fields(count + 1))));
      expect(error).toMatchObject({ code: "frame.oversize" });
      expect(error.message).toContain(`${count + 1} entries: the peer takes at most ${count}`);
    });
  }
});

function thrown(run: () => unknown): ConnectorError {
  try {
    run();
  } catch (error) {
    return error as ConnectorError;
  }
  throw new Error("nothing was thrown");
}
