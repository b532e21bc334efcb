/** Calls that a pool makes later, also when this program is gone. Loaded with the first of them. */
import type { CallReply, CallRequest, Transport } from "../../core/call.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { readLimited } from "../../core/read_limited.ts";
import { LONGEST_WAIT_MS, resultUrl, submitUrl } from "../../nats/jobs/job_url.ts";
import { randomId } from "../../nats/subjects.ts";
import { type HTTPResponse, toResponse } from "../response.ts";

export interface SubmitOptions {
  /**
   * 8 to 64 letters, digits, - and _. The same submitted again is one job. Default: a random one.
   */
  readonly id?: string | undefined;
  /** Gets the result by POST, signed as Standard Webhooks says. The runtime's egress policy applies. */
  readonly webhook?: string | undefined;
}

export interface ResultOptions {
  /** How long to wait for it, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A call that is made later: at least once, and more than once only if a member of the pool dies in the middle. */
export interface Job {
  readonly id: string;
  /**
   * The response, of any status, as soon as it is there; it is kept for a day. Rejects with the job's failure,
   * `submit.pending` if there is no result in time, `submit.unknown` if there is no such job of this tenant.
   */
  result(options?: ResultOptions): Promise<HTTPResponse>;
}

/** What a job's questions need of the client. */
export interface JobClient {
  readonly transport: Transport;
  readonly maxResponseBytes: number;
  readonly clock: Clock | undefined;
  /** A call of this client without anything to send. */
  readonly question: CallRequest;
}

const WAIT_MS = 60_000;
/** Beyond the wait that was asked for. */
const GRACE_MS = 10_000;
const ATTEMPTS = 3;
const MOST_BYTES = 10 * 1024 * 1024;

export async function submit(
  client: JobClient,
  request: CallRequest,
  { id = randomId(), webhook }: SubmitOptions,
): Promise<Job> {
  const { transport } = client;
  if (transport.readJobResult === undefined) refuse(transport);
  const url = submitUrl({ id, webhook, url: request.url });
  await repeated(transport, { ...request, url, onRetry: undefined });
  return job(client, id);
}

/** Harmless, since the job has an id; a body that is streamed can be read once. */
async function repeated(transport: Transport, request: CallRequest): Promise<CallReply> {
  for (let attempt = 1;; attempt++) {
    try {
      return await transport.call(request);
    } catch (error) {
      const lost = error instanceof ConnectorError && error.code === "connection.lost";
      if (!lost || attempt === ATTEMPTS || request.body instanceof ReadableStream) throw error;
    }
  }
}

export function job(client: JobClient, id: string): Job {
  return { id, result: (options = {}) => result(client, id, options) };
}

async function result(
  { transport, maxResponseBytes, clock = systemClock, question }: JobClient,
  id: string,
  { timeoutMs = WAIT_MS, signal }: ResultOptions,
): Promise<HTTPResponse> {
  const read = transport.readJobResult?.bind(transport) ?? refuse(transport);
  const until = clock.monotonic() + timeoutMs;
  for (;;) {
    const left = Math.max(0, until - clock.monotonic());
    const waitMs = Math.min(left, LONGEST_WAIT_MS);
    const url = resultUrl({ id, waitMs });
    const asked = { ...question, url, timeoutMs: waitMs + GRACE_MS, signal };
    const reply = await repeated(transport, asked);
    const bytes = await bytesOf(reply);
    if (reply.status === 200) {
      const { reply: answer, error } = read(bytes);
      if (error !== undefined) throw error;
      return await toResponse(answer, maxResponseBytes);
    }
    if (reply.status === 404) throw unknown(id);
    if (left <= waitMs) throw pending(id, timeoutMs);
  }
}

function bytesOf({ body }: CallReply): Uint8Array | Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  return readLimited(body, MOST_BYTES, () => new TypeError(`more than ${MOST_BYTES} bytes`));
}

function refuse({ address }: Transport): never {
  throw new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "submit.unsupported",
    message:
      `Calls are made later by a pool, and this client uses ${address}: give it the address nats://host/pool`,
    origin: "caller",
  });
}

function unknown(id: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "submit.unknown",
    message: `There is no job ${id} of this tenant; results are kept for a day`,
    origin: "caller",
  });
}

function pending(id: string, timeoutMs: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "submit.pending",
    message: `The job ${id} has no result after ${timeoutMs} ms: ask again`,
  });
}
