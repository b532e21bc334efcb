/** What a member does with messages that no client or member of ours would send. */
import { describe, expect, test } from "bun:test";
import { MOST_ANSWERS_BYTES } from "../../../src/nats/answers.ts";
import { Member, MOST_SILENT } from "../../../src/nats/member.ts";
import { Packet, packet, readPacket } from "../../../src/nats/packet.ts";
import { encodeJson, type MemberInfo } from "../../../src/nats/presence.ts";
import { subjectsOf } from "../../../src/nats/subjects.ts";
import { BEAT_MS, SILENCE_MS } from "../../../src/nats/virtual_socket.ts";
import { type FakeClock, fakeClock } from "../../support/clock.ts";
import { type MemoryBus, MemoryServer } from "./memory_bus.ts";

const SUBJECTS = subjectsOf("p");
const NOTHING = new Uint8Array(0);
const OPEN = packet(Packet.Open, 0, 0, new TextEncoder().encode("hi"));

async function member(
  server: MemoryServer,
  clock: FakeClock,
  name = "m",
  bus: MemoryBus = server.bus(),
): Promise<Member> {
  const one = new Member({
    bus,
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

  test("answers no more than the server takes, however often it is asked", async () => {
    const server = new MemoryServer();
    const bus = server.bus();
    const one = await member(server, fakeClock(), "m", bus);
    const info = one.members()[0]!;
    for (let other = 0; other < 500; other++) {
      server.publish(SUBJECTS.here, encodeJson({ ...info, id: `o${other}` }), "");
    }
    const client = SUBJECTS.client("c", "*");
    let bytes = 0;
    let answers = 0;
    server.bus().subscribe(client, ({ data }) => {
      answers++;
      bytes += data.length;
    });
    bus.prompt = false;
    const reply = SUBJECTS.client("c", "1");
    for (let asked = 0; asked < 1_000; asked++) {
      server.publish(SUBJECTS.list, NOTHING, reply);
      server.publish(SUBJECTS.call, OPEN, reply);
      server.publish(SUBJECTS.member(one.id, "x"), packet(Packet.Beat, 1, 1, NOTHING), reply);
    }
    expect(bytes).toBeLessThan(MOST_ANSWERS_BYTES + bus.maxPayload);
    expect(one.refused).toBe(3_000 - answers);
    // Then it goes on.
    bus.prompt = true;
    for (const done of bus.flushes.splice(0)) done();
    await new Promise((resolve) => setTimeout(resolve));
    server.publish(SUBJECTS.list, NOTHING, reply);
    expect(one.refused).toBe(3_000 - answers + 1);
  });

  test("keeps so many sessions that were opened and say nothing, and more that do", async () => {
    const server = new MemoryServer();
    const clock = fakeClock();
    const one = await member(server, clock);
    const sessions: { readonly subject: string; readonly stream: number }[] = [];
    server.bus().subscribe(SUBJECTS.client("c", "*"), ({ data, reply }) => {
      const received = readPacket(data);
      if (received?.kind !== Packet.Accept) return;
      sessions.push({ subject: reply, stream: received.stream });
    });
    const open = async (number: number) => {
      server.publish(SUBJECTS.call, OPEN, SUBJECTS.client("c", String(number)));
      // The server has taken the answer.
      if (number % 100 === 0) await new Promise((resolve) => setTimeout(resolve));
    };
    for (let number = 0; number < 3 * MOST_SILENT; number++) await open(number);
    expect([one.sessions, sessions.length]).toEqual([MOST_SILENT, MOST_SILENT]);
    for (const { subject, stream } of sessions.slice(0, 100)) {
      const beat = packet(Packet.Beat, stream, 1, NOTHING);
      server.publish(subject, beat, SUBJECTS.client("c", "1"));
    }
    for (let number = 0; number < 200; number++) await open(number);
    expect(one.sessions).toBe(MOST_SILENT + 100);
    // The others are gone when they were silent for long.
    for (let beats = 0; beats <= SILENCE_MS; beats += BEAT_MS) clock.advance(BEAT_MS);
    for (let number = 0; number < 200; number++) await open(number);
    expect(one.sessions).toBe(200);
  });

  test("remembers so much of what others say about themselves", async () => {
    const server = new MemoryServer();
    const one = await member(server, fakeClock());
    const info = one.members()[0]!;
    for (let other = 0; other < 1_000; other++) {
      const texts = Array.from({ length: 200 }, (_, at) => `${other}-${at}-`.padEnd(200, "x"));
      const only = { connectors: texts, tenants: texts };
      server.publish(SUBJECTS.here, encodeJson({ ...info, id: `o${other}`, only }), "");
    }
    server.published.length = 0;
    expect(one.members().length).toBeLessThan(110);
    // Those that leave make room.
    for (let other = 0; other < 1_000; other++) {
      server.publish(SUBJECTS.here, encodeJson({ ...info, id: `o${other}`, gone: true }), "");
    }
    server.publish(SUBJECTS.here, encodeJson({ ...info, id: "new" }), "");
    expect(one.members().map(({ id }) => id)).toEqual([one.id, "new"]);
  });
});
