/** A client of a pool whose members, server and time are in this process. */
import { describe, expect, test } from "bun:test";
import type { CallReply, CallRequest } from "../../../src/core/call.ts";
import { deferred } from "../../../src/core/deferred.ts";
import { ErrorClass } from "../../../src/core/errors.ts";
import { createDaemon } from "../../../src/daemon/mod.ts";
import { Member } from "../../../src/nats/member.ts";
import { parsePlacement, type Placement } from "../../../src/nats/placement.ts";
import { BEAT_MS, SILENCE_MS } from "../../../src/nats/virtual_socket.ts";
import { parseNatsAddress } from "../../../src/transport/nats_address.ts";
import { PoolTransport } from "../../../src/transport/pool/pool_transport.ts";
import { failure } from "../../conformance/context.ts";
import { type FakeClock, fakeClock } from "../../support/clock.ts";
import { until } from "../../support/upstream.ts";
import { type MemoryBus, MemoryServer } from "../nats/memory_bus.ts";

const ADDRESS = parseNatsAddress("nats://127.0.0.1/p");

/** A daemon whose engine answers with its name, or when it is told to. */
class Place {
  readonly name: string;
  readonly bus: MemoryBus;
  readonly open: { readonly request: CallRequest; readonly answer: () => void }[] = [];
  id = "";
  #drain: (() => Promise<unknown>) | undefined;

  private constructor(name: string, bus: MemoryBus) {
    this.name = name;
    this.bus = bus;
  }

  static async start(
    pool: Pool,
    name: string,
    only: Placement = parsePlacement([]),
  ): Promise<Place> {
    const place = new Place(name, pool.server.bus());
    const daemon = createDaemon({ listen: [], join: { address: ADDRESS, name, only } }, {
      clock: pool.clock,
      listen: () => Promise.reject(new Error("nothing to listen on")),
      engine: { begin: (request) => place.#begin(request) },
      join: async (address, side) => {
        const member = new Member({
          ...side,
          bus: place.bus,
          clock: pool.clock,
          pool: address.pool,
        });
        await member.start();
        place.id = member.id;
        return {
          leaveCalls: () => member.leaveCalls(),
          close: () => Promise.resolve(member.close()),
          figures: () => ({ id: member.id, connected: true, members: [], sessions: 0, refused: 0 }),
          openJobs: () => Promise.reject(new Error("no jobs")),
        };
      },
    });
    await daemon.start();
    place.#drain = () => daemon.drain(60_000);
    return place;
  }

  /** Nothing that it publishes or is sent arrives any more. */
  vanish(): void {
    this.bus.connected = false;
  }

  drain(): void {
    void this.#drain?.();
  }

  #begin(request: CallRequest): PromiseLike<CallReply> {
    const reply: CallReply = {
      ...{ requestId: "", status: 200, headers: [], attempts: 1, durationUs: 1 },
      body: new TextEncoder().encode(this.name),
    };
    if (!request.url.endsWith("/hang")) return Promise.resolve(reply);
    const later = deferred<CallReply>();
    this.open.push({ request, answer: () => later.resolve(reply) });
    return later.promise;
  }
}

interface Pool {
  readonly server: MemoryServer;
  readonly clock: FakeClock;
  readonly client: PoolTransport;
  /** Those that the client has opened. */
  readonly buses: MemoryBus[];
}

function pool(): Pool {
  const server = new MemoryServer();
  const clock = fakeClock();
  const buses: MemoryBus[] = [];
  const client = new PoolTransport(ADDRESS, {
    clock,
    token: undefined,
    connectTimeoutMs: 5_000,
    openBus: () => {
      const bus = server.bus();
      buses.push(bus);
      return Promise.resolve(bus);
    },
  });
  return { server, clock, client, buses };
}

const call = (path = "/", connector = "http"): CallRequest => ({
  ...{ tenantId: "t", workspaceId: "", traceId: "", connector, operation: "request" },
  ...{ method: "POST", url: `http://a.example${path}`, headers: [], body: null, timeoutMs: 60_000 },
});
const nameOf = async (reply: Promise<CallReply>) =>
  new TextDecoder().decode((await reply).body as Uint8Array);

