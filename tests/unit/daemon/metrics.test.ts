/** The figures of a daemon as a scraper reads them. */
import { describe, expect, test } from "bun:test";
import { ErrorClass } from "../../../src/core/errors.ts";
import { Outcomes } from "../../../src/daemon/metrics/outcomes.ts";
import { prometheusText } from "../../../src/daemon/metrics/metrics.ts";
import type { CallRecord } from "../../../src/engine/engine.ts";
import { readPrometheus } from "../../support/servers/prometheus.ts";
import { answer, callTo, rig } from "../engine/support.ts";

const DAEMON = {
  connections: 1,
  connectionsTotal: 2,
  sessions: 1,
  connectionsRefused: 0,
  callsActive: 3,
  callsTotal: 10,
  callsByClass: [5, 1, 0, 0, 1, 0],
  framesRefused: 4,
  bufferedBytes: 1000,
  maxBufferedBytes: 2000,
  connectionsShed: 5,
  callsOverloaded: 6,
};

function record(part: Partial<CallRecord>): CallRecord {
  return {
    id: "1",
    tenantId: "t",
    connector: "http",
    operation: "request",
    method: "GET",
    host: "a.example",
    status: 200,
    errorClass: ErrorClass.Success,
    code: undefined,
    attempts: 1,
    hedges: 0,
    durationMs: 10,
    queuedMs: 0,
    waitedMs: 0,
    bytesIn: 100,
    bytesOut: 50,
    trace: undefined,
    ...part,
  };
}

function scrape(calls: Outcomes, { engine } = rig(() => Promise.reject(new Error("none")))) {
  const text = prometheusText({
    daemon: DAEMON,
    calls,
    active: 2,
    admission: engine.admission(),
    uptimeMs: 2500,
    residentBytes: 1000,
  });
  const families = readPrometheus(text);
  const value = (name: string, labels: Record<string, string> = {}): number | undefined => {
    const family = families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, ""));
    return family?.samples.find((one) =>
      one.name === name &&
      JSON.stringify(Object.entries(one.labels).sort()) ===
        JSON.stringify(Object.entries(labels).sort())
    )?.value;
  };
  return { families, value, text };
}

