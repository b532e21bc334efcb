/** Spans and metrics of calls, as an application's SDK gets them. */
import { metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { definition as openai, OpenAI } from "../../../connectors/openai/mod.gen.ts";
import { RuntimeClient } from "../../../mod.ts";
import {
  createDaemon,
  createEngine,
  type Daemon,
  type Engine,
  formatAddress,
  listen,
  platform,
} from "../../../src/runtime.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import { createSimulator } from "../../../src/simulator/mod.ts";
import { createTelemetry } from "../../../src/telemetry/record.ts";
import { registered } from "../../../src/telemetry/slot.ts";
import { createWorker } from "../../../src/worker/mod.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";

const exporter = new InMemorySpanExporter();
const points = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({ exporter: points });
const sdk = new NodeSDK({
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
  metricReaders: [reader],
  autoDetectResources: false,
});

let upstream: UpstreamServer;
let daemon: Daemon;
let engine: Engine;
let near: RuntimeClient;
let far: RuntimeClient;

beforeAll(async () => {
  upstream = await startUpstream();
  const egress = { allow: [`${upstream.host}:${upstream.port}`] };
  sdk.start();
  engine = createEngine({ egress }, { platform });
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  daemon = createDaemon({ listen: [address] }, { engine, listen });
  await daemon.start();
  near = new RuntimeClient({ egress });
  far = new RuntimeClient({ address: daemon.addresses.map(formatAddress).join() });
});
afterAll(async () => {
  await Promise.all([near.close(), far.close()]);
  await daemon.stop();
  await engine.close();
  await upstream.close();
  await sdk.shutdown();
  trace.disable();
  metrics.disable();
});

/** `name` under `parent`'s name, in the order in which they began. */
function tree(): string[] {
  // Those that began in the same instant end in the opposite order.
  const spans = exporter.getFinishedSpans().toReversed().toSorted((a, b) =>
    a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1]
  );
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  return spans.map((span) => {
    const parent = names.get(span.parentSpanContext?.spanId ?? "");
    const under = parent === undefined ? "" : ` under ${KINDS[parent.kind]}`;
    return `${KINDS[span.kind]} ${span.name}${under}`;
  });
}
const KINDS = ["internal", "server", "client", "producer", "consumer"];

beforeEach(() => exporter.reset());

/** The parent id in the `traceparent` that the API got last. */
const received = (): string | undefined =>
  upstream.requests.at(-1)?.header("traceparent")?.slice(36, 52);

