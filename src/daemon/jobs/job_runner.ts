/** Makes the calls that wait: at least once each. A member that dies in the middle leaves its jobs to others. */
import { CallAbort } from "../../core/async/call_signal.ts";
import { toBase64 } from "../../core/bytes.ts";
import type { CallReply, CallRequest, JobResult } from "../../core/call.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../../core/errors.ts";
import { readLimited } from "../../core/read_limited.ts";
import { decodeJob, decodeResult, encodeResult, type Job } from "../../nats/jobs/record.ts";
import { execute, type SharedState } from "../connection/shared.ts";
import type { Delivery, JobStore } from "./job_store.ts";
import type { Sealer } from "./seal.ts";

export interface JobRunnerDeps {
  readonly context: SharedState;
  readonly store: JobStore;
  readonly sealer: Sealer;
}

export interface JobFigures {
  readonly active: number;
  readonly done: number;
  /** That ended with an error as their result. */
  readonly failed: number;
  /** Given back for another attempt. */
  readonly again: number;
  /** That nobody could read. */
  readonly dropped: number;
}

const AT_ONCE = 16;
/** The store waits three times as long before it gives a job to another member. */
const WORKING_MS = 10_000;
/** A call, or a webhook, that fails for a moment is tried so often; the engine's own retries are within each. */
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 1_000;
const MOST_RESULT_BYTES = 8 * 1024 * 1024;
const encoder = new TextEncoder();

export class JobRunner {
  readonly #deps: JobRunnerDeps;
  readonly #abort = new CallAbort();
  readonly #stop: () => void;
  readonly figures: { -readonly [Key in keyof JobFigures]: JobFigures[Key] } = {
    active: 0,
    done: 0,
    failed: 0,
    again: 0,
    dropped: 0,
  };

  constructor(deps: JobRunnerDeps) {
    this.#deps = deps;
    this.#stop = deps.store.take(AT_ONCE, (delivery) => this.#run(delivery));
  }

  /** Takes no more. Those that run are over when the daemon's calls are. */
  stop(): void {
    this.#stop();
  }

  /** Gives back those that run. */
  abort(error: ConnectorError): void {
    this.#stop();
    this.#abort.abort(error);
  }

