/** Clients that stop in the middle of a frame, over real sockets; the clock stands still until the test moves it. */
import { afterEach, expect, test } from "bun:test";
import { callStart, data } from "../../../src/wire/mod.ts";
import { startOf } from "../../support/call_start.ts";
import { type FakeClock, fakeClock } from "../../support/clock.ts";
import { type Harness, startDaemon, until } from "./support/harness.ts";
import { baseRequest, encoded, frame, type WireClient } from "./support/wire_client.ts";

const LIMIT_MS = 30_000;
const URL_OK = "http://upstream.test/";

let open: Harness | undefined;
let clock: FakeClock;
/** How often the daemon looked at the clock. */
let reads = 0;
afterEach(async () => {
  await open?.stop();
  open = undefined;
});

async function start(kind: "unix" | "tcp"): Promise<Harness> {
  clock = fakeClock();
  const { monotonic } = clock;
  clock.monotonic = () => {
    reads++;
    return monotonic();
  };
  return open = await startDaemon({ kind, clock });
}

/** Sends the bytes that begin a frame and waits until the daemon has them: it then waits for the rest. */
async function begin(client: WireClient, bytes: Uint8Array): Promise<void> {
  const before = clock.pending;
  client.bytes(bytes);
  await until(() => clock.pending > before, "the daemon to have the half frame");
}

for (const kind of ["unix", "tcp"] as const) {
  test(`over ${kind}, half a frame is reported and closed if nothing follows`, async () => {
    const { daemon, logged, ...rest } = await start(kind);
    const client = rest.client();
    await begin(client, baseRequest(1, { url: URL_OK }).subarray(0, 20));
    clock.advance(LIMIT_MS - 1);
    expect(daemon.stats().framesRefused).toBe(0);
    clock.advance(1);
    // The timers of the farewell stand still, too.
    await client.next("response").then(({ message }) =>
      expect(message.errorMessage).toContain(`no more of it arrived for ${LIMIT_MS} ms`)
    );
    clock.advance(60_000);
    await client.untilClosed();
    expect(daemon.stats()).toMatchObject({ connections: 0, framesRefused: 1 });
    expect(logged.join("\n")).toContain("frame.timeout");
  });
}

test("a part of the length alone is half a frame", async () => {
  const { client: dial } = await start("unix");
  const client = dial();
  await begin(client, Uint8Array.of(0, 0));
  clock.advance(LIMIT_MS);
  await client.next("response");
  clock.advance(60_000);
  await client.untilClosed();
});

test("a session that stops inside a frame loses its calls with its connection", async () => {
  const { engine, client: dial } = await start("unix");
  const client = dial();
  await client.hello();
  client.start(1, { url: "http://upstream.test/held/1" });
  await until(() => engine.calls.length === 1);
  await begin(client, encoded(callStart, startOf(2, { url: URL_OK })).subarray(0, 30));
  clock.advance(LIMIT_MS);
  await until(() => engine.aborted.length === 1);
  clock.advance(60_000);
  await client.untilClosed();
});

test("a connection that is silent between frames stays, also after a frame in pieces", async () => {
  const { client: dial } = await start("unix");
  const client = dial();
  const health = frame(2);
  await begin(client, health.subarray(0, 3));
  client.bytes(health.subarray(3));
  await client.next("health");
  for (let hours = 0; hours < 24; hours++) clock.advance(3_600_000);
  client.bytes(health);
  await client.next("health");
});

test("an upload that continues, however slowly, is left alone", async () => {
  const { engine, client: dial, daemon } = await start("unix");
  const client = dial();
  await client.hello();
  client.start(1, { method: "POST", url: "http://upstream.test/echo", bodyFollows: true });
  await until(() => engine.calls.length === 1);
  const bytes = encoded(data, { callId: 1, bytes: new Uint8Array(40) });
  for (let at = 0; at < bytes.length - 1; at++) {
    const before = reads;
    client.bytes(bytes.subarray(at, at + 1));
    await until(() => reads > before, "the byte to be noticed");
    clock.advance(LIMIT_MS - 1);
  }
  client.bytes(bytes.subarray(-1), frame(2));
  await client.next("health");
  expect(daemon.stats().framesRefused).toBe(0);
});
