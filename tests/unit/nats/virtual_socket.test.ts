import { describe, expect, test } from "bun:test";
import { Member } from "../../../src/nats/member.ts";
import { Packet, readPacket } from "../../../src/nats/packet.ts";
import { Pulse } from "../../../src/nats/pulse.ts";
import { subjectsOf } from "../../../src/nats/subjects.ts";
import {
  BEAT_MS,
  MOST_HELD_BYTES,
  SILENCE_MS,
  VirtualSocket,
} from "../../../src/nats/virtual_socket.ts";
import type { ByteSocket } from "../../../src/core/platform.ts";
import { type FakeClock, fakeClock } from "../../support/clock.ts";
import { MemoryServer } from "./memory_bus.ts";

const SUBJECTS = subjectsOf("p");
const STATE = {
  name: "m",
  only: { connectors: [], tenants: [] },
  calls: 0,
  room: 10,
  callsTotal: 0,
  callsByClass: [],
  sessions: 0,
  draining: false,
  startedAt: 0,
};

/** What one side has seen of its stream. */
class Side {
  text = "";
  drains = 0;
  closed: string | undefined;

  readonly handlers = {
    data: (bytes: Uint8Array): void => void (this.text += new TextDecoder().decode(bytes)),
    drain: (): void => void this.drains++,
    close: (error?: Error): void => void (this.closed = error?.message ?? "ended"),
  };
}

