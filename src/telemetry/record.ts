/** Spans and metrics by the conventions in docs/telemetry.md, over whatever SDK the application has registered. */
import type { Attributes, Context, Histogram, Span } from "@opentelemetry/api";
import { traceContext } from "../core/call_headers.ts";
import type { CallRequest } from "../core/call.ts";
import type { DatabaseKind } from "../core/database/schemes.ts";
import { ConnectorError } from "../core/errors.ts";
import {
  activeContext,
  instruments,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  withSpanContext,
} from "./api.ts";
import { FewValues, short } from "./few_values.ts";
import type { Registered } from "./slot.ts";
import type { CallSpan, InferenceSpan, ServedSpan, Telemetry, Usage } from "./contract.ts";

/** RFC 9110, RFC 5789 and RFC 10008; any other is `_OTHER`, so that a caller cannot make metrics grow. */
const METHODS = new Set([
  ...["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"],
]);
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const STATEMENT_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** Names of OpenTelemetry. */
const SYSTEMS = {
  postgres: "postgresql",
  pglite: "postgresql",
  mysql: "mysql",
  sqlite: "sqlite",
  redis: "redis",
} as const satisfies Record<DatabaseKind, string>;

/** In metrics. */
const MOST_MODELS = 100;
const MOST_SERVERS = 500;

type Recording = Pick<Histogram, "record">;

export function createTelemetry(registered: Registered): Telemetry {
  const { startSpan, histogram } = instruments(registered);
  const requests = histogram("http.client.request.duration", {
    unit: "s",
    description: "Duration of HTTP requests, one for each attempt",
    advice: { explicitBucketBoundaries: SECONDS },
  });
  const answers = histogram("http.server.request.duration", {
    unit: "s",
    description: "Duration of HTTP requests to the worker",
    advice: { explicitBucketBoundaries: SECONDS },
  });
  const statements = histogram("db.client.operation.duration", {
    unit: "s",
    description: "Duration of what databases are asked, one for each attempt",
    advice: { explicitBucketBoundaries: STATEMENT_SECONDS },
  });
  const inferences = histogram("gen_ai.client.operation.duration", {
    unit: "s",
    description: "Duration of calls of language models",
    advice: { explicitBucketBoundaries: INFERENCE_SECONDS },
  });
  const tokens = histogram("gen_ai.client.token.usage", {
    unit: "{token}",
    description: "Tokens that calls of language models took",
    advice: { explicitBucketBoundaries: TOKENS },
  });
  const models = new FewValues(MOST_MODELS);
  const servers = new FewValues(MOST_SERVERS);
  return {
    inference({ provider, operation, model, parent }) {
      const kind = inferenceKind(operation);
      const attributes = (name: string | undefined): Attributes => ({
        "gen_ai.operation.name": kind,
        "gen_ai.provider.name": PROVIDERS[provider] ?? provider,
        ...(name !== undefined && { "gen_ai.request.model": name }),
      });
      const name = model && short(model);
      const span = startSpan(
        name === undefined ? kind : `${kind} ${name}`,
        { kind: SpanKind.CLIENT, attributes: attributes(name) },
        parentOf(parent),
      );
      const measured = attributes(model && models.of(model));
      return new RecordedInference(span, measured, tokens, new Timed(inferences, measured));
    },
    call(request, role) {
      const name = request.connector === "http"
        ? methodOf(request.method)
        : `${request.connector} ${request.operation}`;
      const span = startSpan(
        name,
        { kind: KINDS[role], attributes: identity(request) },
        parentOf(request.traceparent),
      );
      return new RecordedSpan(span, role !== "server");
    },
    attempt(attempt) {
      const { url, resends, database } = attempt;
      if (database !== undefined) {
        const measured = {
          "db.system.name": SYSTEMS[database],
          ...(url.hostname !== "" && {
            "server.address": servers.has(url.host) ? url.hostname : "_OTHER",
          }),
        };
        const span = startSpan(
          short(`${attempt.connector} ${attempt.operation}`),
          { kind: SpanKind.CLIENT, attributes: { ...measured, ...identity(attempt) } },
          parentOf(attempt.parent),
        );
        return new DatabaseSpan(span, false, new Timed(statements, measured));
      }
      const method = methodOf(attempt.method);
      const attributes = {
        "http.request.method": method,
        "server.address": url.hostname,
        "server.port": portOf(url),
        "url.scheme": url.protocol.slice(0, -1),
      };
      const span = startSpan(
        method,
        {
          kind: SpanKind.CLIENT,
          attributes: {
            ...attributes,
            ...identity(attempt),
            ...(resends > 0 && { "http.request.resend_count": resends }),
            ...(method === "_OTHER" && { "http.request.method_original": short(attempt.method) }),
          },
        },
        parentOf(attempt.parent),
      );
      const known = servers.has(url.host);
      const measured = known ? attributes : {
        "http.request.method": method,
        "server.address": "_OTHER",
        "url.scheme": attributes["url.scheme"],
      };
      return new RecordedSpan(span, false, new Timed(requests, measured));
    },
    request({ method: original, url, parent }) {
      const method = methodOf(original);
      const attributes = { "http.request.method": method, "url.scheme": url.protocol.slice(0, -1) };
      const span = startSpan(
        method,
        {
          kind: SpanKind.SERVER,
          attributes: { ...attributes, "server.address": url.hostname, "server.port": portOf(url) },
        },
        parentOf(parent),
      );
      return new RequestSpan(span, method, new Timed(answers, attributes));
    },
  };
}

