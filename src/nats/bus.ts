/** What a pool needs of a connection to NATS, whoever makes it. */

export interface BusMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Where the sender wants an answer; empty: nowhere. */
  readonly reply: string;
  /** The server says that nobody subscribes to what was sent with this subject as its reply. */
  readonly nobody: boolean;
}

export type OnMessage = (message: BusMessage) => void;

export interface Bus {
  /** Largest payload that the server takes, in bytes. */
  readonly maxPayload: number;
  /** False while the connection to the servers is lost. What is published then may never arrive. */
  readonly connected: boolean;
  publish(subject: string, data: Uint8Array, reply?: string): void;
  /** Messages of a queue group go to one of its subscribers. Returns how to end the subscription. */
  subscribe(subject: string, onMessage: OnMessage, queue?: string): () => void;
  /** Resolves when the server has everything that was published; rejects if the connection is lost before. */
  flush(): Promise<void>;
  /** Called when the connection is back; returns how to stop that. */
  onConnected(callback: () => void): () => void;
  /** Called once the connection is closed for good, with the reason if it was not asked for. */
  onClosed(callback: (error: Error | undefined) => void): void;
  /** Tries another connection in place of one that is only said to be there. Rejects never. */
  reconnect(): Promise<void>;
  /** Whether the connection keeps the process alive; at first it does. */
  keepAlive(on: boolean): void;
  /** Sends what was published, then closes. Idempotent. */
  close(): Promise<void>;
}