interface Pair {
  readonly server: MemoryServer;
  readonly clock: FakeClock;
  readonly bus: ReturnType<MemoryServer["bus"]>;
  readonly client: VirtualSocket;
  readonly near: Side;
  readonly far: Side;
  readonly member: Member;
  readonly accepted: ByteSocket;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

/** A stream that a client has opened with `hello`. */
async function pair(maxPayload?: number): Promise<Pair> {
  const server = new MemoryServer();
  const clock = fakeClock();
  const bus = server.bus(maxPayload);
  const [near, far] = [new Side(), new Side()];
  const accepted: ByteSocket[] = [];
  const member = new Member({
    bus: server.bus(),
    clock,
    pool: "p",
    state: () => STATE,
    accept: (socket) => {
      accepted.push(socket);
      return far.handlers;
    },
  });
  await member.start();
  const pulse = new Pulse(clock);
  const reply = SUBJECTS.client("c", "1");
  const client: VirtualSocket = new VirtualSocket({
    bus,
    handlers: near.handlers,
    now: clock.monotonic(),
    opening: SUBJECTS.call,
    own: reply,
    onGone: () => pulse.remove(client),
  });
  bus.subscribe(reply, ({ data, reply, nobody }) => {
    if (nobody) return client.nobody();
    client.receive(readPacket(data)!, reply, clock.monotonic());
  });
  bus.onConnected(() => client.drained());
  pulse.add(client);
  client.write(bytes("hello"));
  return { server, clock, bus, client, near, far, member, accepted: accepted[0]! };
}

const dataOnly = (count: number) => {
  let seen = 0;
  return ({ data }: { data: Uint8Array }) =>
    readPacket(data)?.kind === Packet.Data && ++seen === count ? 0 : 1;
};

describe("a virtual connection", () => {
  test("carries bytes both ways, in order, and its end", async () => {
    const { client, near, far, accepted } = await pair();
    client.write(bytes(" world"));
    accepted.write(bytes("yes"));
    expect([far.text, near.text]).toEqual(["hello world", "yes"]);
    accepted.end();
    await settle();
    expect([near.closed, far.closed]).toEqual(["ended", "ended"]);
    expect(client.write(bytes("more"))).toBe(0);
  });

  test("what is larger than the server takes goes in several messages", async () => {
    const { client, far, server } = await pair(20);
    const before = server.published.length;
    expect(client.write(bytes("x".repeat(100)))).toBe(100);
    expect(far.text).toBe(`hello${"x".repeat(100)}`);
    expect(server.published.length - before).toBe(Math.ceil(100 / 11));
  });

  test("ends when a message was lost, on the side that misses it and then on the other", async () => {
    const { client, near, far, server } = await pair();
    server.copies = dataOnly(2);
    for (const text of ["a", "b", "c"]) client.write(bytes(text));
    await settle();
    expect(far.text).toBe("helloa");
    expect(far.closed).toContain("1 messages were lost");
    expect(near.closed).toBe("ended");
  });

  test("the loss of the last message is noticed with the next beat", async () => {
    const { client, far, server, clock } = await pair();
    server.copies = dataOnly(1);
    client.write(bytes("a"));
    expect(far.closed).toBe(undefined);
    clock.advance(BEAT_MS);
    await settle();
    expect(far.closed).toContain("1 messages were lost");
  });

  test("a lost beat loses nothing", async () => {
    const { client, near, far, server, clock } = await pair();
    server.copies = ({ data }) => readPacket(data)?.kind === Packet.Beat ? 0 : 1;
    clock.advance(BEAT_MS);
    server.copies = () => 1;
    client.write(bytes("a"));
    clock.advance(BEAT_MS);
    await settle();
    expect([far.text, far.closed, near.closed]).toEqual(["helloa", undefined, undefined]);
  });

  test("what comes twice is taken once", async () => {
    const { client, near, far, accepted, server } = await pair();
    server.copies = () => 2;
    for (const text of ["a", "b"]) client.write(bytes(text));
    accepted.write(bytes("c"));
    expect([far.text, near.text]).toEqual(["helloab", "c"]);
    expect([far.closed, near.closed]).toEqual([undefined, undefined]);
  });

  test("another member that was asked, too, is not listened to", async () => {
    const { client, near, accepted, server, clock } = await pair();
    const stranger = new Side();
    const other = new Member({
      bus: server.bus(),
      clock,
      pool: "p",
      state: () => STATE,
      accept: (socket) => {
        socket.write(bytes("not yours"));
        return stranger.handlers;
      },
    });
    await other.start();
    const opening = server.published.find(({ subject }) => subject === SUBJECTS.call)!;
    server.publish(SUBJECTS.callTo(other.id), opening.data, opening.reply);
    expect(stranger.text).toBe("hello");
    accepted.write(bytes("mine"));
    client.write(bytes("!"));
    expect([near.text, near.closed]).toEqual(["mine", undefined]);
    // Nobody talks to it, so it gives up.
    clock.advance(SILENCE_MS + BEAT_MS);
    await settle();
    expect(stranger.closed).toContain("nothing was heard");
    expect(near.closed).toBe(undefined);
  });

  test("goes on for as long as both sides beat, and ends when one is silent", async () => {
    const { near, far, server, clock } = await pair();
    for (let beats = 0; beats < 20; beats++) clock.advance(BEAT_MS);
    expect([near.closed, far.closed]).toEqual([undefined, undefined]);
    server.copies = () => 0;
    clock.advance(SILENCE_MS + BEAT_MS);
    await settle();
    expect(near.closed).toContain("nothing was heard");
    expect(far.closed).toContain("nothing was heard");
  });

  test("a process that stood still does not take the others for silent", async () => {
    const { near, far, clock } = await pair();
    const now = clock.monotonic.bind(clock);
    let lost = 0;
    clock.monotonic = () => now() + lost;
    lost = 60_000;
    clock.advance(BEAT_MS);
    clock.advance(BEAT_MS);
    await settle();
    expect([near.closed, far.closed]).toEqual([undefined, undefined]);
  });

  test("a member that the server does not know any more is noticed with the next beat", async () => {
    const { near, member, clock, server } = await pair();
    // As when its process is killed: it says nothing.
    server.copies = () => 0;
    member.close();
    server.copies = () => 1;
    clock.advance(BEAT_MS);
    await settle();
    expect(near.closed).toBe("nobody is there");
  });

  test("a side that does not know of it any more says so to the next beat", async () => {
    const { near, accepted, server, clock } = await pair();
    server.copies = () => 0;
    accepted.destroy();
    server.copies = () => 1;
    await settle();
    expect(near.closed).toBe(undefined);
    clock.advance(BEAT_MS);
    await settle();
    expect(near.closed).toBe("the other side does not know of it any more");
  });

  test("takes no more than the server has read, and says when there is room", async () => {
    const { client, bus, near, far } = await pair();
    bus.prompt = false;
    const much = new Uint8Array(900_000).fill(97);
    const most = bus.maxPayload;
    const first = client.write(much);
    expect(first).toBe(Math.min(much.length, most));
    expect(client.write(much)).toBe(0);
    expect(near.drains).toBe(0);
    bus.flushes.shift()?.();
    await settle();
    expect(near.drains).toBe(1);
    expect(client.write(much.subarray(first))).toBe(much.length - first);
    expect(far.text.length).toBe("hello".length + much.length);
  });

  test("nothing is published while the server is away, and it goes on when it is back in time", async () => {
    const { client, bus, near, far, clock } = await pair();
    bus.connected = false;
    expect(client.write(bytes("later"))).toBe(0);
    clock.advance(BEAT_MS);
    bus.back();
    expect(near.drains).toBe(1);
    client.write(bytes("later"));
    expect(far.text).toBe("hellolater");
    clock.advance(BEAT_MS);
    await settle();
    expect([near.closed, far.closed]).toEqual([undefined, undefined]);
  });

  test("a side that is paused gets in order what came meanwhile", async () => {
    const { client, far, accepted } = await pair();
    accepted.pause();
    for (const text of ["a", "b", "c"]) client.write(bytes(text));
    expect(far.text).toBe("hello");
    accepted.resume();
    client.write(bytes("d"));
    expect(far.text).toBe("helloabcd");
  });

  test("keeps so much for a side that is paused, and then ends", async () => {
    const { client, near, far, accepted, member } = await pair();
    accepted.pause();
    const piece = new Uint8Array(100_000);
    for (let sent = 0; sent < 2 * MOST_HELD_BYTES; sent += piece.length) {
      client.write(piece);
      await settle();
    }
    expect([near.closed, member.sessions]).toEqual(["ended", 0]);
    expect(far.closed).toContain("bytes came that nobody reads");
    accepted.resume();
    expect(far.text).toBe("hello");
  });
});
