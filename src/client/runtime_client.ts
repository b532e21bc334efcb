/** The client: the one way to a runtime, wherever it runs. */
import type { CallReply, CallRequest, Health, Transport } from "../core/call.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../core/errors.ts";
import type { AdmissionFigures, Engine, EngineStats } from "../engine/engine.ts";
import { telemetry, traced } from "../telemetry/mod.ts";
import { findDaemon, formatAddress, openTransport } from "../transport/mod.ts";
import { defaultPlatform } from "./default_platform.ts";
import { createFetch, type Fetch } from "./fetch.ts";
import type { Job, JobClient, SubmitOptions } from "./jobs/jobs.ts";
import {
  checkAllowRules,
  DEFAULT_SOCKET_PATH,
  type ResolvedOptions,
  resolveOptions,
  type RuntimeClientOptions,
} from "./options.ts";
import { type ClientRequest, type HTTPRequest, toCallRequest } from "./request.ts";
import {
  type HTTPResponse,
  type HTTPStreamResponse,
  toResponse,
  toStreamResponse,
} from "./response.ts";

/** What the engine in this process has done since its start, and what waits in it. */
export interface EngineFigures {
  readonly stats: EngineStats;
  readonly admission: AdmissionFigures;
}

/**
 * Executes HTTP calls through a runtime: the engine in this process, or a daemon behind a socket.
 *
 * ```ts
 * await using client = new RuntimeClient();
 * const response = await client.executeHTTP({ url: "https://api.github.com/zen" });
 * console.log(response.statusCode, response.text());
 * ```
 *
 * Any number of calls may be in flight. The client connects on the first one, once for all of them, and again
 * after a connection was lost.
 */
export class RuntimeClient {
  readonly #options: ResolvedOptions;
  readonly #open: () => Promise<Transport>;
  readonly #ownsTransport: boolean;
  /** What is known before there is a transport. */
  readonly #address: string;
  #transport: Transport | undefined;
  #opening: Promise<Transport> | undefined;
  #closing: Promise<void> | undefined;

  /** WHATWG fetch through the runtime: `new OpenAI({ fetch: client.fetch })`. */
  readonly fetch: Fetch;

