import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  CardError,
  definition,
  NotFoundError,
  RateLimitError,
  Stripe,
} from "../../connectors/stripe/mod.gen.ts";
import { systemClock } from "../../src/core/clock.ts";
import { ConnectorError } from "../../src/core/errors.ts";
import { collect, type MockServer, rejection, serveMock } from "./support.ts";

describe("stripe", () => {
  let server: MockServer;
  let client: Stripe;
  beforeAll(async () => {
    server = await serveMock(definition);
    client = new Stripe({ ...server.options, apiKey: "sk_test_1" });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("bodies are forms with nested names", async () => {
    const customer = await client.customers.create({
      name: "Jenny Rosen",
      email: "jenny.rosen@example.com",
      address: { line1: "510 Townsend St", city: "San Francisco", country: "US" },
      metadata: { order_id: "6735" },
      preferred_locales: ["en", "id"],
      invoice_settings: { custom_fields: [{ name: "PO & co", value: "é=1" }] },
    });
    expect(customer.id).toBe("cus_NffrFeUfNV2Hib");
    expect(server.lastHeader("content-type")).toBe("application/x-www-form-urlencoded");
    expect(server.lastBody().split("&")).toEqual([
      "name=Jenny+Rosen",
      "email=jenny.rosen%40example.com",
      "address%5Bline1%5D=510+Townsend+St",
      "address%5Bcity%5D=San+Francisco",
      "address%5Bcountry%5D=US",
      "metadata%5Border_id%5D=6735",
      "preferred_locales%5B0%5D=en",
      "preferred_locales%5B1%5D=id",
      "invoice_settings%5Bcustom_fields%5D%5B0%5D%5Bname%5D=PO+%26+co",
      "invoice_settings%5Bcustom_fields%5D%5B0%5D%5Bvalue%5D=%C3%A9%3D1",
    ]);
  });

  test("an object that looks like a file is an object in a form", async () => {
    await client.customers.create({ metadata: { data: "x", type: "card" } });
    expect(server.lastBody()).toBe("metadata%5Bdata%5D=x&metadata%5Btype%5D=card");
    const bytes = new Uint8Array([1]) as unknown as string;
    expect(await rejection(client.customers.create({ name: bytes }))).toMatchObject({
      code: "request.body",
      message: "name is bytes or a file, which only a multipart form can carry",
    });
  });

  test("every POST has an idempotency key: a new one, or the caller's", async () => {
    const keys: (string | null)[] = [];
    for (let i = 0; i < 2; i++) {
      await client.paymentIntents.create({ amount: 2000, currency: "usd" });
      keys.push(server.lastHeader("idempotency-key"));
    }
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).not.toBe(keys[0]);
    await client.paymentIntents.create({ amount: 2000, currency: "usd" }, {
      idempotencyKey: "order-1",
    });
    expect(server.lastHeader("idempotency-key")).toBe("order-1");
    await client.customers.retrieve({ id: "cus_NffrFeUfNV2Hib" });
    expect(server.lastHeader("idempotency-key")).toBe(null);
  });

  test("lists go on after the last item's id", async () => {
    const before = server.mock.requests().length;
    const customers = await collect(client.customers.list());
    expect(customers.map((customer) => customer.id)).toEqual(
      ["cus_NffrFeUfNV2Hib", "cus_9s6XKzkNRiz8i3"],
    );
    expect(server.mock.requests().slice(before).map((request) => request.url)).toEqual(
      ["/v1/customers", "/v1/customers?starting_after=cus_NffrFeUfNV2Hib"],
    );
    const pages: number[] = [];
    for await (const page of client.charges.list({ limit: 1 }).pages()) {
      pages.push(page.items.length);
    }
    expect(pages).toEqual([1, 1]);
  });

  test("filters and lists in queries", async () => {
    await client.customers.list({
      created: { gte: 1680000000, lt: 1690000000 },
      expand: ["data.shipping"],
    });
    expect(server.mock.requests().at(-1)?.url).toBe(
      "/v1/customers?created%5Bgte%5D=1680000000&created%5Blt%5D=1690000000&expand%5B%5D=data.shipping",
    );
  });

  test("updates, deletes and confirms", async () => {
    await client.customers.update({ id: "cus_NffrFeUfNV2Hib", metadata: { order_id: "6735" } });
    expect(server.mock.requests().at(-1)?.url).toBe("/v1/customers/cus_NffrFeUfNV2Hib");
    expect(server.lastBody()).toBe("metadata%5Border_id%5D=6735");
    const gone = await client.customers.del({ id: "cus_NffrFeUfNV2Hib" });
    expect(gone.deleted).toBe(true);
    const intent = await client.paymentIntents.confirm({
      id: "pi_3MtweELkdIwHu7ix0Dt0gF2H",
      payment_method: "pm_card_visa",
      return_url: "https://www.example.com",
    });
    expect(intent.status).toBe("succeeded");
    const cancelled = await client.paymentIntents.cancel({ id: "pi_3MtwBwLkdIwHu7ix28a3tqPa" });
    expect(cancelled.object).toBe("payment_intent");
  });

  test("refusals are typed, with the API's request id and the reason", async () => {
    const declined = await rejection(client.paymentIntents.confirm({
      id: "pi_3MtweELkdIwHu7ix0Dt0gF2H",
      payment_method: "pm_card_chargeDeclined",
    }));
    expect(declined).toBeInstanceOf(CardError);
    expect((declined as CardError).body.error.decline_code).toBe("generic_decline");
    expect((declined as CardError).requestId).toBe("req_m2W9XSGYGZQ2Rk");
    const unknown = await rejection(client.customers.retrieve({ id: "cus_nobody" }));
    expect(unknown).toBeInstanceOf(NotFoundError);
    expect((unknown as NotFoundError).apiCode).toBe("resource_missing");
    const limited = await rejection(client.charges.retrieve({ id: "ch_1" }, {
      retries: 0,
      headers: { "x-simulator-fault": "status=429;retry-after=3" },
    }));
    expect(limited).toBeInstanceOf(RateLimitError);
    expect((limited as RateLimitError).retryAfterMs).toBe(3_000);
  });

  test("headers of the account and version are sent when configured", async () => {
    const other = new Stripe({
      ...server.options,
      apiKey: "sk_test_1",
      apiVersion: "2024-06-20",
      account: "acct_1",
    });
    await other.charges.retrieve({ id: "ch_3MmlLrLkdIwHu7ix0snN0B15" });
    expect(server.lastHeader("stripe-version")).toBe("2024-06-20");
    expect(server.lastHeader("stripe-account")).toBe("acct_1");
  });

  describe("events", () => {
    const secret = "whsec_test";
    const now = 1_700_000_000;
    const body = JSON.stringify({
      id: "evt_1",
      object: "event",
      created: now,
      livemode: false,
      type: "payment_intent.succeeded",
      data: {
        object: {
          id: "pi_1",
          object: "payment_intent",
          amount: 2000,
          created: now,
          currency: "usd",
          livemode: false,
          status: "succeeded",
        },
      },
    });
    const sign = (at: number, key = secret) =>
      createHmac("sha256", key).update(`${at}.${body}`).digest("hex");
    const receiver = (webhookSecret?: string) =>
      new Stripe({
        ...server.options,
        apiKey: "sk_test_1",
        clock: { ...systemClock, now: () => now * 1000 },
        ...(webhookSecret === undefined ? {} : { webhookSecret }),
      }).webhooks;
    const message = (signature: string) => ({ headers: { "stripe-signature": signature }, body });

    test("a signed one is accepted and typed by its name", async () => {
      const event = await receiver(secret).verify(message(`t=${now},v1=${sign(now)}`));
      expect(event.name).toBe("payment_intent.succeeded");
      if (event.name === "payment_intent.succeeded") {
        const amount: number = event.payload.data.object.amount;
        expect(amount).toBe(2000);
      }
      const request = new Request("https://example.com/hook", {
        method: "POST",
        headers: { "Stripe-Signature": `t=${now},v1=${"0".repeat(64)},v1=${sign(now)},v0=x` },
        body,
      });
      expect((await receiver(secret).verify(request)).name).toBe("payment_intent.succeeded");
    });

    const refused: [string, string, string][] = [
      ["signed with another key", `t=${now},v1=${sign(now, "other")}`, "webhook.signature"],
      ["signed at another time", `t=${now},v1=${sign(now - 1)}`, "webhook.signature"],
      ["too old", `t=${now - 301},v1=${sign(now - 301)}`, "webhook.timestamp"],
      ["from the future", `t=${now + 301},v1=${sign(now + 301)}`, "webhook.timestamp"],
      ["without a signature of this scheme", `t=${now},v0=${sign(now)}`, "webhook.missing_header"],
      ["without a time", `v1=${sign(now)}`, "webhook.missing_header"],
    ];
    for (const [what, signature, code] of refused) {
      test(`one ${what} is refused`, async () => {
        const error = await rejection(receiver(secret).verify(message(signature)));
        expect(error).toMatchObject({ name: "WebhookError", code });
      });
    }

    test("a body that was changed is refused, and so is everything without a secret", async () => {
      const signature = `t=${now},v1=${sign(now)}`;
      const changed = { ...message(signature), body: body.replace("2000", "1") };
      expect(await rejection(receiver(secret).verify(changed))).toMatchObject({
        code: "webhook.signature",
      });
      expect(await rejection(receiver().verify(message(signature)))).toBeInstanceOf(ConnectorError);
    });
  });
});
