import { describe, expect, test } from "bun:test";
import { createAdmin } from "../../../src/daemon/admin.ts";
import { prometheusText } from "../../../src/daemon/metrics.ts";
import { createRedactor } from "../../../src/daemon/redact.ts";

const token = "0123456789abcdef";
const get = (path: string, init?: RequestInit) => new Request(`http://admin.test${path}`, init);

describe("admin", () => {
  let reasons: string[] = [];
  const admin = createAdmin({
    notReady: () => reasons,
    metrics: () => "vastar_up 1\n",
    config: () => ({ listen: "x" }),
  });

  test("tells life, readiness with its reasons, figures and configuration", async () => {
    expect(await admin(get("/livez")).text()).toBe("ok\n");
    expect(await admin(get("/readyz")).json()).toEqual({ ready: true });
    reasons = ["draining"];
    const response = admin(get("/readyz"));
    expect([response.status, await response.json()]).toEqual([503, { ready: false, reasons }]);
    expect(admin(get("/livez")).status).toBe(200);
    const metrics = admin(get("/metrics"));
    expect(metrics.headers.get("content-type")).toContain("version=0.0.4");
    expect(await metrics.text()).toBe("vastar_up 1\n");
    expect(await admin(get("/config")).json()).toEqual({ listen: "x" });
  });

  test("answers 404 with what there is and 405 for anything but reading", async () => {
    const missing = admin(get("/"));
    expect([missing.status, await missing.text()]).toEqual([
      404,
      expect.stringContaining("/livez"),
    ]);
    expect(admin(get("/config", { method: "POST" })).status).toBe(405);
  });

  test("with tokens, shows figures and configuration only to those who have one", () => {
    const guarded = createAdmin({
      notReady: () => [],
      metrics: () => "",
      config: () => ({}),
      tokens: () => [{ token }],
    });
    expect(guarded(get("/livez")).status).toBe(200);
    for (const authorization of ["", "Bearer wrong", `Basic ${token}`, `Bearer ${token}x`]) {
      expect(guarded(get("/config", { headers: { authorization } })).status).toBe(401);
    }
    const headers = { authorization: `Bearer ${token}` };
    expect(guarded(get("/metrics", { headers })).status).toBe(200);
  });
});

describe("admin on loopback", () => {
  const local = createAdmin({
    notReady: () => [],
    metrics: () => "",
    config: () => ({}),
    loopback: true,
  });
  const answer = async (host: string, headers: Record<string, string> = {}) => {
    const response = local(new Request(`http://${host}/config`, { headers }));
    return [response.status, (await response.json() as { code?: string }).code];
  };

  test("answers to localhost and addresses, not to a name that was pointed here", async () => {
    for (const host of ["localhost:5001", "127.0.0.1:5001", "[::1]:5001", "a.localhost"]) {
      expect(await answer(host)).toEqual([200, undefined]);
    }
    for (
      const host of ["evil.example:5001", "localhost.evil.example", "127.0.0.1.evil.example"]
    ) {
      expect(await answer(host)).toEqual([403, "host.denied"]);
      expect(local(new Request(`http://${host}/livez`)).status).toBe(403);
    }
  });

  test("does not answer pages of other origins", async () => {
    for (const origin of ["https://evil.example", "http://127.0.0.1:8080", "null"]) {
      expect(await answer("127.0.0.1:5001", { origin })).toEqual([403, "origin.denied"]);
    }
    const origin = "http://127.0.0.1:5001";
    expect(await answer("127.0.0.1:5001", { origin })).toEqual([200, undefined]);
  });
});

test("metrics are valid Prometheus text", () => {
  const text = prometheusText({
    daemon: {
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
    },
    engine: {
      active: 2,
      total: 9,
      byClass: {
        Success: 6,
        Transient: 1,
        Permanent: 0,
        RateLimited: 0,
        Timeout: 0,
        InvalidRequest: 0,
      },
      bytesIn: 100,
      bytesOut: 50,
      durationMs: 1500,
    },
    admission: {
      rates: [{ limit: 'the "shop"', queued: 2, refused: 3 }],
      bulkhead: { active: 4, queued: 5, refused: 6 },
      quotas: {
        used: [{ tenantId: "a\\b\n", period: "day", what: "calls", limit: 10, used: 4 }],
        refused: 1,
      },
      denials: { tenant: 7, egress: 8, reported: 9 },
      tenants: 2,
    },
    uptimeMs: 2500,
    residentBytes: 1000,
  });
  const seen = new Set<string>();
  let declared = "";
  for (const line of text.trimEnd().split("\n")) {
    const type = /^# TYPE (\S+) (gauge|counter|summary)$/.exec(line);
    if (type) {
      declared = type[1]!;
      expect(seen.has(declared)).toBe(false);
      seen.add(declared);
    } else if (!line.startsWith("# HELP ")) {
      expect(line).toMatch(/^[a-z_]+(\{([a-z_]+="([^"\\]|\\["\\n])*",?)+\})? -?\d+(\.\d+)?$/);
      expect(line.startsWith(declared)).toBe(true);
    }
  }
  expect(text).toContain('vastar_calls_total{error_class="Timeout"} 1\n');
  expect(text).toContain('vastar_quota_left{tenant="a\\\\b\\n",period="day",kind="calls"} 6\n');
  expect(text).toContain("http_client_request_duration_seconds_sum 1.5\n");
  expect(text).toContain("http_client_request_duration_seconds_count 7\n");
});

describe("redaction", () => {
  const { text, value } = createRedactor(() => ["s3cr3t-known"]);

  test("takes known secrets, userinfo, bearers and queries out of texts", () => {
    expect(text("x s3cr3t-known y")).toBe("x [redacted] y");
    expect(text("http://u:hunter2@host/p?key=hunter2&x=1 end")).toBe(
      "http://[redacted]@host/p?[redacted] end",
    );
    expect(text("Authorization: Bearer hunter2, Basic aHVudGVyMg==")).not.toMatch(/hunter2|aHVu/);
    expect(text("127.0.0.1:80 is loopback")).toBe("127.0.0.1:80 is loopback");
  });

  test("takes fields with telling names out, at any depth, and keeps the rest", () => {
    expect(value({ tokens: [], token: undefined })).toEqual({ tokens: [] });
    const shown = value({
      tokens: [{ token: "hunter2" }],
      nested: { apiKey: "hunter2", "x-api-key": "hunter2", list: [{ Cookie: "hunter2" }], port: 1 },
      maxTokens: 5,
      error: new Error("with s3cr3t-known"),
      big: 1n,
      none: null,
    });
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|s3cr3t/);
    expect(shown).toMatchObject({ nested: { port: 1 }, maxTokens: 5, big: "1", none: null });
  });

  test("survives a value that contains itself", () => {
    const loop: Record<string, unknown> = { name: "x" };
    loop["self"] = loop;
    expect(JSON.stringify(value(loop)).length).toBeLessThan(1000);
  });
});