describe("a call", () => {
  test("is a span, with one below it for the request that carries its context to the API", async () => {
    const response = await near.executeHTTP({
      url: `${upstream.url}/json?key=secret`,
      headers: { "x-key": "secret" },
    });
    expect(response.statusCode).toBe(200);
    expect(tree()).toEqual(["internal GET", "client GET under internal"]);
    const [attempt, call] = exporter.getFinishedSpans();
    expect(received()).toBe(attempt?.spanContext().spanId);
    expect(attempt?.attributes).toEqual({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "server.address": upstream.host,
      "server.port": upstream.port,
      "url.scheme": "http",
      "vastar.connector": "http",
      "vastar.operation": "request",
    });
    expect(call?.status.code).toBe(SpanStatusCode.UNSET);
    // Neither URL nor headers.
    const shown = [attempt, call].map((span) => [span?.attributes, span?.events, span?.name]);
    expect(JSON.stringify(shown)).not.toContain("secret");
  });

  test("through a daemon is one trace of both processes", async () => {
    await far.executeHTTP({ url: `${upstream.url}/json` });
    expect(tree()).toEqual(["client GET", "server GET under client", "client GET under server"]);
    const traces = exporter.getFinishedSpans().map((span) => span.spanContext().traceId);
    expect(new Set(traces).size).toBe(1);
  });

  test("belongs to the caller's trace: a span that is active, or a traceparent", async () => {
    const tracer = trace.getTracer("test");
    await tracer.startActiveSpan("work", async (span) => {
      await near.executeHTTP({ url: `${upstream.url}/json` });
      span.end();
    });
    expect(tree()).toContain("internal GET under internal");
    exporter.reset();
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    await far.executeHTTP({ url: `${upstream.url}/json`, traceparent });
    for (const span of exporter.getFinishedSpans()) {
      expect(span.spanContext().traceId).toBe(traceId);
    }
    expect(upstream.requests.at(-1)?.header("traceparent")).toContain(traceId);
  });

  test("that is repeated has a span for each attempt", async () => {
    await near.executeHTTP({ url: `${upstream.url}/status?code=503`, retries: 1 }).catch(() => {});
    const attempts = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT);
    expect(attempts.map(({ attributes }) => attributes["http.request.resend_count"])).toEqual([
      undefined,
      1,
    ]);
    expect(attempts.map(({ attributes }) => attributes["error.type"])).toEqual(["503", "503"]);
    expect(new Set(attempts.map(({ parentSpanContext }) => parentSpanContext?.spanId)).size).toBe(
      1,
    );
  });

  test("that fails says why, once", async () => {
    const closed = `http://127.0.0.1:1/`;
    await expect(near.executeHTTP({ url: closed })).rejects.toThrow();
    const failed = exporter.getFinishedSpans();
    expect(failed.map(({ status }) => status.code)).toEqual(failed.map(() => SpanStatusCode.ERROR));
    expect(failed.flatMap(({ events }) => events).map(({ name }) => name)).toEqual(["exception"]);
  });

  test("whose answer is streamed ends with it", async () => {
    const response = await near.streamHTTP({ url: `${upstream.url}/flood?mb=2` });
    const open = exporter.getFinishedSpans().length;
    for await (const _ of response.body) { /* to its end */ }
    expect([open, exporter.getFinishedSpans().length]).toEqual([0, 2]);
  });

  test("through a worker is below the span of its request, which is named after the route", async () => {
    const worker = createWorker({
      connectors: [openai],
      runtime: near,
      access: "open",
      config: { openai: { apiKey: "k", baseURL: upstream.url } },
    });
    const answer = await worker.request("/connectors/openai/models.list", { method: "POST" });
    expect(answer.status).toBe(404);
    await answer.text();
    expect(tree()).toEqual([
      "server POST /connectors/:id/:operation",
      "internal openai models.list under server",
      "client GET under internal",
    ]);
    exporter.reset();
    await (await worker.request("/nowhere")).text();
    expect(tree()).toEqual(["server GET"]);
  });

  test("of a language model says what it took, plain and streamed", async () => {
    const simulator = createSimulator();
    const server = await serveHttp({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      fetch: (request) => simulator.fetch(request),
    });
    const runtime = new RuntimeClient({ egress: { allow: [new URL(server.url).host] } });
    try {
      const client = new OpenAI({ apiKey: "k", baseURL: `${server.url}/v1`, runtime });
      const input = { model: "gpt-4o-mini", messages: [{ role: "user" as const, content: "Hi" }] };
      const { usage } = await client.chat.completions.create(input);
      expect(tree()).toEqual([
        "client chat gpt-4o-mini",
        "internal openai chat.completions.create under client",
        "client POST under internal",
      ]);
      const attributes = exporter.getFinishedSpans().find(({ name }) => name.startsWith("chat"))
        ?.attributes;
      expect(attributes).toEqual({
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.usage.input_tokens": usage?.prompt_tokens,
        "gen_ai.usage.output_tokens": usage?.completion_tokens,
      });
      exporter.reset();
      const stream = { ...input, stream: true as const, stream_options: { include_usage: true } };
      await client.chat.completions.create(stream).text();
      const streamed = exporter.getFinishedSpans().find(({ name }) => name.startsWith("chat"));
      expect(streamed?.attributes["gen_ai.usage.output_tokens"]).toBe(usage?.completion_tokens);
      exporter.reset();
      await client.chat.completions.create({ ...input, model: "no-such-model" }).catch(() => {});
      const failed = exporter.getFinishedSpans().find(({ name }) => name.startsWith("chat"));
      expect(failed?.status.code).toBe(SpanStatusCode.ERROR);
    } finally {
      await runtime.close();
      await server.stop(0);
    }
    await reader.forceFlush();
    const counted = points.getMetrics().flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((scope) => scope.metrics)
    ).filter(({ descriptor }) => descriptor.name === "gen_ai.client.token.usage")
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes));
    expect(counted.map((one) => one["gen_ai.token.type"])).toEqual(["input", "output"]);
  });

  test("is counted by method, host and status", async () => {
    await near.executeHTTP({ url: `${upstream.url}/json`, method: "GET" });
    await reader.forceFlush();
    const all = points.getMetrics().flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((scope) => scope.metrics)
    );
    const durations = all.filter(({ descriptor }) =>
      descriptor.name === "http.client.request.duration"
    );
    expect(durations[0]?.descriptor.unit).toBe("s");
    const counted = durations.flatMap(({ dataPoints }) =>
      dataPoints.map(({ attributes }) => attributes)
    );
    expect(counted).toContainEqual({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "server.address": upstream.host,
      "server.port": upstream.port,
      "url.scheme": "http",
    });
  });

  test("of a database has its operation's name, and nothing of statements and values", async () => {
    exporter.reset();
    for (const statement of ["select ?1 as hunter2", "select hunter2(?1)"]) {
      const call = near.call({
        connector: "shop-db",
        operation: "orders.list",
        method: "POST",
        url: "sqlite::memory:",
        headers: [],
        body: new TextEncoder().encode(
          JSON.stringify({ statement, parameters: ["hunter2"], result: "value" }),
        ),
      });
      await call.catch(() => {});
    }
    const spans = exporter.getFinishedSpans();
    const attempts = spans.filter(({ kind }) => kind === SpanKind.CLIENT);
    expect(attempts.map(({ name, attributes }) => [name, attributes["error.type"]])).toEqual([
      ["shop-db orders.list", undefined],
      ["shop-db orders.list", "database.statement"],
    ]);
    expect(attempts[0]?.attributes).toEqual({
      "db.system.name": "sqlite",
      "vastar.connector": "shop-db",
      "vastar.operation": "orders.list",
    });
    const shown = spans.map(({ name, attributes, events, status }) =>
      JSON.stringify([name, attributes, events, status])
    );
    expect(shown.join()).not.toContain("hunter2");
    await reader.forceFlush();
    const metric = points.getMetrics().flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((scope) => scope.metrics)
    ).find(({ descriptor }) => descriptor.name === "db.client.operation.duration");
    expect(metric?.dataPoints.map(({ attributes }) => attributes)).toEqual([
      { "db.system.name": "sqlite" },
      { "db.system.name": "sqlite", "error.type": "database.statement" },
    ]);
  });

  test("is counted under so many servers and models, however many its callers name", async () => {
    await reader.forceFlush();
    points.reset();
    const telemetry = createTelemetry(registered() ?? {});
    const parent = undefined;
    for (let at = 0; at < 600; at++) {
      const url = new URL(`http://host-${at}.example/`);
      const call = { connector: "http", operation: "request", method: "GET" };
      telemetry.attempt({ ...call, url, resends: 0, parent }).end();
      const model = at === 0 ? "x".repeat(10_000) : `model-${at}`;
      telemetry.inference({ provider: "p", operation: "chat", model, parent }).end();
    }
    await reader.forceFlush();
    const values = (metric: string, attribute: string) => {
      const found = points.getMetrics().flatMap(({ scopeMetrics }) =>
        scopeMetrics.flatMap((scope) => scope.metrics)
      ).filter(({ descriptor }) => descriptor.name === metric)
        .flatMap(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes[attribute]));
      return [found.length, found.includes("_OTHER")];
    };
    expect(values("http.client.request.duration", "server.address")).toEqual([501, true]);
    expect(values("gen_ai.client.operation.duration", "gen_ai.request.model"))
      .toEqual([101, true]);
    const longest = exporter.getFinishedSpans().map(({ name }) => name.length);
    expect(Math.max(...longest)).toBe("chat ".length + 128);
  });
});
