/**
 * What an application has registered with `@opentelemetry/api`, used as copies of that package use each other's: all of version 1
 * keep it in one place, under the same names. With a copy of our own, an application's could be out of reach, and a small worker
 * would be a twentieth larger.
 */
import type {
  Context,
  Histogram,
  MetricOptions,
  Span,
  SpanContext,
  SpanKind as Kind,
  SpanOptions,
  SpanStatusCode as StatusCode,
} from "@opentelemetry/api";
import { type Registered, registered } from "./slot.ts";

/** Its enums are values, and only its types are imported. */
const KINDS: unknown = { INTERNAL: 0, SERVER: 1, CLIENT: 2 };
const STATUSES: unknown = { ERROR: 2 };
export const SpanKind = KINDS as Pick<typeof Kind, "INTERNAL" | "SERVER" | "CLIENT">;
export const SpanStatusCode = STATUSES as Pick<typeof StatusCode, "ERROR">;

const SCOPE = "@vastar/connector";
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

export interface Instruments {
  startSpan(name: string, options: SpanOptions, parent: Context): Span;
  histogram(name: string, options: MetricOptions): Pick<Histogram, "record">;
}

export function instruments({ trace, metrics }: Registered): Instruments {
  const tracer = trace?.getTracer(SCOPE);
  const meter = metrics?.getMeter(SCOPE);
  return {
    startSpan: (name, options, parent) =>
      tracer?.startSpan(name, options, parent) ?? new QuietSpan(spanContextOf(parent)),
    histogram: (name, options) => meter?.createHistogram(name, options) ?? { record() {} },
  };
}

export function activeContext(): Context {
  return registered()?.context?.active() ?? new RootContext();
}

/** As the parent of spans. */
export function withSpanContext(context: Context, spanContext: SpanContext): Context {
  return context.setValue(SPAN, new QuietSpan(spanContext));
}

export function isSpanContextValid({ traceId, spanId }: SpanContext): boolean {
  return /[^0]/.test(traceId) && /[^0]/.test(spanId);
}

const NOWHERE: SpanContext = { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 };

function spanContextOf(context: Context): SpanContext {
  return (context.getValue(SPAN) as Span | undefined)?.spanContext() ?? NOWHERE;
}

/** For an application that has registered nothing that keeps contexts. */
class RootContext implements Context {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown> = new Map()) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new RootContext(new Map(this.#values).set(key, value));
  }

  deleteValue(key: symbol): Context {
    return new RootContext(new Map([...this.#values].filter(([one]) => one !== key)));
  }
}

/** Records nothing. */
class QuietSpan implements Span {
  readonly #context: SpanContext;

  constructor(context: SpanContext) {
    this.#context = context;
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return false;
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  recordException(): void {}

  end(): void {}
}
