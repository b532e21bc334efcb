/** The client's ends of virtual connections, over one connection to NATS that opens on demand. */
import type { Clock } from "../../core/clock.ts";
import type { ByteSocket, SocketHandlers } from "../../core/platform.ts";
import type { Bus, BusMessage } from "../../nats/bus.ts";
import { Packet, readPacket, unknown } from "../../nats/packet.ts";
import { Pulse } from "../../nats/pulse.ts";
import { randomId, type Subjects } from "../../nats/subjects.ts";
import { VirtualSocket } from "../../nats/virtual_socket.ts";

export interface ClientSocketsOptions {
  readonly clock: Clock;
  readonly subjects: Subjects;
  readonly openBus: () => Promise<Bus>;
  /** An answer to {@link ClientSockets.list}. */
  readonly onList: (payload: Uint8Array) => void;
  /** Called about every second while connected. */
  readonly onBeat: () => void;
}

const LIST = "list";

export class ClientSockets {
  readonly #options: ClientSocketsOptions;
  readonly #pulse: Pulse;
  readonly #sockets = new Map<string, VirtualSocket>();
  /** Those that keep the process alive. */
  readonly #holding = new Set<object>();
  readonly #beat = { beat: () => this.#options.onBeat() };
  #bus: Promise<Bus> | undefined;
  #open: Bus | undefined;
  #id = "";
  #last = 0;
  #heardAt = 0;

  constructor(options: ClientSocketsOptions) {
    this.#options = options;
    this.#pulse = new Pulse(options.clock);
  }

  /** Rejects with a ConnectorError if no server can be reached. */
  connect(): Promise<Bus> {
    this.#bus ??= this.#connect().catch((error: unknown) => {
      this.#bus = undefined;
      throw error;
    });
    return this.#bus;
  }

  /** Only while connected. Nothing is sent before the first write. */
  open(
    subject: string,
    handlers: SocketHandlers,
    onNews: (payload: Uint8Array) => void,
  ): ByteSocket {
    const bus = this.#open;
    if (bus === undefined) throw new TypeError("there is no connection to NATS");
    const session = String(++this.#last);
    const { clock, subjects } = this.#options;
    const socket: VirtualSocket = new VirtualSocket({
      bus,
      handlers,
      now: clock.monotonic(),
      opening: subject,
      own: subjects.client(this.#id, session),
      onNews,
      onKeepAlive: (on) => this.hold(socket, on),
      onGone: () => {
        this.#sockets.delete(session);
        this.#pulse.remove(socket);
        this.hold(socket, false);
      },
    });
    this.#sockets.set(session, socket);
    this.#pulse.add(socket);
    this.hold(socket, true);
    return socket;
  }

  /** Asks any member for those that it knows of. */
  list(): void {
    const { subjects } = this.#options;
    if (this.#open?.connected !== true) return;
    this.#open.publish(subjects.list, new Uint8Array(0), subjects.client(this.#id, LIST));
  }

  /** Whether `who` needs the connection to keep the process alive. */
  hold(who: object, on: boolean): void {
    const before = this.#holding.size > 0;
    if (on) this.#holding.add(who);
    else this.#holding.delete(who);
    const after = this.#holding.size > 0;
    if (before !== after) this.#open?.keepAlive(after);
  }

  /**
   * Nobody answered an opening. If nothing at all came since, not even that nobody is there, the way to the server is cut, which its
   * client would notice half a minute later.
   */
  async unanswered(since: number): Promise<void> {
    if (this.#heardAt <= since && this.#sockets.size === 0) await this.#open?.reconnect();
  }

  /** Closes the connection to NATS. The next `connect` opens another. */
  async close(): Promise<void> {
    const opened = this.#bus;
    this.#bus = undefined;
    this.#open = undefined;
    this.#pulse.remove(this.#beat);
    await (await opened?.catch(() => undefined))?.close();
  }

  async #connect(): Promise<Bus> {
    const bus = await this.#options.openBus();
    this.#id = randomId();
    bus.subscribe(
      this.#options.subjects.client(this.#id, "*"),
      (message) => this.#message(message),
    );
    bus.onConnected(() => {
      for (const socket of [...this.#sockets.values()]) socket.drained();
    });
    bus.onClosed((error) => {
      if (this.#open === bus) {
        this.#open = undefined;
        this.#bus = undefined;
        this.#pulse.remove(this.#beat);
      }
      // Another may be open by now, with sockets of its own.
      for (const socket of [...this.#sockets.values()]) if (socket.bus === bus) socket.fail(error);
    });
    this.#open = bus;
    this.#pulse.add(this.#beat);
    return bus;
  }

  #message({ subject, data, reply, nobody }: BusMessage): void {
    this.#heardAt = this.#options.clock.monotonic();
    const session = subject.slice(subject.lastIndexOf(".") + 1);
    if (session === LIST) {
      if (!nobody) this.#options.onList(data);
      return;
    }
    const socket = this.#sockets.get(session);
    const packet = readPacket(data);
    if (nobody) socket?.nobody();
    else if (packet === undefined) return;
    else if (socket !== undefined) {
      socket.receive(packet, reply, this.#options.clock.monotonic());
    } else if (packet.kind === Packet.Beat && this.#options.subjects.isMember(reply)) {
      this.#open?.publish(reply, unknown(packet));
    }
  }
}