  /** Never rejects: a job that cannot be dealt with comes back by itself. */
  async #run(delivery: Delivery): Promise<void> {
    const { context } = this.#deps;
    const lease = context.begin();
    this.figures.active++;
    let working: unknown;
    const keepAlive = () => {
      delivery.working();
      working = context.clock.setTimeout(keepAlive, WORKING_MS);
    };
    working = context.clock.setTimeout(keepAlive, WORKING_MS);
    let errorClass: ErrorClass = ErrorClass.Success;
    try {
      const job = await this.#open(delivery);
      if (job === undefined) return;
      const known = await this.#known(delivery.id);
      const result = known ?? await this.#make(job, delivery, lease);
      errorClass = result?.error?.errorClass ?? ErrorClass.Success;
      if (result === undefined) return;
      if (known === undefined) await this.#keep(delivery.id, result);
      if (job.webhook !== undefined && !await this.#tell(job, result, lease)) {
        if (delivery.attempt < ATTEMPTS) return this.#again(delivery);
        context.log.warn("the webhook of job {id} was given up after {attempts} attempts", {
          id: job.id,
          attempts: delivery.attempt,
        });
      }
      await delivery.done();
      this.figures[result.error === undefined ? "done" : "failed"]++;
    } catch (error) {
      const { code, errorClass: failed } = toConnectorError(error);
      errorClass = failed;
      context.log.warn("job {id} is left to another attempt: {code}", { id: delivery.id, code });
      this.#again(delivery);
    } finally {
      context.clock.clearTimeout(working);
      this.figures.active--;
      context.end(lease, errorClass);
    }
  }

  async #open(delivery: Delivery): Promise<Job | undefined> {
    try {
      return decodeJob(await this.#deps.sealer.open(delivery.bytes, `job ${delivery.id}`));
    } catch {
      // Nobody with the pool's secret has sent it, or it was changed on the way.
      this.#deps.context.log.warn("job {id} was not sealed by a member of the pool: dropped", {
        id: delivery.id,
      });
      delivery.drop();
      this.figures.dropped++;
      return undefined;
    }
  }

  /** The result, if another member has made the call and died before it could say so. */
  async #known(name: string): Promise<JobResult | undefined> {
    const { store, sealer } = this.#deps;
    const bytes = await store.get(name, "result");
    return bytes && decodeResult(await sealer.open(bytes, `result ${name}`));
  }

  /** Undefined: it was given back. */
  async #make(job: Job, delivery: Delivery, lease: Lease): Promise<JobResult | undefined> {
    try {
      const reply = await wholeReply(await execute(lease, job.call, this.#abort));
      return { reply };
    } catch (cause) {
      const error = toConnectorError(cause);
      const stopping = this.#abort.aborted;
      if (stopping || (error.isRetryable() && delivery.attempt < ATTEMPTS)) {
        this.#again(delivery, stopping ? 0 : error.retryAfterMs);
        return undefined;
      }
      return { error };
    }
  }

  #again(delivery: Delivery, afterMs?: number): void {
    this.figures.again++;
    delivery.again(afterMs ?? FIRST_WAIT_MS * 2 ** (delivery.attempt - 1));
  }

  async #keep(name: string, result: JobResult): Promise<void> {
    const { store, sealer } = this.#deps;
    await store.put(name, "result", await sealer.seal(encodeResult(result), `result ${name}`));
  }

  /** Whether the webhook took it. It is a call like any other of its tenant: policies apply to where it goes. */
  async #tell({ id, webhook = "", call }: Job, result: JobResult, lease: Lease): Promise<boolean> {
    const { sealer, context } = this.#deps;
    const body = JSON.stringify({ id, ...told(result) });
    const timestamp = String(Math.floor(context.clock.now() / 1_000));
    const request: CallRequest = {
      tenantId: call.tenantId,
      workspaceId: call.workspaceId,
      traceId: call.traceId,
      connector: "http",
      operation: "webhook",
      method: "POST",
      url: webhook,
      headers: [
        ["content-type", "application/json"],
        ["webhook-id", id],
        ["webhook-timestamp", timestamp],
        ["webhook-signature", `v1,${await sealer.sign(`${id}.${timestamp}.${body}`)}`],
      ],
      body: encoder.encode(body),
      timeoutMs: context.options.callTimeoutMs,
      policy: { idempotent: true, maxRedirects: 0 },
    };
    try {
      const reply = await wholeReply(await execute(lease, request, this.#abort));
      return reply.status >= 200 && reply.status < 300;
    } catch (error) {
      const { code, errorClass } = toConnectorError(error);
      context.log.warn("the webhook of job {id} was not reached: {code}", { id, code });
      // Refused by a policy: another attempt would be, too.
      return errorClass === ErrorClass.Permanent && !this.#abort.aborted;
    }
  }
}

type Lease = Parameters<typeof execute>[0];

async function wholeReply(reply: CallReply): Promise<CallReply> {
  const { body } = reply;
  if (body instanceof Uint8Array) return body.length <= MOST_RESULT_BYTES ? reply : tooLarge();
  return { ...reply, body: await readLimited(body, MOST_RESULT_BYTES, tooLarge) };
}

function tooLarge(): never {
  throw new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "submit.result_too_large",
    message: `The answer to the job is larger than the ${MOST_RESULT_BYTES} bytes that are kept`,
    origin: "upstream",
    sent: "committed",
  });
}

/** What a webhook gets: the answer, its body in base64, or the error. */
function told({ reply, error }: JobResult): Readonly<Record<string, unknown>> {
  if (error !== undefined) {
    const { code, message, sent } = error;
    return { error: { class: error.getErrorClassName(), code, message, sent } };
  }
  const body = reply.body instanceof Uint8Array ? reply.body : new Uint8Array(0);
  return { status: reply.status, headers: reply.headers, body: toBase64(body) };
}
