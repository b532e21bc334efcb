import { describe, expect, test } from "bun:test";
import { createHmac, generateKeyPairSync, sign as signWith } from "node:crypto";
import {
  ed25519Webhook,
  hmacWebhook,
  hookWebhook,
  tokenWebhook,
  unverifiedWebhook,
  WebhookError,
  type WebhookMessage,
  webhooks,
  type WebhooksData,
} from "../../../../src/connector/mod.ts";
import { fakeClock } from "../../../support/clock.ts";
import { client, FakeRuntime, rejection } from "../support.ts";

const NOW = 1_700_000_000;
const BODY = '{"type":"paid","amount":"1,00 €"}';
const SECRET = [{ get: ["config", "secret"] }];

function handler(
  verify: WebhooksData["verify"],
  secret = "whsec",
  name: WebhooksData["name"] = { body: ["type"] },
) {
  const made = client(new FakeRuntime(), { config: [{ name: "secret", optional: true }] }, {
    secret,
    clock: fakeClock(NOW * 1000),
  });
  return webhooks<{ name: string; payload: unknown }>(made, { verify, name });
}

function hmac(
  text: string,
  secret: string | Uint8Array = "whsec",
  encoding: "hex" | "base64" = "hex",
): string {
  return createHmac("sha256", secret).update(text).digest(encoding);
}

/** As Stripe does it. */
const stripe = handler(hmacWebhook({
  algorithm: "sha256",
  secret: SECRET,
  secretEncoding: "utf8",
  signature: { header: "Stripe-Signature", format: "pairs", key: "v1" },
  encoding: "hex",
  timestamp: { header: "Stripe-Signature", format: "pairs", key: "t" },
  sign: [{ get: ["timestamp"] }, ".", { get: ["body"] }],
  toleranceMs: 300_000,
}));

function stripeMessage(at = NOW, body = BODY, signed = `${at}.${BODY}`): WebhookMessage {
  return {
    headers: { "stripe-signature": `t=${at},v1=${"0".repeat(64)},v1=${hmac(signed)},v0=x` },
    body,
  };
}

describe("pairs with a timestamp", () => {
  test("an authentic message is parsed and named", async () => {
    expect(await stripe.verify(stripeMessage())).toEqual({
      name: "paid",
      payload: { type: "paid", amount: "1,00 €" },
    });
  });

  test("as a Request, bytes or text, with any kind of headers", async () => {
    const { headers } = stripeMessage() as { headers: Record<string, string> };
    const bytes = new TextEncoder().encode(BODY);
    for (
      const message of [
        new Request("https://me.test/hook", { method: "POST", headers, body: BODY }),
        { headers: new Headers(headers), body: bytes },
        {
          headers: { "STRIPE-SIGNATURE": [headers["stripe-signature"] ?? ""], other: undefined },
          body: bytes,
        },
      ]
    ) {
      expect((await stripe.verify(message)).name).toBe("paid");
    }
  });

  const refused: [string, WebhookMessage, string][] = [
    ["a changed body", stripeMessage(NOW, BODY.replace("paid", "free")), "webhook.signature"],
    ["one byte more", stripeMessage(NOW, `${BODY} `), "webhook.signature"],
    ["an old message", stripeMessage(NOW - 301), "webhook.timestamp"],
    ["a message from the future", stripeMessage(NOW + 301), "webhook.timestamp"],
    [
      "another timestamp than was signed",
      stripeMessage(NOW - 10, BODY, `${NOW}.${BODY}`),
      "webhook.signature",
    ],
    ["no signature", { headers: {}, body: BODY }, "webhook.missing_header"],
    [
      "no timestamp",
      { headers: { "stripe-signature": `v1=${hmac(BODY)}` }, body: BODY },
      "webhook.missing_header",
    ],
    ["an unreadable timestamp", {
      headers: { "stripe-signature": `t=soon,v1=${hmac(BODY)}` },
      body: BODY,
    }, "webhook.timestamp"],
    ["a signature that is not hex", {
      headers: { "stripe-signature": `t=${NOW},v1=zz` },
      body: BODY,
    }, "webhook.signature"],
    [
      "an empty signature",
      { headers: { "stripe-signature": `t=${NOW},v1=` }, body: BODY },
      "webhook.signature",
    ],
  ];
  for (const [name, message, code] of refused) {
    test(`${name} is refused`, async () => {
      const error = await rejection(stripe.verify(message));
      expect(error).toBeInstanceOf(WebhookError);
      expect(error).toMatchObject({ code });
    });
  }

  test("the edges of the tolerance are inside", async () => {
    for (const at of [NOW - 300, NOW + 300]) {
      expect((await stripe.verify(stripeMessage(at))).name).toBe("paid");
    }
  });

  test("what is signed but no JSON, or nameless", async () => {
    for (const body of ["oops", "{}"]) {
      expect(await rejection(stripe.verify(stripeMessage(NOW, body, `${NOW}.${body}`))))
        .toMatchObject({ code: "webhook.body" });
    }
  });
});

