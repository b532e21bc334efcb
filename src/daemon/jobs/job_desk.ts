/** Takes calls that are to be made later, and tells their callers what became of them. */
import type { CallSignal } from "../../core/async/call_signal.ts";
import { Soon } from "../../core/async/soon.ts";
import type { CallReply, CallRequest } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass, invalidRequest } from "../../core/errors.ts";
import { readLimited } from "../../core/read_limited.ts";
import { isRepeatable } from "../../engine/retry/retry_rules.ts";
import { readJobUrl, type ResultQuery, type Submission } from "../../nats/jobs/job_url.ts";
import { encodeJob } from "../../nats/jobs/record.ts";
import { randomId } from "../../nats/subjects.ts";
import type { JobStore } from "./job_store.ts";
import type { Sealer } from "./seal.ts";

export interface JobDeskDeps {
  readonly store: JobStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** What sealing and its description add. */
const OVERHEAD_BYTES = 4 * 1024;
const encoder = new TextEncoder();
const NO_BYTES = new Uint8Array(0);

export class JobDesk {
  readonly #deps: JobDeskDeps;

  constructor(deps: JobDeskDeps) {
    this.#deps = deps;
  }

  /** Answers 202 with the id as JSON; or 200 with the result, 202 if there is none yet, 404 if there is no such job. */
  begin(request: CallRequest, signal: CallSignal): PromiseLike<CallReply> {
    try {
      const asked = readJobUrl(request.url);
      return asked.kind === "submit"
        ? this.#submit(request, asked.submission)
        : this.#result(request, asked.query, signal);
    } catch (error) {
      return Soon.rejected(error);
    }
  }

  async #submit(request: CallRequest, { id = randomId(), webhook, url }: Submission) {
    const { store, sealer, clock } = this.#deps;
    const call = { ...request, url, body: await whole(request, store.maxBytes - OVERHEAD_BYTES) };
    check(call, webhook);
    const name = await sealer.nameOf(call.tenantId, id);
    const job = { id, submittedAt: clock.now(), webhook, call };
    const bytes = await sealer.seal(encodeJob(job), `job ${name}`);
    if (bytes.length > store.maxBytes) throw tooLarge(store.maxBytes);
    // First, so that whoever asks for the result finds the job.
    await store.put(name, "submitted", await sealer.seal(NO_BYTES, `submitted ${name}`));
    await store.add(name, bytes);
    return answer(202, encoder.encode(JSON.stringify({ id })), "application/json");
  }

  async #result(
    { tenantId }: CallRequest,
    { id, waitMs }: ResultQuery,
    signal: CallSignal,
  ): Promise<CallReply> {
    const { store, sealer, clock } = this.#deps;
    const name = await sealer.nameOf(tenantId, id);
    if (!await this.#isThere(name)) return answer(404);
    let wake = (): void => {};
    const put = new Promise<void>((resolve) => wake = resolve);
    const stop = store.watch(name, "result", wake);
    const timer = waitMs > 0 ? clock.setTimeout(wake, waitMs) : undefined;
    signal.addEventListener("abort", wake);
    try {
      let bytes = await store.get(name, "result");
      if (bytes === undefined && waitMs > 0) {
        await put;
        bytes = await store.get(name, "result");
      }
      if (bytes === undefined) return answer(202);
      return answer(200, await sealer.open(bytes, `result ${name}`));
    } finally {
      stop();
      signal.removeEventListener("abort", wake);
      if (timer !== undefined) clock.clearTimeout(timer);
    }
  }

  async #isThere(name: string): Promise<boolean> {
    const { store, sealer } = this.#deps;
    const bytes = await store.get(name, "submitted");
    if (bytes === undefined) return await store.get(name, "result") !== undefined;
    await sealer.open(bytes, `submitted ${name}`);
    return true;
  }
}

async function whole({ body }: CallRequest, maxBytes: number): Promise<Uint8Array | null> {
  if (!(body instanceof ReadableStream)) return body;
  return await readLimited(body, maxBytes, () => tooLarge(maxBytes));
}

function check(call: CallRequest, webhook: string | undefined): void {
  if (!isRepeatable(call, {})) {
    throw invalidRequest(
      "submit.not_idempotent",
      `A job may run twice, and repeating a ${call.method} may do harm: submit it with an idempotency key that the API honours, in a header`,
    );
  }
  if (call.keep !== undefined) throw invalidRequest("submit.invalid", "A job keeps no stream");
  for (const url of [call.url, ...webhook === undefined ? [] : [webhook]]) {
    if (URL.canParse(url) && !url.startsWith("vastar:")) continue;
    throw invalidRequest("submit.invalid", "The job's URL or webhook is not an absolute URL");
  }
}

function answer(status: number, body: Uint8Array = new Uint8Array(0), type?: string): CallReply {
  return {
    requestId: "",
    status,
    headers: type === undefined ? [] : [["content-type", type]],
    body,
    attempts: 0,
    durationUs: 0,
  };
}

function tooLarge(maxBytes: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.InvalidRequest,
    code: "submit.too_large",
    message:
      `The job is larger than the ${maxBytes} bytes that the server of NATS takes (max_payload)`,
    origin: "caller",
  });
}
