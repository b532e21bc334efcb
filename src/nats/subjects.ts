/** The subjects of a pool. All are made of names chosen here and of random ids: no tenant, connector or secret is in any. */

export interface Subjects {
  /** Sessions are opened here; a queue group takes them. */
  readonly call: string;
  /** Members say here that they are there. */
  readonly here: string;
  /** Asks any member for all that it knows of. */
  readonly list: string;
  /** A session opened with this very member. */
  callTo(member: string): string;
  /** What a client sends in a session; `*` for the subscription. */
  member(member: string, session: string): string;
  /** What a client is sent; `*` for the subscription. */
  client(client: string, session: string): string;
  /** Whether a sender may want its answer there: a member must not be made to publish anywhere else. */
  isClient(subject: string): boolean;
  /** The same for a client. */
  isMember(subject: string): boolean;
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** The queue group of all members. */
export const MEMBERS = "members";

/**
 * `user`: the name that a client has with NATS. It is in the subjects of what it is sent, so that the server can keep others from reading
 * that; a user without a name, or with one that no subject can have, is `any`.
 */
export function subjectsOf(pool: string, user = ""): Subjects {
  const of = (kind: string) => `vastar.v1.${kind}.${pool}`;
  const [call, member, client] = [of("call"), of("member"), of("client")];
  const reader = NAME.test(user) ? user : "any";
  const beaten = new RegExp(`^${member.replaceAll(".", "\\.")}(?:\\.[A-Za-z0-9_-]{1,64}){2}$`);
  const answer = new RegExp(`^${client.replaceAll(".", "\\.")}(?:\\.[A-Za-z0-9_-]{1,64}){3}$`);
  return {
    call,
    here: of("here"),
    list: of("list"),
    callTo: (id) => `${call}.${id}`,
    member: (id, session) => `${member}.${id}.${session}`,
    client: (id, session) => `${client}.${reader}.${id}.${session}`,
    isClient: (subject) => answer.test(subject),
    isMember: (subject) => beaten.test(subject),
  };
}

/** 96 random bits: who does not know it cannot send to the session. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
