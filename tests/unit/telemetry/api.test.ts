/** Contexts and spans are those of `@opentelemetry/api`, whichever copy of it an application has. */
import { describe, expect, test } from "bun:test";
import {
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import * as own from "../../../src/telemetry/api.ts";

const parent = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };

describe("what an application has registered", () => {
  test("has the numbers that are used of it", () => {
    expect(SpanKind).toMatchObject(own.SpanKind);
    expect(SpanStatusCode).toMatchObject(own.SpanStatusCode);
  });

  test("reads our contexts, and we read its", () => {
    for (const context of [own.activeContext(), ROOT_CONTEXT]) {
      const ours = own.withSpanContext(context, parent);
      expect(trace.getSpanContext(ours)).toEqual(parent);
      expect(trace.getSpan(ours)?.isRecording()).toBe(false);
      expect(trace.getSpanContext(trace.deleteSpan(ours))).toBeUndefined();
      const theirs = trace.setSpanContext(context, parent);
      const { startSpan } = own.instruments({});
      expect(startSpan("x", {}, theirs).spanContext()).toEqual(parent);
      expect(isSpanContextValid(startSpan("x", {}, context).spanContext())).toBe(false);
    }
  });

  test("may be metrics alone: a call's trace goes through, and nothing is recorded of spans", () => {
    const names: string[] = [];
    const meter = { createHistogram: (name: string) => ({ record: () => void names.push(name) }) };
    const metrics = { getMeter: () => meter } as never;
    const { startSpan, histogram } = own.instruments({ metrics });
    histogram("one", {}).record(1);
    expect(names).toEqual(["one"]);
    const span = startSpan("x", {}, own.withSpanContext(own.activeContext(), parent));
    const all = span.setAttribute("a", 1).setAttributes({}).addEvent("b").addLink({
      context: parent,
    })
      .addLinks([]).setStatus({ code: SpanStatusCode.OK }).updateName("c");
    all.recordException("d");
    all.end();
    expect(all).toBe(span);
  });

  test("may be a tracer alone", () => {
    expect(() => own.instruments({}).histogram("one", {}).record(1)).not.toThrow();
  });

  test("has valid spans where the package says so", () => {
    const wrong = [{ traceId: "0".repeat(32) }, { spanId: "0".repeat(16) }, {}];
    for (const part of wrong) {
      const context = { ...parent, ...part };
      expect(own.isSpanContextValid(context)).toBe(isSpanContextValid(context));
    }
  });
});