describe("other schemes", () => {
  test("a prefix, and the name in a header (GitHub)", async () => {
    const github = handler(
      hmacWebhook({
        algorithm: "sha256",
        secret: SECRET,
        secretEncoding: "utf8",
        signature: { header: "X-Hub-Signature-256", format: "plain", prefix: "sha256=" },
        encoding: "hex",
        sign: [{ get: ["body"] }],
        toleranceMs: 300_000,
      }),
      "whsec",
      { header: "X-GitHub-Event" },
    );
    const headers = { "x-hub-signature-256": `sha256=${hmac(BODY)}`, "x-github-event": "push" };
    expect((await github.verify({ headers, body: BODY })).name).toBe("push");
    expect(
      await rejection(
        github.verify({ headers: { ...headers, "x-hub-signature-256": hmac(BODY) }, body: BODY }),
      ),
    )
      .toMatchObject({ code: "webhook.missing_header" });
  });

  test("bytes are signed as they are", async () => {
    const raw = Uint8Array.of(0x7b, 0xff, 0x7d);
    const any = handler(hmacWebhook({
      algorithm: "sha256",
      secret: SECRET,
      secretEncoding: "utf8",
      signature: { header: "sig", format: "plain" },
      encoding: "hex",
      sign: ["pre.", { get: ["body"] }],
      toleranceMs: 1,
    }));
    const signature = createHmac("sha256", "whsec").update("pre.").update(raw).digest("hex");
    // The signature holds, so the complaint is about the content.
    expect(await rejection(any.verify({ headers: { sig: signature }, body: raw }))).toMatchObject({
      code: "webhook.body",
    });
  });

  test("an encoded secret with a prefix, an id, several signatures (Standard Webhooks)", async () => {
    const key = Uint8Array.from({ length: 24 }, (_, index) => index * 7);
    const standard = handler(
      hmacWebhook({
        algorithm: "sha256",
        secret: SECRET,
        secretEncoding: "base64",
        secretPrefix: "whsec_",
        signature: { header: "webhook-signature", format: "list", prefix: "v1," },
        encoding: "base64",
        timestamp: { header: "webhook-timestamp", format: "plain" },
        id: { header: "webhook-id", format: "plain" },
        sign: [{ get: ["id"] }, ".", { get: ["timestamp"] }, ".", { get: ["body"] }],
        toleranceMs: 300_000,
      }),
      `whsec_${btoa(String.fromCharCode(...key))}`,
    );
    const signature = hmac(`msg_1.${NOW}.${BODY}`, key, "base64");
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(NOW),
      "webhook-signature": `v1,AAAA v2,xx v1,${signature}`,
    };
    expect((await standard.verify({ headers, body: BODY })).name).toBe("paid");
    expect(
      await rejection(
        standard.verify({ headers: { ...headers, "webhook-id": "msg_2" }, body: BODY }),
      ),
    ).toMatchObject({
      code: "webhook.signature",
    });
  });

  test("Ed25519", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const hex = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
    const discord = handler(
      ed25519Webhook({
        publicKey: SECRET,
        keyEncoding: "hex",
        signature: { header: "x-signature", format: "plain" },
        encoding: "hex",
        timestamp: { header: "x-timestamp", format: "plain" },
        sign: [{ get: ["timestamp"] }, { get: ["body"] }],
        toleranceMs: 300_000,
      }),
      hex,
    );
    const signature = signWith(null, new TextEncoder().encode(`${NOW}${BODY}`), privateKey)
      .toString("hex");
    const headers = { "x-timestamp": String(NOW), "x-signature": signature };
    expect((await discord.verify({ headers, body: BODY })).name).toBe("paid");
    expect(await rejection(discord.verify({ headers, body: `${BODY} ` }))).toMatchObject({
      code: "webhook.signature",
    });
  });

  test("a token", async () => {
    const token = handler(tokenWebhook("X-Token", SECRET));
    expect((await token.verify({ headers: { "x-token": "whsec" }, body: BODY })).name).toBe("paid");
    expect(await rejection(token.verify({ headers: { "x-token": "whsec2" }, body: BODY })))
      .toMatchObject({ code: "webhook.signature" });
    expect(await rejection(token.verify({ headers: {}, body: BODY }))).toMatchObject({
      code: "webhook.missing_header",
    });
  });

  test("a hook, and none", async () => {
    const hook = handler(hookWebhook(({ headers }, config) => headers["x"] === config["secret"]));
    expect((await hook.verify({ headers: { X: "whsec" }, body: BODY })).name).toBe("paid");
    expect(await rejection(hook.verify({ headers: {}, body: BODY }))).toMatchObject({
      code: "webhook.signature",
    });
    expect((await handler(unverifiedWebhook).verify({ headers: {}, body: BODY })).name).toBe(
      "paid",
    );
  });
});

test("without its secret nothing is accepted", async () => {
  const unconfigured = handler(tokenWebhook("X-Token", SECRET), "");
  expect(await rejection(unconfigured.verify({ headers: { "x-token": "" }, body: BODY })))
    .toMatchObject({ code: "webhook.secret" });
});
