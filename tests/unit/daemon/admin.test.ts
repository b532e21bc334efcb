import { describe, expect, test } from "bun:test";
import { createAdmin } from "../../../src/daemon/admin.ts";
import { createRedactor } from "../../../src/daemon/redact.ts";

const token = "0123456789abcdef";
const get = (path: string, init?: RequestInit) => new Request(`http://admin.test${path}`, init);

describe("admin", () => {
  let reasons: string[] = [];
  const admin = createAdmin({
    notReady: () => reasons,
    metrics: () => "vastar_up 1\n",
    status: () => ({ state: "ready" }),
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
    expect(await admin(get("/status")).json()).toEqual({ state: "ready" });
  });

  test("answers unknown paths with 404 and anything but reading with 405", async () => {
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
      status: () => ({}),
      config: () => ({}),
      tokens: () => [{ token }],
    });
    expect(guarded(get("/livez")).status).toBe(200);
    for (const authorization of ["", "Bearer wrong", `Basic ${token}`, `Bearer ${token}x`]) {
      for (const path of ["/config", "/metrics", "/status"]) {
        expect(guarded(get(path, { headers: { authorization } })).status).toBe(401);
      }
    }
    const headers = { authorization: `Bearer ${token}` };
    expect(guarded(get("/metrics", { headers })).status).toBe(200);
  });
});

describe("admin on loopback", () => {
  const local = createAdmin({
    notReady: () => [],
    metrics: () => "",
    status: () => ({}),
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
