/** The recorded frames of an unmodified existing client, replayed byte for byte against a running daemon. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { CallSignal } from "../../../src/core/async/call_signal.ts";
import type { CallReply, CallRequest } from "../../../src/core/call.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { createDaemon, type Daemon } from "../../../src/daemon/mod.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { listen } from "../../../src/platform/listen.ts";
import { platform } from "#platform";
import { executeRequest, executeResponse } from "../../../src/wire/mod.ts";
import { reply } from "./support/fake_engine.ts";
import { baseBody, WireClient } from "./support/wire_client.ts";

interface Vector {
  name: string;
  hex: string;
}
const fixture = new URL("../../fixtures/wire-vectors.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(fixture, "utf8")) as { vectors: Vector[] };

function bytes(start: string): Uint8Array {
  const vector = vectors.find(({ name }) => name.startsWith(start));
  if (vector === undefined) throw new Error(`no vector "${start}"`);
  return Uint8Array.fromHex(vector.hex);
}
/** The answer that was recorded behind a request. */
function answerTo(start: string) {
  const index = vectors.findIndex(({ name }) => name.startsWith(start));
  return executeResponse.decode(Uint8Array.fromHex(vectors[index + 1]!.hex).subarray(5));
}

const GET = "execute request, GET";
const POST = "execute request, POST";
const REFUSED = "execute request to a refused port";
const JSON_TEXT = '{"id":1,"name":"John Doe","email":"john@example.com","tags":["a","b","c"]}';
const DATE = "Sat, 21 Nov 2026 06:18:27 GMT";

/** When the recording was made, just before the deadlines in it. */
const recorded = { ...systemClock, now: () => Date.parse(DATE) };

describe("recorded frames", () => {
  let daemon: Daemon;
  let client: WireClient;
  const calls: CallRequest[] = [];
  /** The upstream of the recording; the refused port is really tried. */
  const engine = createEngine({ egress: { allow: ["127.0.0.1:1"] } }, { platform });
  const recordedUpstream = {
    async begin(request: CallRequest, signal: CallSignal): Promise<CallReply> {
      calls.push(request);
      const headers = (length: number, type: string) =>
        [["content-length", String(length)], ["content-type", type], ["date", DATE]] as const;
      if (request.url.endsWith("/json")) {
        return reply(JSON_TEXT, { headers: headers(74, "application/json") });
      }
      if (request.url.endsWith("/echo")) {
        return reply(request.body ?? "", { headers: headers(6, "text/plain") });
      }
      return await engine.begin(request, signal);
    },
  };

  beforeAll(async () => {
    daemon = createDaemon({ listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }] }, {
      engine: recordedUpstream,
      listen,
      clock: recorded,
    });
    await daemon.start();
    client = new WireClient(daemon.addresses[0]!);
  });
  afterAll(async () => {
    client.close();
    await daemon.stop();
    await engine.close();
  });

  for (const start of [GET, POST]) {
    test(`${start}: the payload of the answer is what the existing daemon sent`, async () => {
      client.bytes(bytes(start));
      const { message } = await client.next("response");
      const before = answerTo(start);
      expect(message.requestId).toBe(before.requestId);
      expect(message.requestId).toBe(executeRequest.decode(bytes(start).subarray(5)).requestId);
      expect(message.errorClass).toBe(ErrorClass.Success);
      expect(message.errorMessage).toBe(before.errorMessage);
      expect(baseBody(message)).toEqual(baseBody(before));
      expect(new TextDecoder().decode(message.payload)).toBe(
        new TextDecoder().decode(before.payload),
      );
    });
  }

  test("what was asked for reached the engine", () => {
    const [get, post] = calls;
    expect(get).toMatchObject({
      tenantId: "acme",
      workspaceId: "prod",
      method: "GET",
      url: "http://127.0.0.1:18080/json",
      body: null,
    });
    expect(get!.timeoutMs).toBeGreaterThan(0);
    expect(post).toMatchObject({
      traceId: "trace-1",
      method: "POST",
      headers: [["content-type", "text/plain"]],
    });
    expect(new TextDecoder().decode(post!.body as Uint8Array)).toBe("héllo");
  });

  test("a refused port is Transient, as it was", async () => {
    client.bytes(bytes(REFUSED));
    const { message } = await client.next("response");
    const before = answerTo(REFUSED);
    expect([message.requestId, message.errorClass, message.payload.length]).toEqual([
      before.requestId,
      before.errorClass,
      0,
    ]);
    expect(message.errorMessage).not.toBe("");
  });

  test("one byte at a time they mean the same, and all in one write too", async () => {
    for (const byte of bytes(GET)) client.bytes(new Uint8Array([byte]));
    expect(baseBody((await client.next("response")).message)).toEqual(baseBody(answerTo(GET)));
    client.bytes(bytes(POST), bytes(GET));
    const ids = [await client.next("response"), await client.next("response")]
      .map(({ message }) => message.requestId);
    expect(new Set(ids)).toEqual(new Set([answerTo(GET).requestId, answerTo(POST).requestId]));
  });

  test("an unparseable frame has the answer that makes a client fall back", async () => {
    client.bytes(new Uint8Array([0, 0, 0, 3, 0, 0xff, 0xff]));
    const { message } = await client.next("response");
    const before = executeResponse.decode(
      bytes("the existing daemon's answer to a frame it cannot parse").subarray(5),
    );
    expect([message.requestId, message.errorClass]).toEqual([before.requestId, before.errorClass]);
    client.bytes(bytes(GET));
    await client.next("response");
  });
});

test("a recorded request whose deadline has passed is not sent", async () => {
  let called = false;
  const daemon = createDaemon({ listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }] }, {
    engine: {
      begin: () => {
        called = true;
        return Promise.reject(new ConnectorError({ errorClass: 2, code: "x", message: "x" }));
      },
    },
    listen,
    clock: { ...systemClock, now: () => Date.parse(DATE) + 86_400_000 },
  });
  await daemon.start();
  const client = new WireClient(daemon.addresses[0]!);
  client.bytes(bytes(GET));
  expect((await client.next("response")).message.errorClass).toBe(ErrorClass.Timeout);
  expect(called).toBe(false);
  client.close();
  await daemon.stop();
});
