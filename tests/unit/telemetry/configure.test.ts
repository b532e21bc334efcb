/** Where `configureTelemetry` sends what nobody gave it an exporter for. */
import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace";
import { afterEach, describe, expect, test } from "bun:test";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { configureTelemetry } from "../../../src/platform/telemetry.ts";

const ENDPOINT = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

afterEach(() => {
  delete process.env[ENDPOINT];
  for (const api of [context, metrics, propagation, trace]) api.disable();
});

describe("an exporter of spans alone", () => {
  test("turns metrics off: no collector that nobody named is tried again and again at the end", async () => {
    const before = metrics.getMeterProvider();
    const telemetry = await configureTelemetry({ exporter: new InMemorySpanExporter() });
    expect(metrics.getMeterProvider()).toBe(before);
    await telemetry.shutdown();
  });

  test("leaves them to the collector that a variable names", async () => {
    const paths: (string | undefined)[] = [];
    const collector = createServer((request, response) => {
      paths.push(request.url);
      request.resume().on("end", () => response.end());
    });
    await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
    const { port } = collector.address() as AddressInfo;
    process.env[ENDPOINT] = `http://127.0.0.1:${port}/named`;
    const telemetry = await configureTelemetry({ exporter: new InMemorySpanExporter() });
    metrics.getMeter("test").createCounter("calls").add(1);
    await telemetry.shutdown();
    collector.close();
    expect(paths).toEqual(["/named"]);
  });
});