  /** Throws an InvalidRequest for invalid options. Nothing is opened before the first call. */
  constructor(options: RuntimeClientOptions = {}) {
    const platform = options.platform ?? defaultPlatform;
    const resolved = resolveOptions(options, platform.env);
    this.#options = resolved;
    if (options.transport === undefined && resolved.address.kind === "embedded") {
      checkAllowRules(options, platform.env);
    }
    this.#transport = options.transport;
    this.#ownsTransport = options.transport === undefined;
    this.#open = async () => {
      const opened = {
        platform,
        fallback: resolved.fallback,
        token: resolved.token,
        connectTimeoutMs: resolved.connectTimeoutMs,
        engine: { ...options.engine, ...(options.egress && { egress: options.egress }) },
        clock: options.clock,
      };
      const daemon = resolved.isOpen ? await findDaemon(DEFAULT_SOCKET_PATH, opened) : undefined;
      return daemon ?? await openTransport(resolved.address, opened);
    };
    this.#address = resolved.isOpen && platform.ownsSocket !== undefined
      ? "unconnected"
      : formatAddress(resolved.address);
    // Begun here, so that it is there for the first call.
    void telemetry();
    this.fetch = createFetch((call) => this.call(call), resolved);
  }

  /** Creates a client and connects it. Rejects with a ConnectorError if nothing answers at the address. */
  static async connect(
    address?: string,
    options: Omit<RuntimeClientOptions, "address" | "transport"> = {},
  ): Promise<RuntimeClient> {
    const client = new RuntimeClient({ ...options, address });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** `embedded:`, `unix:/path` or `tcp://host:port`; of a client that was given none, `unconnected` before its first call. */
  get address(): string {
    return this.#transport?.address ?? this.#address;
  }

  /** The protocol spoken with the runtime: `base` is that of the existing daemon. */
  get protocol(): Transport["protocol"] {
    return this.#transport?.protocol ?? "unconnected";
  }

  /** Connects now instead of on the first call. */
  async connect(): Promise<void> {
    await (await this.#ready()).connect();
  }

  /**
   * Resolves with the HTTP response of any status and its whole body (up to `maxResponseBytes`).
   * Rejects with a ConnectorError if there was no HTTP response.
   */
  executeHTTP(request: HTTPRequest): Promise<HTTPResponse> {
    return this.call(request).then((reply) => toResponse(reply, this.#options.maxResponseBytes));
  }

  /** Resolves with the HTTP response as soon as its head has arrived; its body must be read or cancelled. */
  async streamHTTP(request: HTTPRequest): Promise<HTTPStreamResponse> {
    return toStreamResponse(await this.call(request), this.#options.maxResponseBytes);
  }

  /** The call as connectors make it: resolves with the plain reply, whose body is whole or a stream. */
  call(call: ClientRequest): Promise<CallReply> {
    try {
      const request = toCallRequest(call, this.#options);
      // The common case costs no extra promise: the caller gets the one from the engine or the connection.
      if (
        !(request instanceof Promise) && !(request.body instanceof ReadableStream) &&
        this.#transport !== undefined && this.#closing === undefined
      ) {
        return this.#traced(this.#transport, request);
      }
      return this.#callLater(request);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #callLater(pending: CallRequest | Promise<CallRequest>): Promise<CallReply> {
    // Both at once: a body that cannot be read is the failure of this call, whether or not there is a transport.
    const [transport, request] = await Promise.allSettled([this.#ready(), pending]);
    if (request.status === "rejected") {
      throw toConnectorError(request.reason, { code: "request.body_failed", origin: "caller" });
    }
    const { body } = request.value;
    try {
      if (transport.status === "rejected") throw transport.reason;
      return await this.#traced(transport.value, request.value);
    } catch (error) {
      // A body that nobody starts to read would hold its source (a file, a socket) open forever.
      if (body instanceof ReadableStream && !body.locked) body.cancel(error).catch(() => {});
      throw error;
    }
  }

  #traced(transport: Transport, request: CallRequest): Promise<CallReply> {
    const role = transport.protocol === "embedded" ? "internal" : "client";
    return traced(role, request, (call) => transport.call(call));
  }

  /**
   * Has a pool make the call later, also when this program is gone: at least once, so only calls that may be repeated are taken. Its
   * credentials wait with it, sealed; a runtime that holds them itself is better.
   */
  async submit(call: ClientRequest, options: SubmitOptions = {}): Promise<Job> {
    const { submit } = await import("./jobs/jobs.ts");
    const request = await toCallRequest(call, this.#options);
    return await submit(await this.#jobs(), request, options);
  }

  /** A job that was submitted before, perhaps by another program of this tenant. */
  job(id: string): Job {
    const result: Job["result"] = async (options) => {
      const { job } = await import("./jobs/jobs.ts");
      return await job(await this.#jobs(), id).result(options);
    };
    return { id, result };
  }

  async #jobs(): Promise<JobClient> {
    const [transport, question] = await Promise.all([
      this.#ready(),
      toCallRequest({ url: "vastar:" }, this.#options),
    ]);
    const { maxResponseBytes } = this.#options;
    return { transport, question, maxResponseBytes, clock: undefined };
  }

  /** The state of the runtime. */
  async health(): Promise<Health> {
    return await (await this.#ready()).health();
  }

  /** Of the engine in this process. Undefined where it is in a daemon, whose figures are at its metrics. */
  async figures(): Promise<EngineFigures | undefined> {
    const transport: Transport & Partial<Pick<Engine, "stats" | "admission">> = await this.#ready();
    const { stats, admission } = transport;
    return stats && admission && { stats: stats(), admission: admission() };
  }

  /** Idempotent. Calls in flight end with `client.closed`, as does every later one. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    const transport = this.#transport ?? await this.#opening?.catch(() => undefined);
    if (this.#ownsTransport) await transport?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ready(): Promise<Transport> {
    if (this.#closing !== undefined) throw closedError();
    if (this.#transport !== undefined) return this.#transport;
    this.#opening ??= this.#open();
    try {
      this.#transport = await this.#opening;
    } finally {
      this.#opening = undefined;
    }
    if (this.#closing !== undefined) throw closedError();
    return this.#transport;
  }
}

function closedError(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "client.closed",
    message: "The client was closed: create a new one for further calls",
    origin: "caller",
  });
}
