/** Requests written as a chain: `POST(url).header("x-id", "1").json({ … }).timeout(5000)`. */
import type { BodyInput } from "../body.ts";
import { checkTimeout, type HTTPRequest } from "../request.ts";

/** An HTTPRequest; each method returns a new one, so a common start can be shared. */
export class RequestBuilder implements HTTPRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: BodyInput;
  readonly timeoutMs: number | undefined;
  readonly tenantId: string | undefined;
  readonly workspaceId: string | undefined;
  readonly traceId: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly idempotencyKey: string | undefined;
  readonly retries: number | undefined;
  readonly traceparent: string | undefined;

  constructor(
    request: HTTPRequest & { readonly headers?: Readonly<Record<string, string>> | undefined },
  ) {
    this.method = request.method ?? "GET";
    this.url = String(request.url);
    this.headers = request.headers ?? {};
    this.body = request.body;
    this.timeoutMs = request.timeoutMs;
    this.tenantId = request.tenantId;
    this.workspaceId = request.workspaceId;
    this.traceId = request.traceId;
    this.signal = request.signal;
    this.idempotencyKey = request.idempotencyKey;
    this.retries = request.retries;
    this.traceparent = request.traceparent;
  }

  /** Replaces a header of the same name, in any case. */
  header(name: string, value: string): RequestBuilder {
    const kept = Object.entries(this.headers).filter(([key]) =>
      key.toLowerCase() !== name.toLowerCase()
    );
    return this.#with({ headers: { ...Object.fromEntries(kept), [name]: value } });
  }

  /** The value as JSON, with its content type. */
  json(value: unknown): RequestBuilder {
    return this.header("content-type", "application/json").#with({ body: JSON.stringify(value) });
  }

  content(body: BodyInput): RequestBuilder {
    return this.#with({ body });
  }

  /** Milliseconds for the whole call. */
  timeout(timeoutMs: number): RequestBuilder {
    return this.#with({ timeoutMs: checkTimeout(timeoutMs) });
  }

  tenant(tenantId: string): RequestBuilder {
    return this.#with({ tenantId });
  }

  workspace(workspaceId: string): RequestBuilder {
    return this.#with({ workspaceId });
  }

  trace(traceId: string): RequestBuilder {
    return this.#with({ traceId });
  }

  abort(signal: AbortSignal): RequestBuilder {
    return this.#with({ signal });
  }

  idempotent(idempotencyKey: string): RequestBuilder {
    return this.#with({ idempotencyKey });
  }

  /** Retries at most; 0: none. */
  retry(retries: number): RequestBuilder {
    return this.#with({ retries });
  }

  /** W3C trace context: sent as `traceparent`. */
  traceContext(traceparent: string): RequestBuilder {
    return this.#with({ traceparent });
  }

  #with(change: Partial<Pick<RequestBuilder, DataField>>): RequestBuilder {
    return new RequestBuilder({ ...this, ...change });
  }
}

type DataField =
  | "headers"
  | "body"
  | "timeoutMs"
  | "tenantId"
  | "workspaceId"
  | "traceId"
  | "signal"
  | "idempotencyKey"
  | "retries"
  | "traceparent";

export function GET(url: string | URL): RequestBuilder {
  return new RequestBuilder({ method: "GET", url });
}

export function POST(url: string | URL): RequestBuilder {
  return new RequestBuilder({ method: "POST", url });
}

export function PUT(url: string | URL): RequestBuilder {
  return new RequestBuilder({ method: "PUT", url });
}

export function PATCH(url: string | URL): RequestBuilder {
  return new RequestBuilder({ method: "PATCH", url });
}

export function DELETE(url: string | URL): RequestBuilder {
  return new RequestBuilder({ method: "DELETE", url });
}

export function HEAD(url: string | URL): RequestBuilder {
  return new RequestBuilder({ method: "HEAD", url });
}
