/** An in-memory runtime that sends exactly what a test wants, behind the same Platform interface as real ones. */
import { openDaemon } from "../../../src/platform/shared/open_daemon.ts";
import type { CallRequest } from "../../../src/core/call.ts";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import type { ByteSocket, Platform, SocketHandlers } from "../../../src/core/platform.ts";
import {
  type CallHead,
  callHead,
  callStart,
  cancel,
  type Codec,
  creditUpdate,
  data,
  end,
  type ExecuteRequest,
  executeRequest,
  executeResponse,
  FrameReader,
  type GoAway,
  goAway,
  healthResponse,
  type Hello,
  hello,
  MessageType,
  MessageWriter,
  Outbox,
  welcome,
} from "../../../src/wire/mod.ts";

import { concat, encoded } from "../daemon/support/wire_client.ts";

export type Greets = "session" | "base" | "silent" | "refuse" | "hang-up" | "nonsense";

/** One accepted connection: what arrived, and how to answer. */
export type Started = CallRequest & { readonly callId: number; readonly bodyFollows: boolean };

export class FakeConnection {
  hello: Hello | undefined;
  readonly starts: Started[] = [];
  readonly requests: ExecuteRequest[] = [];
  readonly cancelled: number[] = [];
  readonly ended: number[] = [];
  readonly grants: { callId: number; bytes: number }[] = [];
  readonly uploads: Map<number, number[]> = new Map();
  healthChecks = 0;
  closed = false;
  keptAlive = true;
  readonly #handlers: SocketHandlers;
  readonly #writer: MessageWriter;
  readonly #outbox: Outbox;

  constructor(handlers: SocketHandlers, greets: Greets, runtime: FakeRuntime) {
    this.#handlers = handlers;
    const toClient: ByteSocket = {
      write: (bytes) => {
        if (!this.closed) handlers.data(bytes);
        return bytes.length;
      },
      pause() {},
      resume() {},
      end() {},
      destroy() {},
    };
    this.#outbox = new Outbox(toClient);
    this.#writer = new MessageWriter(this.#outbox);
    const reader = new FrameReader((type, payload) => this.#frame(type, payload, greets, runtime));
    this.socket = {
      // Bytes reach the other side later, as on any socket.
      write: (bytes) => {
        const copy = bytes.slice();
        queueMicrotask(() => this.closed || reader.push(copy));
        return bytes.length;
      },
      pause() {},
      resume() {},
      end: () => this.kill(),
      destroy: () => this.kill(),
      keepAlive: (on) => this.keptAlive = on,
    };
  }

  readonly socket: ByteSocket;

  send<M>(codec: Codec<M>, message: M): void {
    this.#writer.send(codec, message);
    this.#outbox.flush();
  }

  head(callId: number, change: Partial<CallHead> = {}): void {
    this.send(callHead, {
      callId,
      status: 200,
      headers: [],
      body: new Uint8Array(0),
      bodyFollows: false,
      attempts: 1,
      durationUs: 1,
      requestId: `r${callId}`,
      url: "",
      ...change,
    });
  }

  data(callId: number, bytes: Uint8Array): void {
    this.send(data, { callId, bytes });
  }

  end(callId: number, error?: ConnectorError): void {
    this.send(end, { callId, trailers: [], error });
  }

  raw(bytes: Uint8Array): void {
    this.#handlers.data(bytes);
  }

  /** The process is gone. */
  kill(error?: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.#handlers.close(error);
  }

  #frame(type: number, payload: Uint8Array, greets: Greets, runtime: FakeRuntime): void {
    switch (type) {
      case MessageType.Hello:
        this.hello = hello.decode(payload);
        return this.#greet(greets, runtime);
      case MessageType.CallStart: {
        const { callId, bodyFollows, call } = callStart.decode(payload);
        const body = call.body instanceof Uint8Array ? call.body.slice() : null;
        const start: Started = { ...call, callId, bodyFollows, body };
        this.starts.push(start);
        return runtime.onStart(this, start);
      }
      case MessageType.Data: {
        const { callId, bytes } = data.decode(payload);
        const sizes = this.uploads.get(callId) ?? [];
        sizes.push(bytes.length);
        this.uploads.set(callId, sizes);
        return;
      }
      case MessageType.End:
        this.ended.push(end.decode(payload).callId);
        return;
      case MessageType.Cancel:
        this.cancelled.push(cancel.decode(payload).callId);
        return;
      case MessageType.CreditUpdate: {
        const { callId, creditDelta } = creditUpdate.decode(payload);
        this.grants.push({ callId, bytes: creditDelta });
        return;
      }
      case MessageType.ExecuteRequest: {
        const request = executeRequest.decode(payload);
        this.requests.push({ ...request, payload: request.payload.slice() });
        return runtime.onRequest(this, request);
      }
      case MessageType.HealthCheck:
        this.healthChecks++;
        if (runtime.mute) return;
        if (greets === "base") return this.answerInvalid();
        this.send(healthResponse, {
          healthy: true,
          message: `check ${this.healthChecks}`,
          activeRequests: 7,
          availableCredits: 8,
        });
    }
  }

  answerInvalid(): void {
    this.send(executeResponse, {
      requestId: 0n,
      errorClass: ErrorClass.InvalidRequest,
      errorMessage: "Invalid FlatBuffers message",
      payload: new Uint8Array(0),
      durationUs: 0,
    });
  }

  #greet(greets: Greets, runtime: FakeRuntime): void {
    switch (greets) {
      case "session":
        return this.raw(concat([
          encoded(welcome, {
            version: 1,
            features: 0,
            maxFrameBytes: 10 * 1024 * 1024,
            server: "fake",
            ...runtime.limits,
          }),
          runtime.rightBehind,
        ]));
      case "base":
        return this.answerInvalid();
      case "refuse":
        this.send(goAway, runtime.refusal);
        return this.kill();
      case "hang-up":
        return this.kill(new Error("ECONNRESET"));
      case "nonsense":
        return this.raw(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
      case "silent":
    }
  }
}

export class FakeRuntime {
  readonly connections: FakeConnection[] = [];
  greets: Greets = "session";
  /** Sent in one piece with the Welcome. */
  rightBehind: Uint8Array = new Uint8Array(0);
  refusal: GoAway = { code: "auth.refused", message: "unknown token" };
  /** Paths or ports where nothing listens. */
  readonly refused: Set<string> = new Set();
  limits: { callCredit: number; connectionCredit: number; maxOpenCalls: number } = {
    callCredit: 256 * 1024,
    connectionCredit: 1024 * 1024,
    maxOpenCalls: 10_000,
  };
  onStart: (connection: FakeConnection, start: Started) => void = (c, start) =>
    c.head(start.callId);
  onRequest: (connection: FakeConnection, request: ExecuteRequest) => void = () => {};
  dials = 0;
  /** Health checks go unanswered. */
  mute = false;

  readonly platform: Platform = {
    name: "node",
    dial: async (address, handlers) => {
      this.dials++;
      await Promise.resolve();
      const key = address.kind === "unix" ? address.path : String(address.port);
      if (this.refused.has(key)) {
        throw new ConnectorError({
          errorClass: ErrorClass.Transient,
          code: "connect.refused",
          message: `nobody listens at ${key}`,
        });
      }
      const connection = new FakeConnection(handlers, this.greets, this);
      this.connections.push(connection);
      return connection.socket;
    },
    openDaemon: (address, options) => openDaemon(this.platform, address, options),
    createUpstream: () => Promise.reject(new Error("not here")),
    env: () => undefined,
  };

  get last(): FakeConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error("nobody connected");
    return connection;
  }
}