describe("metrics", () => {
  test("count calls by connector, host, class and tenant, with how long they took", () => {
    const calls = new Outcomes();
    for (const durationMs of [5, 6, 20_000]) calls.ended(record({ durationMs, attempts: 2 }));
    calls.ended(
      record({ errorClass: ErrorClass.Timeout, tenantId: "u", queuedMs: 30, waitedMs: 7 }),
    );
    calls.repeated({
      ...{ id: "1", tenantId: "t", connector: "http", operation: "", method: "GET" },
      ...{ host: "a.example", attempts: 1, waitMs: 5, status: 503, code: undefined },
    });
    const { value } = scrape(calls);
    const place = { connector: "http", server_address: "a.example" };
    const good = { ...place, error_class: "Success" };
    const duration = "http_client_request_duration_seconds";
    expect(value(`${duration}_bucket`, { ...good, le: "0.005" })).toBe(1);
    expect(value(`${duration}_bucket`, { ...good, le: "0.01" })).toBe(2);
    expect(value(`${duration}_bucket`, { ...good, le: "10" })).toBe(2);
    expect(value(`${duration}_bucket`, { ...good, le: "+Inf" })).toBe(3);
    expect(value(`${duration}_sum`, good)).toBeCloseTo(20.011);
    expect(value(`${duration}_count`, { ...place, error_class: "Timeout" })).toBe(1);
    expect(value("vastar_attempts_total", place)).toBe(7);
    expect(value("vastar_retries_total", place)).toBe(1);
    expect(value("vastar_queue_wait_seconds_sum")).toBeCloseTo(0.03);
    expect(value("vastar_retry_wait_seconds_count")).toBe(1);
    expect(value("vastar_tenant_calls_total", { tenant: "u", error_class: "Timeout" })).toBe(1);
    expect(value("vastar_upstream_calls_total", { error_class: "Success" })).toBe(3);
    expect(value("http_client_response_body_bytes_total")).toBe(400);
    expect(value("vastar_calls_total", { error_class: "Timeout" })).toBe(1);
    expect(value("process_uptime_seconds")).toBe(2.5);
  });

  test("of a pool are this member's view of it", () => {
    const member = {
      ...{ id: "a", name: "a", only: { connectors: [], tenants: [] }, calls: 3, room: 5 },
      ...{ callsTotal: 9, callsByClass: [9], sessions: 1, draining: false, startedAt: 0 },
    };
    const { engine } = rig(() => Promise.reject(new Error("none")));
    const families = readPrometheus(prometheusText({
      daemon: DAEMON,
      pool: {
        id: "a",
        connected: true,
        members: [member, { ...member, id: "b", draining: true }],
        sessions: 4,
        refused: 2,
        jobs: { active: 1, done: 5, failed: 2, again: 1, dropped: 0 },
      },
      calls: new Outcomes(),
      active: 2,
      admission: engine.admission(),
      uptimeMs: 2500,
      residentBytes: 1000,
    }));
    const values = (name: string) =>
      families.get(name)?.samples.map(({ labels, value }) => [...Object.values(labels), value]);
    expect(values("vastar_pool_connected")).toEqual([[1]]);
    expect(values("vastar_pool_members")).toEqual([["ready", 1], ["draining", 1]]);
    expect(values("vastar_pool_sessions")).toEqual([[4]]);
    expect(values("vastar_pool_calls_active")).toEqual([[6]]);
    expect(values("vastar_pool_messages_refused_total")).toEqual([[2]]);
    expect(values("vastar_pool_jobs_active")).toEqual([[1]]);
    expect(values("vastar_pool_jobs_total"))
      .toEqual([["done", 5], ["failed", 2], ["again", 1], ["dropped", 0]]);
  });

  test("stay readable whatever names callers think of", () => {
    const calls = new Outcomes();
    const names = ['a"} 1\nvastar_calls_active 9', "\\", "\ud800", "", "#", "é✓", "a,b=c"];
    for (const name of names) calls.ended(record({ connector: name, host: name, tenantId: name }));
    const { value } = scrape(calls);
    expect(value("vastar_calls_active")).toBe(3);
    const [evil = ""] = names;
    expect(value("vastar_attempts_total", { connector: evil, server_address: evil })).toBe(1);
  });

  test("of a million hosts, connectors and tenants are as long as of a hundred, and none is lost", () => {
    const calls = new Outcomes();
    for (let n = 0; n < 1_000_000; n++) {
      calls.ended(record({ host: `h${n}`, connector: `c${n % 1000}`, tenantId: `t${n}` }));
    }
    const { families, text, value } = scrape(calls);
    expect(text.length).toBeLessThan(500_000);
    const sum = (name: string) =>
      families.get(name)?.samples.reduce((total, one) => total + one.value, 0);
    expect(sum("vastar_attempts_total")).toBe(1_000_000);
    expect(sum("vastar_tenant_calls_total")).toBe(1_000_000);
    expect(value("vastar_attempts_total", { connector: "other", server_address: "other" }))
      .toBe(999_900);
  });

  test("show breakers that are open, queues and what may still be repeated", async () => {
    const calls = new Outcomes();
    const broken = rig(
      ({ url }) => Promise.resolve(answer(url.host === "a.example" ? 503 : 200)),
      {
        retry: {},
        breaker: {},
        onCall: (one) => calls.ended(one),
        onRetry: (one) => calls.repeated(one),
      },
    );
    const once = { policy: { retry: { attempts: 1 } } };
    for (let n = 0; n < 5; n++) {
      await broken.engine.call(callTo("https://a.example/x", once));
    }
    const { value } = scrape(calls, broken);
    expect(value("vastar_breakers", { state: "open" })).toBe(1);
    expect(value("vastar_breakers", { state: "closed" })).toBe(0);
    const open = { tenant: "t", origin: "https://a.example" };
    expect(value("vastar_breaker_retry_after_seconds", open)).toBe(5);
    expect(value("vastar_bulkhead_active")).toBe(0);
    expect(value("vastar_rate_limit_queued", { limit: "declared" })).toBe(0);
    await broken.engine.call(callTo("https://b.example/x"));
    const left = scrape(calls, broken).value("vastar_retry_budget_left", {
      tenant: "t",
      server_address: "b.example",
    });
    expect(left).toBeGreaterThan(0);
    await broken.engine.close();
  });
});
