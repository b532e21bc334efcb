/** A runtime's place in a pool: it takes sessions that clients open over NATS, and says how it is doing. */
import type { Clock } from "../core/clock.ts";
import type { ByteSocket, SocketHandlers } from "../core/platform.ts";
import { Answers } from "./answers.ts";
import type { Bus, BusMessage } from "./bus.ts";
import { Packet, readPacket, unknown } from "./packet.ts";
import {
  decodeJson,
  encodeJson,
  type MemberInfo,
  Presence,
  readNews,
  toMemberInfo,
} from "./presence.ts";
import { Pulse } from "./pulse.ts";
import { MEMBERS, randomId, type Subjects, subjectsOf } from "./subjects.ts";
import { VirtualSocket } from "./virtual_socket.ts";

export interface MemberOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly pool: string;
  /** Takes a client's connection, as a listener does. Must not throw. */
  readonly accept: (socket: ByteSocket) => SocketHandlers;
  /** How it is now. */
  readonly state: () => Omit<MemberInfo, "id" | "gone">;
}

/** What is sent of other members with an Accept: enough to choose from. */
const MOST_TOLD = 64;
const MOST_LISTED = 500;
/** Sessions of which nothing was heard since their opening: it costs whoever floods us a few bytes, and a session is kept for seconds. */
export const MOST_SILENT = 2_048;

