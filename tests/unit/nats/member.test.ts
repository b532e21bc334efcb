/** What a member does with messages that no client or member of ours would send. */
import { describe, expect, test } from "bun:test";
import { Member } from "../../../src/nats/member.ts";
import { Packet, packet } from "../../../src/nats/packet.ts";
import { encodeJson, type MemberInfo } from "../../../src/nats/presence.ts";
import { subjectsOf } from "../../../src/nats/subjects.ts";
import { BEAT_MS } from "../../../src/nats/virtual_socket.ts";
import { type FakeClock, fakeClock } from "../../support/clock.ts";
import { MemoryServer } from "./memory_bus.ts";

const SUBJECTS = subjectsOf("p");
const NOTHING = new Uint8Array(0);
const OPEN = packet(Packet.Open, 0, 0, new TextEncoder().encode("hi"));

async function member(server: MemoryServer, clock: FakeClock, name = "m"): Promise<Member> {
  const one = new Member({
    bus: server.bus(),
    clock,
    pool: "p",
    state: () => ({
      name,
      only: { connectors: ["a"], tenants: [] },
      calls: 1,
      room: 10,
      callsTotal: 5,
      callsByClass: [4, 1],
      sessions: 0,
      draining: false,
      startedAt: clock.now(),
    }),
    accept: () => ({ data() {}, drain() {}, close() {} }),
  });
  await one.start();
  return one;
}

describe("a member", () => {
  test("answers nowhere but to clients, whatever reply a message asks for", async () => {
    const server = new MemoryServer();
    const one = await member(server, fakeClock());
    const before = server.published.length;
    const bad = [
      "",
      "$SYS.REQ.SERVER.PING",
      SUBJECTS.call,
      SUBJECTS.here,
      SUBJECTS.member(one.id, "x"),
      "vastar.v1.client.other.any.c.1",
      "vastar.v1.client.p.any.*.1",
      "vastar.v1.client.p.any.c.>",
      "vastar.v1.client.p.c.1",
      "vastar.v1.client.p.any.c.1.2",
      "vastar.v1.client.p.any.c.1 extra",
    ];
    for (const reply of bad) {
      server.publish(SUBJECTS.call, OPEN, reply);
      server.publish(SUBJECTS.list, NOTHING, reply);
    }
    expect(server.published.length - before).toBe(bad.length * 2);
    expect(one.refused).toBe(bad.length * 2);
    expect(one.sessions).toBe(0);
  });

  test("bears any bytes on any of its subjects", async () => {
    const server = new MemoryServer();
    const clock = fakeClock();
    const one = await member(server, clock);
    const reply = SUBJECTS.client("c", "1");
    server.publish(SUBJECTS.call, OPEN, reply);
    const session = server.published.at(-1)!.reply;
    const subjects = [SUBJECTS.call, SUBJECTS.callTo(one.id), SUBJECTS.here, SUBJECTS.list];
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 2_000; round++) {
      const bytes = Uint8Array.from({ length: random(40) }, () => random(256));
      // Half look like packets.
      if (bytes.length > 0 && random(2) === 0) bytes[0] = random(7);
      server.publish([...subjects, session][random(subjects.length + 1)]!, bytes, reply);
    }
    for (
      const value of [null, 1, [], { id: 5 }, { id: "../x" }, { id: "x", only: 3, calls: "y" }]
    ) {
      server.publish(SUBJECTS.here, encodeJson(value), "");
    }
    expect(one.refused).toBeGreaterThan(500);
    expect(one.members().map(({ id }) => id).sort()).toEqual([one.id, "x"].sort());
    // Without anyone to answer, it would be over at once.
    server.bus().subscribe(SUBJECTS.client("c", "2"), () => {});
    server.publish(SUBJECTS.call, OPEN, SUBJECTS.client("c", "2"));
    expect(one.sessions).toBeGreaterThan(0);
  });

  test("knows the others until three of their beats are missing, or they leave", async () => {
    const server = new MemoryServer();
    const clock = fakeClock();
    const [one, two, three] = [
      await member(server, clock, "1"),
      await member(server, clock, "2"),
      await member(server, clock, "3"),
    ];
    const names = () => one.members().map(({ name }) => name).sort();
    for (let beats = 0; beats < 10; beats++) clock.advance(BEAT_MS);
    expect(names()).toEqual(["1", "2", "3"]);
    expect(one.members().find(({ id }) => id === two.id)).toMatchObject({
      only: { connectors: ["a"], tenants: [] },
      callsByClass: [4, 1],
    });
    three.close();
    expect(names()).toEqual(["1", "2"]);
    // As when it is cut off.
    const from = ({ data }: { data: Uint8Array }) =>
      new TextDecoder().decode(data).includes(two.id);
    server.copies = (message) => from(message) ? 0 : 1;
    clock.advance(3 * BEAT_MS);
    expect(names()).toEqual(["1", "2"]);
    clock.advance(BEAT_MS);
    expect(names()).toEqual(["1"]);
  });

  test("speaks less often the more members there are", async () => {
    const server = new MemoryServer();
    const clock = fakeClock();
    const one = await member(server, clock);
    const info = one.members()[0]!;
    const said = () =>
      server.published.filter(({ data }) => {
        const text = new TextDecoder().decode(data);
        return text.startsWith("{") && (JSON.parse(text) as MemberInfo).id === one.id;
      }).length;
    for (let other = 0; other < 1_999; other++) {
      server.publish(SUBJECTS.here, encodeJson({ ...info, id: `o${other}` }), "");
    }
    clock.advance(BEAT_MS);
    const before = said();
    clock.advance(20_000);
    expect(said() - before).toBe(2);
  });
});
