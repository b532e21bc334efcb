/** What strangers can send to a webhook's address, and secrets during a rotation. */
import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import {
  hmacWebhook,
  hookWebhook,
  tokenWebhook,
  unverifiedWebhook,
  type Webhooks,
  webhooks,
  type WebhooksData,
} from "../../../../src/connector/mod.ts";
import { client, FakeRuntime, rejection } from "../support.ts";

type Event = { name: string; payload: unknown };

const SECRET = [{ get: ["config", "secret"] }];
const HMAC: Parameters<typeof hmacWebhook>[0] = {
  algorithm: "sha256",
  secret: SECRET,
  secretEncoding: "utf8",
  signature: { header: "x-signature", format: "list" },
  encoding: "hex",
  sign: [{ get: ["body"] }],
  toleranceMs: 300_000,
};

function handler(verify: WebhooksData["verify"]): Webhooks<Event> {
  const made = client(new FakeRuntime(), { config: [{ name: "secret", optional: true }] }, {
    secret: "configured",
  });
  return webhooks<Event>(made, { verify, name: { body: ["type"] } });
}

function hmac(text: string, secret: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

const KB = new Uint8Array(1024);

/** A request whose body never ends; `taken` is how much of it was asked for. */
function endless(headers: Record<string, string> = {}) {
  const seen = { taken: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      seen.taken += KB.length;
      controller.enqueue(KB);
    },
    cancel() {
      seen.cancelled = true;
    },
  }, { highWaterMark: 0 });
  const init = { method: "POST", headers, body, duplex: "half" };
  return { request: new Request("https://me.test/hook", init as RequestInit), seen };
}

describe("the size of a message", () => {
  test("is limited while it is read", async () => {
    const { request, seen } = endless();
    const error = await rejection(handler(hmacWebhook(HMAC)).verify(request));
    expect(error).toMatchObject({ code: "webhook.too_large", name: "WebhookError" });
    expect(String(error)).toContain("1048576 bytes that maxBytes allows");
    expect(seen.taken).toBeLessThanOrEqual(1024 * 1024 + 64 * 1024);
  });

  test("is limited by what the request announces, before a byte is read", async () => {
    const { request, seen } = endless({ "content-length": "314572800" });
    expect(await rejection(handler(hmacWebhook(HMAC)).verify(request))).toMatchObject({
      code: "webhook.too_large",
    });
    expect(seen.taken).toBeLessThanOrEqual(1024);
  });

  test("can be given, and holds for bodies that are here already", async () => {
    const text = JSON.stringify({ type: "big", text: "x".repeat(2 * 1024 * 1024) });
    const message = { headers: { "x-signature": hmac(text, "configured") }, body: text };
    const { verify } = handler(hmacWebhook(HMAC));
    expect(await rejection(verify(message))).toMatchObject({ code: "webhook.too_large" });
    expect((await verify(message, { maxBytes: 3 * 1024 * 1024 })).name).toBe("big");
    expect(await rejection(verify(message, { maxBytes: 0 }))).toMatchObject({
      code: "config.invalid",
    });
  });
});

test("a request that was read before is refused with advice", async () => {
  const request = new Request("https://me.test/hook", { method: "POST", body: "{}" });
  await request.text();
  const error = await rejection(handler(hmacWebhook(HMAC)).verify(request));
  expect(error).toMatchObject({ code: "webhook.body" });
  expect(String(error)).toContain("verify the request first");
});

test("a request that breaks off is refused", async () => {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("the client left")),
  });
  const init = { method: "POST", body, duplex: "half" };
  const request = new Request("https://me.test/hook", init as RequestInit);
  expect(await rejection(handler(hmacWebhook(HMAC)).verify(request))).toMatchObject({
    code: "webhook.body",
    name: "WebhookError",
  });
});

test("of a list of signatures the first sixteen are tried", async () => {
  const body = '{"type":"paid"}';
  const { verify } = handler(hmacWebhook(HMAC));
  const after = (count: number) => ({
    headers: { "x-signature": `${`${"0".repeat(64)} `.repeat(count)}${hmac(body, "configured")}` },
    body,
  });
  expect((await verify(after(15))).name).toBe("paid");
  expect(await rejection(verify(after(16)))).toMatchObject({ code: "webhook.signature" });
});

describe("secrets given with the message", () => {
  const body = '{"type":"paid"}';
  const signed = (secret: string) => ({ headers: { "x-signature": hmac(body, secret) }, body });
  const sent = (secret: string) => ({ headers: { "x-token": secret }, body });
  const schemes = [
    ["hmac", handler(hmacWebhook(HMAC)), signed],
    ["token", handler(tokenWebhook("X-Token", SECRET)), sent],
  ] as const;
  for (const [scheme, { verify }, message] of schemes) {
    test(`any of several holds (${scheme})`, async () => {
      for (const used of ["old", "new"]) {
        expect((await verify(message(used), { secret: ["new", "old"] })).name).toBe("paid");
      }
      expect((await verify(message("only"), { secret: "only" })).name).toBe("paid");
      // In place of the configured one.
      for (const used of ["configured", "other"]) {
        expect(await rejection(verify(message(used), { secret: ["new", "old"] }))).toMatchObject({
          code: "webhook.signature",
        });
      }
    });

    test(`none, or an empty one, is a mistake (${scheme})`, async () => {
      for (const secret of [[], "", ["new", ""]]) {
        expect(await rejection(verify(message(""), { secret }))).toMatchObject({
          code: "webhook.secret",
        });
      }
    });
  }

  test("are refused where nothing would use them", async () => {
    for (const verify of [hookWebhook(() => {}), unverifiedWebhook]) {
      expect(await rejection(handler(verify).verify({ headers: {}, body }, { secret: "s" })))
        .toMatchObject({ code: "webhook.secret" });
    }
  });
});
