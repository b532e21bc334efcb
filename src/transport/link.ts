/** A socket to a runtime with its framing: whole frames in, whole frames out, one notice when it is gone. */
import { type ConnectorError, toConnectorError } from "../core/errors.ts";
import type { ByteSocket, Platform, SocketAddress, SocketHandlers } from "../core/platform.ts";
import { FrameReader, MessageWriter, type OnFrame, Outbox } from "../wire/mod.ts";
import { formatAddress } from "./address.ts";
import { connectionLost } from "./failures.ts";

export interface DialOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export class Link {
  readonly address: string;
  readonly writer: MessageWriter;
  readonly #outbox: Outbox;
  readonly #reader: FrameReader;
  #socket: ByteSocket | undefined;
  #failure: ConnectorError | undefined;
  #onFrame: OnFrame = () => {};
  #onLost: (error: ConnectorError) => void = () => {};

  private constructor(address: string) {
    this.address = address;
    this.#outbox = new Outbox(undefined, {
      onOverflow: (bytes) =>
        this.fail(
          connectionLost(address, new Error(`${bytes} unsent bytes: the runtime does not read`)),
        ),
    });
    this.writer = new MessageWriter(this.#outbox);
    this.#reader = new FrameReader((type, payload) => this.#onFrame(type, payload));
  }

  /** Rejects with the platform's ConnectorError if nothing answers. */
  static dial(platform: Platform, address: SocketAddress, options: DialOptions): Promise<Link> {
    return Link.over(
      formatAddress(address),
      (handlers) => platform.dial(address, handlers, options),
    );
  }

  /** Over a socket that is opened for these handlers. */
  static async over(
    address: string,
    open: (handlers: SocketHandlers) => ByteSocket | Promise<ByteSocket>,
  ): Promise<Link> {
    const link = new Link(address);
    const socket = await open({
      data: (bytes) => link.#data(bytes),
      drain: () => link.#outbox.drained(),
      close: (error) => link.fail(connectionLost(address, error)),
    });
    link.#socket = socket;
    if (link.#failure === undefined) link.#outbox.attach(socket);
    else socket.destroy();
    return link;
  }

  /** Why the link is gone; undefined while it is alive. */
  get failure(): ConnectorError | undefined {
    return this.#failure;
  }

  /** Receives frames and the notice of loss, which comes at once if the link is already lost. */
  listen(onFrame: OnFrame, onLost: (error: ConnectorError) => void): void {
    this.#onFrame = onFrame;
    this.#onLost = onLost;
    if (this.#failure !== undefined) onLost(this.#failure);
  }

  keepAlive(on: boolean): void {
    this.#socket?.keepAlive?.(on);
  }

  /** Ends the link at once; the listener gets the reason. Idempotent. */
  fail(error: ConnectorError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#reader.stop();
    this.#socket?.destroy();
    this.#onLost(error);
  }

  /** Ends the link after everything written was sent. */
  end(error: ConnectorError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#reader.stop();
    this.#outbox.close();
    this.#socket?.end();
    this.#onLost(error);
  }

  #data(bytes: Uint8Array): void {
    try {
      this.#reader.push(bytes);
    } catch (error) {
      // A peer that breaks the protocol: nothing that follows on this connection can be trusted.
      const broken = toConnectorError(error);
      this.fail(connectionLost(this.address, broken));
    }
  }
}
