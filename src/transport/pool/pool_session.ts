/** One client's session with one member of a pool. */
import type { DaemonConnection } from "../../core/platform.ts";
import type { CallReply, CallRequest } from "../../core/call.ts";
import { type MemberInfo, readNews } from "../../nats/presence.ts";
import type { RuntimeConnection } from "../connection.ts";
import { handshake } from "../handshake.ts";
import { Link } from "../link.ts";
import { ClientSession } from "../session/client_session.ts";
import { connectionLost } from "../failures.ts";
import type { ClientSockets } from "./client_sockets.ts";

export interface SessionOptions extends DaemonConnection {
  /** For messages. */
  readonly address: string;
  readonly sockets: ClientSockets;
  /** Where it is opened: with whoever the queue group picks, or with one member. */
  readonly subject: string;
  readonly timeoutMs: number;
  readonly elsewhere: (request: CallRequest) => Promise<CallReply>;
  readonly onUnusable: (session: PoolSession) => void;
  /** Members that were told of. */
  readonly onMembers: (members: readonly MemberInfo[]) => void;
}

export class PoolSession {
  readonly link: Link;
  readonly connection: RuntimeConnection;
  member: MemberInfo;
  /** What the member has to do for others, as it said last. */
  #others = 0;

  private constructor(link: Link, connection: RuntimeConnection, member: MemberInfo) {
    this.link = link;
    this.connection = connection;
    this.member = member;
  }

  /** The fewer the better. */
  get load(): number {
    return this.#others + this.connection.openCalls;
  }

  heard(member: MemberInfo): void {
    this.member = member;
    this.#others = Math.max(0, member.calls - this.connection.openCalls);
  }

  static async open(options: SessionOptions): Promise<PoolSession> {
    const { address, sockets, subject, clock, token, timeoutMs, onMembers } = options;
    const slot: { session?: PoolSession; member?: MemberInfo } = {};
    const onNews = (payload: Uint8Array) => {
      const { member, members } = readNews(payload);
      if (member !== undefined) {
        slot.member = member;
        slot.session?.heard(member);
      }
      if (members.length > 0) onMembers(members);
    };
    const link = await Link.over(address, (handlers) => sockets.open(subject, handlers, onNews));
    return await handshake(link, { clock, token, timeoutMs }, (answer) => {
      // A member accepts before it answers the greeting; base is for programs that know no pools.
      if (answer === "base" || slot.member === undefined) {
        const error = connectionLost(address, new Error("it does not speak the session protocol"));
        link.fail(error);
        throw error;
      }
      const connection = new ClientSession(link, answer, {
        clock,
        onUnusable: () => slot.session && options.onUnusable(slot.session),
        elsewhere: options.elsewhere,
      });
      slot.session = new PoolSession(link, connection, slot.member);
      return slot.session;
    });
  }
}
