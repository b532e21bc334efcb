/** A call that is sent when its outcome is wanted. */
import { webResponse } from "../../client/web_response.ts";
import { apiRequestId } from "../answer/api_error.ts";
import type { ConnectorClient } from "./client.ts";
import { decode, send } from "./execute.ts";
import { prepare, type Work } from "./work.ts";
import type { CallOptions } from "../data/options.ts";
import type { OperationData } from "../data/operation.ts";
import type { Exchange } from "../data/request.ts";

export interface WithResponse<T> {
  readonly data: T;
  /** Status and headers; the body was read into `data`. */
  readonly response: Response;
  /** The API's request id if it sends one; else the runtime's. */
  readonly requestId: string;
  /** Attempts made upstream. */
  readonly attempts: number;
  /** Of these, hedges: sent while others were not answered yet. */
  readonly hedges: number;
  /** Time from arrival at the runtime to the response head, in microseconds. */
  readonly durationUs: number;
  /** The part spent between attempts. */
  readonly waitedUs: number;
  /** The part spent in the runtime's own queues. */
  readonly queuedUs: number;
}

/**
 * A promise of the parsed value that sends nothing until it is awaited or asked for its response, and then sends once,
 * however often it is asked.
 */
export class Call<T> implements Promise<T> {
  readonly kind: "value" | "stream" | "pages" = "value";
  readonly #work: Work;
  readonly #decode: (work: Work, exchange: Exchange) => T | Promise<T>;
  #exchange: Promise<Exchange> | undefined;
  #value: Promise<T> | undefined;

  constructor(work: Work, decodeExchange: (work: Work, exchange: Exchange) => T | Promise<T>) {
    this.#work = work;
    this.#decode = decodeExchange;
  }

  get [Symbol.toStringTag](): string {
    return "Call";
  }

  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#parsed().then(fulfilled, rejected);
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#parsed().catch(rejected);
  }

  finally(done?: (() => void) | null): Promise<T> {
    return this.#parsed().finally(done);
  }

  /** Resolves with the response, body unread. Failures by status still reject. Do not also await the value: a body is read once. */
  async asResponse(): Promise<Response> {
    const { reply } = await this.#sent();
    return webResponse(reply, reply.body);
  }

  async withResponse(): Promise<WithResponse<T>> {
    const data = await this.#parsed();
    const { reply } = await this.#sent();
    const requestId = apiRequestId(this.#work.client.connector.errors, reply);
    let response: Response | undefined;
    return {
      data,
      // Made for whoever looks at it: most only want the figures.
      get response() {
        return response ??= webResponse(reply, null);
      },
      requestId,
      attempts: reply.attempts,
      hedges: reply.hedges ?? 0,
      durationUs: reply.durationUs,
      waitedUs: reply.waitedUs ?? 0,
      queuedUs: reply.queuedUs ?? 0,
    };
  }

  #sent(): Promise<Exchange> {
    return this.#exchange ??= send(this.#work);
  }

  #parsed(): Promise<T> {
    return this.#value ??= this.#sent().then((exchange) => this.#decode(this.#work, exchange));
  }
}

export function call<T>(
  client: ConnectorClient,
  operation: OperationData,
  input?: unknown,
  options?: CallOptions,
): Call<T> {
  return new Call<T>(
    prepare(client, operation, input, options),
    (work, exchange) => decode(work, exchange) as T | Promise<T>,
  );
}