describe("a client of a pool", () => {
  test("spreads its calls over the members, as evenly as they are open", async () => {
    const { client, ...rest } = pool();
    const one = await Place.start({ client, ...rest }, "one");
    const two = await Place.start({ client, ...rest }, "two");
    await client.call(call());
    await until(() => client.members.length === 2, "sessions with both");
    const calls = Array.from({ length: 10 }, () => client.call(call("/hang")));
    await until(() => one.open.length + two.open.length === 10, "the calls");
    expect([one.open.length, two.open.length]).toEqual([5, 5]);
    for (const { answer } of [...one.open, ...two.open]) answer();
    await Promise.all(calls);
    await client.close();
  });

  test("loses the calls of a member that falls silent, and no others", async () => {
    const all = pool();
    const { client, clock } = all;
    const [one, two] = [await Place.start(all, "one"), await Place.start(all, "two")];
    await client.call(call());
    await until(() => client.members.length === 2, "sessions with both");
    const calls = Array.from({ length: 4 }, () => client.call(call("/hang")));
    await until(() => one.open.length + two.open.length === 4, "the calls");
    one.vanish();
    const ends = calls.map((each) =>
      each.then(({ status }) => status, (error) => error.code + error.sent)
    );
    for (let beats = 0; beats * BEAT_MS <= SILENCE_MS; beats++) clock.advance(BEAT_MS);
    for (const { answer } of two.open) answer();
    expect((await Promise.all(ends)).sort()).toEqual([
      200,
      200,
      "connection.lostmaybe",
      "connection.lostmaybe",
    ]);
    for (let n = 0; n < 5; n++) expect(await nameOf(client.call(call()))).toBe("two");
    await client.close();
  });

  test("sends no new calls to a member that drains, and repeats those that were on their way", async () => {
    const all = pool();
    const { client } = all;
    const [one, two] = [await Place.start(all, "one"), await Place.start(all, "two")];
    await client.call(call());
    await until(() => client.members.length === 2, "sessions with both");
    const open = [client.call(call("/hang")), client.call(call("/hang"))];
    await until(() => one.open.length + two.open.length === 2, "the calls");
    const late = Array.from({ length: 4 }, () => client.call(call()));
    one.drain();
    const names = await Promise.all(Array.from({ length: 4 }, () => nameOf(client.call(call()))));
    expect(new Set(names)).toEqual(new Set(["two"]));
    for (const reply of await Promise.all(late)) expect(reply.status).toBe(200);
    for (const { answer } of [...one.open, ...two.open]) answer();
    expect((await Promise.all(open)).map(({ status }) => status)).toEqual([200, 200]);
    await client.close();
  });

  test("gives special calls to the member for them, and to others without it", async () => {
    const all = pool();
    const { client } = all;
    await Place.start(all, "usual");
    const rare = await Place.start(all, "rare", parsePlacement(["connector=rare"]));
    for (let n = 0; n < 3; n++) {
      expect(await nameOf(client.call(call("/", "rare")))).toBe("rare");
      expect(await nameOf(client.call(call("/", "other")))).toBe("usual");
    }
    rare.drain();
    expect(await nameOf(client.call(call("/", "rare")))).toBe("usual");
    await client.close();
  });

  test("says so when all members are for other calls", async () => {
    const all = pool();
    await Place.start(all, "rare", parsePlacement(["tenant=acme"]));
    const error = await failure(all.client.call(call()));
    expect(error).toMatchObject({
      code: "pool.no_member",
      errorClass: ErrorClass.Transient,
      sent: "no",
    });
    expect(error.message).toContain('connector "http" for the tenant "t"');
    await all.client.close();
  });

  test("disconnects after a minute without calls, and connects again for the next", async () => {
    const all = pool();
    const { client, clock, buses } = all;
    await Place.start(all, "one");
    await client.call(call());
    for (let beats = 0; beats < 59; beats++) clock.advance(BEAT_MS);
    expect([buses.length, buses[0]!.closed]).toEqual([1, false]);
    for (let beats = 0; beats < 3; beats++) clock.advance(BEAT_MS);
    await until(() => buses[0]!.closed, "the end of the connection");
    expect(await nameOf(client.call(call()))).toBe("one");
    expect([buses.length, buses[1]!.closed]).toEqual([2, false]);
    await client.close();
  });

  test("goes on with a kept answer only where it is kept", async () => {
    const all = pool();
    const { client } = all;
    const [one, two] = [await Place.start(all, "one"), await Place.start(all, "two")];
    await client.call(call());
    await until(() => client.members.length === 2, "sessions with both");
    const keep = { id: "kept-1" };
    const where = await nameOf(client.call({ ...call(), keep }));
    for (let n = 0; n < 6; n++) {
      expect(await nameOf(client.call({ ...call(), keep: { ...keep, from: 5 } }))).toBe(where);
    }
    (where === "one" ? one : two).drain();
    const gone = await failure(client.call({ ...call(), keep: { ...keep, from: 5 } }));
    expect(gone.code).toBe("stream.gone");
    await client.close();
  });
});
