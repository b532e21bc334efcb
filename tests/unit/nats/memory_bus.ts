/** NATS' rules of delivery in memory: subjects with `*`, queue groups, answers when nobody subscribes. */
import type { Bus, BusMessage, OnMessage } from "../../../src/nats/bus.ts";

interface Subscription {
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly onMessage: OnMessage;
}

export class MemoryServer {
  readonly #subscriptions = new Set<Subscription>();
  /** Everything that was published. */
  readonly published: BusMessage[] = [];
  /** What becomes of a message: not delivered, once, or several times. */
  copies: (message: BusMessage) => number = () => 1;

  bus(maxPayload: number = 1024 * 1024): MemoryBus {
    return new MemoryBus(this, maxPayload);
  }

  publish(subject: string, data: Uint8Array, reply: string): void {
    const message = { subject, data: data.slice(), reply, nobody: false };
    this.published.push(message);
    for (let copy = this.copies(message); copy > 0; copy--) {
      if (this.#deliver(message) === 0 && reply !== "") {
        this.#deliver({ subject: reply, data: new Uint8Array(0), reply: "", nobody: true });
      }
    }
  }

  #deliver(message: BusMessage): number {
    const all = [...this.#subscriptions].filter(({ pattern }) => fits(pattern, message.subject));
    const groups = new Set<string>();
    const chosen = all.filter(({ queue }) => {
      if (queue === undefined) return true;
      if (groups.has(queue)) return false;
      groups.add(queue);
      return true;
    });
    for (const { onMessage } of chosen) onMessage(message);
    return chosen.length;
  }

  subscribe(subscription: Subscription): () => void {
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }
}

export class MemoryBus implements Bus {
  readonly maxPayload: number;
  connected = true;
  closed = false;
  /** Flushes that the server has not answered. */
  readonly flushes: (() => void)[] = [];
  /** Answers flushes at once. */
  prompt = true;
  readonly #server: MemoryServer;
  readonly #whenConnected = new Set<() => void>();

  constructor(server: MemoryServer, maxPayload: number) {
    this.#server = server;
    this.maxPayload = maxPayload;
  }

  publish(subject: string, data: Uint8Array, reply = ""): void {
    if (data.length > this.maxPayload) throw new Error("max_payload size exceeded");
    if (this.connected) this.#server.publish(subject, data, reply);
  }

  subscribe(pattern: string, onMessage: OnMessage, queue?: string): () => void {
    const take = (message: BusMessage) => this.connected && onMessage(message);
    return this.#server.subscribe({ pattern, queue, onMessage: take });
  }

  flush(): Promise<void> {
    return this.prompt ? Promise.resolve() : new Promise((done) => this.flushes.push(done));
  }

  onConnected(callback: () => void): () => void {
    this.#whenConnected.add(callback);
    return () => this.#whenConnected.delete(callback);
  }

  reconnect(): Promise<void> {
    return Promise.resolve();
  }

  /** The connection to the server is there again. */
  back(): void {
    this.connected = true;
    for (const callback of this.#whenConnected) callback();
  }

  onClosed(): void {}
  keepAlive(): void {}

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

function fits(pattern: string, subject: string): boolean {
  const [want, have] = [pattern.split("."), subject.split(".")];
  return want.length === have.length && want.every((part, at) => part === "*" || part === have[at]);
}