export class Member {
  readonly id: string = randomId();
  readonly #options: MemberOptions;
  readonly #subjects: Subjects;
  readonly #presence: Presence;
  readonly #pulse: Pulse;
  readonly #answers: Answers;
  readonly #sockets = new Map<string, VirtualSocket>();
  /** Of those, the ones that were opened and have said nothing since. */
  readonly #silent = new Set<string>();
  readonly #stops: (() => void)[] = [];
  /** Of the subscriptions that bring new clients. */
  readonly #stopsOfCalls: (() => void)[] = [];
  #timer: unknown;
  /** Messages that could not be read, or were too many. */
  refused = 0;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#answers = new Answers(options.bus);
    this.#subjects = subjectsOf(options.pool);
    this.#presence = new Presence(options.clock);
    this.#pulse = new Pulse(options.clock);
  }

  /** Resolves when the server knows of it, so that clients can find it. */
  async start(): Promise<void> {
    const { bus } = this.#options;
    const { here, list, call, callTo, client, member } = this.#subjects;
    const listen = (subject: string, take: (message: BusMessage) => void, queue?: string) =>
      bus.subscribe(subject, (message) => this.#safely(take, message), queue);
    const answer = client(this.id, "list");
    this.#stops.push(listen(answer, ({ data }) => this.#told(data)));
    // Before it would be asked itself. Those that are there speak by themselves, but only with their next beat.
    bus.publish(list, new Uint8Array(0), answer);
    this.#stops.push(
      listen(here, (message) => this.#heard(message)),
      listen(member(this.id, "*"), (message) => this.#packet(message)),
      listen(list, (message) => this.#list(message), MEMBERS),
      bus.onConnected(() => this.#connected()),
    );
    this.#stopsOfCalls.push(
      listen(call, (message) => this.#open(message), MEMBERS),
      listen(callTo(this.id), (message) => this.#open(message)),
    );
    this.#presence.heard(this.#info());
    this.#beat();
    // A connection that is lost now is made again, with its subscriptions.
    await bus.flush().catch(() => {});
  }

  /** All members that it knows of, itself included. */
  members(): MemberInfo[] {
    this.#presence.heard(this.#info());
    return this.#presence.list();
  }

  get sessions(): number {
    return this.#sockets.size;
  }

  /** Takes no new clients; those that are there stay. Resolves when the server knows. */
  async leaveCalls(): Promise<void> {
    for (const stop of this.#stopsOfCalls.splice(0)) stop();
    this.#say();
    await this.#options.bus.flush().catch(() => {});
  }

  /** Ends everything; the connection to NATS stays open. */
  close(): void {
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const stop of [...this.#stopsOfCalls.splice(0), ...this.#stops.splice(0)]) stop();
    for (const socket of [...this.#sockets.values()]) socket.destroy();
    this.#options.bus.publish(
      this.#subjects.here,
      encodeJson({ ...this.#info(), gone: true } satisfies MemberInfo),
    );
  }

  // --- messages

  /** One that we cannot bear must not end the process. */
  #safely(take: (message: BusMessage) => void, message: BusMessage): void {
    try {
      take(message);
    } catch {
      this.refused++;
    }
  }

  #open(message: BusMessage): void {
    const { bus, clock, accept } = this.#options;
    const packet = readPacket(message.data);
    if (
      packet === undefined || packet.kind !== Packet.Open || packet.number !== 0 ||
      !this.#subjects.isClient(message.reply) ||
      this.#silent.size >= MOST_SILENT || this.#answers.full
    ) {
      this.refused++;
      return;
    }
    const session = randomId();
    const own = this.#subjects.member(this.id, session);
    const slot: { handlers?: SocketHandlers } = {};
    const socket: VirtualSocket = new VirtualSocket({
      bus,
      now: clock.monotonic(),
      own,
      peer: message.reply,
      stream: crypto.getRandomValues(new Uint32Array(1))[0]!,
      handlers: {
        data: (bytes) => slot.handlers?.data(bytes),
        drain: () => slot.handlers?.drain(),
        close: (error) => slot.handlers?.close(error),
      },
      beat: () => encodeJson({ member: this.#info() }),
      onGone: () => {
        this.#sockets.delete(session);
        this.#silent.delete(session);
        this.#pulse.remove(socket);
      },
    });
    this.#sockets.set(session, socket);
    this.#silent.add(session);
    this.#pulse.add(socket);
    const introduction = this.#introduction();
    this.#answers.count(introduction);
    socket.accept(introduction);
    slot.handlers = accept(socket);
    socket.receive(packet, message.reply, clock.monotonic());
  }

  #packet({ subject, data, reply, nobody }: BusMessage): void {
    const session = subject.slice(subject.lastIndexOf(".") + 1);
    const socket = this.#sockets.get(session);
    const packet = readPacket(data);
    if (nobody) socket?.nobody();
    else if (packet === undefined) this.refused++;
    else if (socket !== undefined) {
      this.#silent.delete(session);
      socket.receive(packet, reply, this.#options.clock.monotonic());
    } else if (packet.kind === Packet.Beat && this.#subjects.isClient(reply)) {
      if (!this.#answers.say(reply, unknown(packet))) this.refused++;
    }
  }

  #heard({ data }: BusMessage): void {
    const info = toMemberInfo(decodeJson(data));
    if (info === undefined) this.refused++;
    else if (info.id !== this.id) this.#presence.heard(info);
  }

  #told(data: Uint8Array): void {
    for (const info of readNews(data).members) {
      if (info.id !== this.id) this.#presence.heard(info);
    }
  }

  #list({ reply }: BusMessage): void {
    // Before it is made: that costs more than to send it.
    const said = this.#subjects.isClient(reply) && !this.#answers.full &&
      this.#answers.say(reply, this.#tell(MOST_LISTED));
    if (!said) this.refused++;
  }

  #connected(): void {
    for (const socket of this.#sockets.values()) socket.drained();
    this.#say();
  }

  // --- itself

  #info(): MemberInfo {
    return { id: this.id, ...this.#options.state() };
  }

  #introduction(): Uint8Array {
    return this.#tell(MOST_TOLD);
  }

  /** As many members as the server lets through, by chance, so that clients spread. */
  #tell(most: number): Uint8Array {
    const own = this.#info();
    const others = shuffled(this.members().filter(({ id }) => id !== this.id));
    for (let count = Math.min(most, others.length);; count = Math.floor(count / 2)) {
      const bytes = encodeJson({ member: own, members: [own, ...others.slice(0, count)] });
      if (count === 0 || bytes.length < this.#options.bus.maxPayload / 2) return bytes;
    }
  }

  #say(): void {
    const { bus } = this.#options;
    if (bus.connected) bus.publish(this.#subjects.here, encodeJson(this.#info()));
  }

  #beat(): void {
    this.#say();
    this.#timer = this.#options.clock.setTimeout(() => this.#beat(), this.#presence.everyMs);
  }
}

function shuffled<T>(all: readonly T[]): T[] {
  const list = [...all];
  for (let at = list.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [list[at], list[other]] = [list[other]!, list[at]!];
  }
  return list;
}