/** Well-known values of `gen_ai.provider.name`, by our connectors. */
const PROVIDERS: Readonly<Record<string, string>> = { gemini: "gcp.gemini" };
const INFERENCE_SECONDS = [
  ...[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
];
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

function inferenceKind(operation: string): string {
  if (/embed/i.test(operation)) return "embeddings";
  return /generateContent/i.test(operation) ? "generate_content" : "chat";
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
} as const;

function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === "https:" ? 443 : 80);
}

function methodOf(method: string): string {
  return METHODS.has(method) ? method : "_OTHER";
}

function identity(
  { connector, operation }: Pick<CallRequest, "connector" | "operation">,
): Attributes {
  return { "vastar.connector": connector, "vastar.operation": operation };
}

/** The caller's trace context, else the span that is active where the call is made. */
function parentOf(traceparent: string | undefined): Context {
  const active = activeContext();
  const parent = traceContext(traceparent);
  if (parent === undefined || traceparent === undefined) return active;
  const { traceId, parentId: spanId } = parent;
  const traceFlags = parseInt(traceparent.slice(53, 55), 16);
  return withSpanContext(active, { traceId, spanId, traceFlags, isRemote: true });
}

/** A duration for a histogram. */
class Timed {
  readonly #histogram: Recording;
  readonly #attributes: Attributes;
  readonly #since = performance.now();

  constructor(histogram: Recording, attributes: Attributes) {
    this.#histogram = histogram;
    this.#attributes = attributes;
  }

  record(outcome: Attributes): void {
    const seconds = (performance.now() - this.#since) / 1000;
    this.#histogram.record(seconds, { ...this.#attributes, ...outcome });
  }
}

class RecordedSpan implements CallSpan {
  readonly traceparent: string | undefined;
  protected readonly span: Span;
  /** Of a failure's spans, only that of the program's own call has the error's text. */
  readonly #explains: boolean;
  readonly #timed: Timed | undefined;
  protected outcome: Attributes = {};
  /** For a client span, 4xx statuses are failures too. */
  protected readonly lowestFailure: number = 400;
  #ended = false;

  constructor(span: Span, explains: boolean, timed?: Timed) {
    this.span = span;
    this.#explains = explains;
    this.#timed = timed;
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.traceparent = isSpanContextValid(span.spanContext())
      ? `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`
      : undefined;
  }

  answered({ status }: { status: number }): void {
    this.outcome = { ...this.outcome, "http.response.status_code": status };
    if (status >= this.lowestFailure) this.#fail(String(status));
  }

  failed(error: unknown): void {
    const known = error instanceof ConnectorError;
    // What a database says may have the values of a statement in it.
    const message = known && !error.code.startsWith("database.") ? error.message : undefined;
    this.#fail(known ? error.code : "_OTHER", message);
    if (known && this.#explains) {
      this.span.addEvent("exception", {
        "exception.type": error.code,
        ...(message !== undefined && { "exception.message": message }),
      });
    }
    this.end();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timed?.record(this.outcome);
    this.span.setAttributes(this.outcome);
    this.span.end();
  }

  #fail(type: string, message?: string): void {
    this.outcome = { ...this.outcome, "error.type": type };
    this.span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
  }
}

/** Has no status of HTTP. */
class DatabaseSpan extends RecordedSpan {
  override answered(): void {}
}

class RequestSpan extends RecordedSpan implements ServedSpan {
  protected override readonly lowestFailure = 500;
  readonly #method: string;

  constructor(span: Span, method: string, timed: Timed) {
    super(span, false, timed);
    this.#method = method;
  }

  route(path: string): void {
    this.span.updateName(`${this.#method} ${path}`);
    this.outcome = { ...this.outcome, "http.route": path };
  }
}

class RecordedInference implements InferenceSpan {
  readonly #span: RecordedSpan;
  readonly #own: Span;
  readonly #attributes: Attributes;
  readonly #tokens: Recording;
  #usage: Usage = {};
  #ended = false;

  constructor(span: Span, attributes: Attributes, tokens: Recording, timed: Timed) {
    this.#own = span;
    this.#span = new RecordedSpan(span, false, timed);
    this.#attributes = attributes;
    this.#tokens = tokens;
  }

  get traceparent(): string | undefined {
    return this.#span.traceparent;
  }

  used(usage: Usage): void {
    this.#usage = { ...this.#usage, ...usage };
  }

  failed(error: unknown): void {
    this.#count();
    this.#span.failed(error);
  }

  end(): void {
    this.#count();
    this.#span.end();
  }

  #count(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { input, output, cached } = this.#usage;
    this.#own.setAttributes({
      ...(input !== undefined && { "gen_ai.usage.input_tokens": input }),
      ...(output !== undefined && { "gen_ai.usage.output_tokens": output }),
      ...(cached !== undefined && { "gen_ai.usage.cache_read.input_tokens": cached }),
    });
    for (const [type, count] of [["input", input], ["output", output]] as const) {
      if (count === undefined) continue;
      this.#tokens.record(count, { ...this.#attributes, "gen_ai.token.type": type });
    }
  }
}
