/** A client that can do everything a real one must not: half frames, garbage, sending without credit, silence. */
import { connect, type Socket } from "node:net";
import type { CallRequest } from "../../../../src/core/call.ts";
import type { SocketAddress } from "../../../../src/core/platform.ts";
import {
  type CallHead,
  callHead,
  callStart,
  type Codec,
  type CreditUpdate,
  creditUpdate,
  data,
  encodePayload,
  type End,
  end,
  type ExecuteRequest,
  executeRequest,
  type ExecuteResponse,
  executeResponse,
  FrameReader,
  type GoAway,
  goAway,
  type HealthResponse,
  healthResponse,
  type Hello,
  hello,
  MessageType,
  type Welcome,
  welcome,
} from "../../../../src/wire/mod.ts";
import { startOf } from "../../../support/call_start.ts";

export type Received =
  | { type: "response"; message: ExecuteResponse }
  | { type: "health"; message: HealthResponse }
  | { type: "welcome"; message: Welcome }
  | { type: "head"; message: CallHead }
  | { type: "data"; callId: number; bytes: Uint8Array }
  | { type: "end"; message: End }
  | { type: "credit"; message: CreditUpdate }
  | { type: "goAway"; message: GoAway };

const NO_BYTES = new Uint8Array(0);

export function frame(type: number, payload: Uint8Array = NO_BYTES): Uint8Array {
  const bytes = new Uint8Array(5 + payload.length);
  new DataView(bytes.buffer).setUint32(0, payload.length + 1);
  bytes[4] = type;
  bytes.set(payload, 5);
  return bytes;
}

export function encoded<M>(codec: Codec<M>, message: M): Uint8Array {
  return frame(codec.type, encodePayload(codec, message));
}

export class WireClient {
  readonly socket: Socket;
  /** Everything that came, in order, until {@link next} takes it out. */
  readonly received: Received[] = [];
  closed = false;
  /** Gives connection credit back as bytes arrive, as a real client does; else {@link body} does when it takes them. */
  prompt = false;
  #waiting: (() => void)[] = [];

  constructor(address: SocketAddress) {
    this.socket = address.kind === "unix"
      ? connect(address.path)
      : connect(address.port, address.host);
    const reader = new FrameReader((type, payload) => {
      const one = decode(type, payload.slice());
      if (one.type === "data" && this.prompt) this.grant(0, one.bytes.length);
      this.received.push(one);
      this.#wake();
    });
    this.socket.on("data", (bytes: Uint8Array) => reader.push(bytes));
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  bytes(...parts: Uint8Array[]): void {
    for (const part of parts) this.socket.write(part);
  }

  send<M>(codec: Codec<M>, message: M): void {
    this.bytes(encoded(codec, message));
  }

  async hello(options: Partial<Hello> = {}): Promise<void> {
    this.send(hello, {
      version: 1,
      features: 0,
      maxFrameBytes: 0,
      client: "test",
      token: "",
      callCredit: 256 * 1024,
      connectionCredit: 1024 * 1024,
      ...options,
    });
    await this.next("welcome");
  }

  start(callId: number, options: Partial<CallRequest & { bodyFollows: boolean }> = {}): void {
    const { bodyFollows = false, ...call } = options;
    this.send(callStart, startOf(callId, call, bodyFollows));
  }

  grant(callId: number, bytes: number): void {
    this.send(creditUpdate, { creditDelta: bytes, totalCredits: 0, callId });
  }

  /** Takes out the first message of that type, for that call where one is named, waiting for it. */
  async next<T extends Received["type"]>(
    type: T,
    callId?: number,
  ): Promise<Extract<Received, { type: T }>> {
    for (;;) {
      const index = this.received.findIndex((one) =>
        one.type === type && (callId === undefined || callIdOf(one) === callId)
      );
      if (index >= 0) {
        return this.received.splice(index, 1)[0] as Extract<Received, { type: T }>;
      }
      if (this.closed) {
        throw new Error(`closed without ${type}; got ${this.received.map((one) => one.type)}`);
      }
      await this.#more();
    }
  }

  async untilClosed(): Promise<void> {
    while (!this.closed) await this.#more();
  }

  /** A whole response body with its credit given back at once. */
  async body(callId: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const index = this.received.findIndex((one) =>
        (one.type === "data" || one.type === "end") && callIdOf(one) === callId
      );
      const [one] = index < 0 ? [] : this.received.splice(index, 1);
      if (one?.type === "data") {
        chunks.push(one.bytes);
        this.grant(callId, one.bytes.length);
        if (!this.prompt) this.grant(0, one.bytes.length);
      } else if (one?.type === "end") {
        if (one.message.error !== undefined) throw one.message.error;
        return concat(chunks);
      } else if (this.closed) throw new Error("closed in the middle of a body");
      else await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  close(): void {
    this.socket.destroy();
  }
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** An ExecuteRequest as the existing clients write it. */
export function baseRequest(
  requestId: number,
  payload: unknown,
  options: Partial<ExecuteRequest> = {},
): Uint8Array {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return encoded(executeRequest, {
    requestId: BigInt(requestId),
    tenantId: "acme",
    workspaceId: "prod",
    traceId: "",
    connector: "http",
    operation: "request",
    deadlineAtMs: 0,
    payload: new TextEncoder().encode(text),
    headers: [],
    ...options,
  });
}

export interface BaseBody {
  status_code: number;
  headers: Record<string, string>;
  body: string;
  is_streaming: boolean;
  body_base64?: string;
  body_encoding?: string;
}

export function baseBody(response: ExecuteResponse): BaseBody {
  return JSON.parse(new TextDecoder().decode(response.payload)) as BaseBody;
}

function callIdOf(one: Received): number | undefined {
  switch (one.type) {
    case "data":
      return one.callId;
    case "head":
    case "end":
    case "credit":
      return one.message.callId;
    default:
      return undefined;
  }
}

function decode(type: number, payload: Uint8Array): Received {
  switch (type) {
    case MessageType.ExecuteResponse:
      return { type: "response", message: executeResponse.decode(payload) };
    case MessageType.HealthResponse:
      return { type: "health", message: healthResponse.decode(payload) };
    case MessageType.Welcome:
      return { type: "welcome", message: welcome.decode(payload) };
    case MessageType.CallHead:
      return { type: "head", message: callHead.decode(payload) };
    case MessageType.Data: {
      const { callId, bytes } = data.decode(payload);
      return { type: "data", callId, bytes };
    }
    case MessageType.End:
      return { type: "end", message: end.decode(payload) };
    case MessageType.CreditUpdate:
      return { type: "credit", message: creditUpdate.decode(payload) };
    case MessageType.GoAway:
      return { type: "goAway", message: goAway.decode(payload) };
  }
  throw new Error(`unexpected message type ${type}`);
}
