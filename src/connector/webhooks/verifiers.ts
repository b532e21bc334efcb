/** The ways in which APIs prove that a webhook comes from them. */
import {
  type BytesEncoding,
  decodeBytes,
  ed25519Verify,
  type HmacAlgorithm,
  hmacVerify,
  sameText,
  utf8,
} from "../auth/crypto.ts";
import type { VerifyHook } from "../data/hooks.ts";
import { renderBytes, renderConfig } from "../request/template.ts";
import { WebhookError } from "./webhooks.ts";
import type { ClientState } from "../data/connector.ts";
import type { Template } from "../data/template.ts";
import type { ReceivedWebhook, WebhookVerifier } from "../data/webhooks.ts";

/** A value in a header: all of it, `t=1,v1=ab` by key, or a list such as `v1,ab v1,cd`. */
export interface HeaderPick {
  readonly header: string;
  readonly format: "plain" | "pairs" | "list";
  readonly prefix?: string;
  readonly key?: string;
}

interface Signed {
  readonly signature: HeaderPick;
  readonly encoding: BytesEncoding;
  /** Epoch seconds. */
  readonly timestamp?: HeaderPick;
  readonly id?: HeaderPick;
  readonly sign: Template;
  /** Oldest and newest timestamp accepted. */
  readonly toleranceMs: number;
}

export interface HmacWebhookOptions extends Signed {
  readonly algorithm: HmacAlgorithm;
  readonly secret: Template;
  readonly secretEncoding: "utf8" | BytesEncoding;
  readonly secretPrefix?: string;
}

export function hmacWebhook(options: HmacWebhookOptions): WebhookVerifier {
  return async (message, client, now, given) => {
    const secrets = secretsOf(options.secret, client, given).map((text) => hmacKey(options, text));
    await checkSignature(
      options,
      message,
      client,
      now,
      secrets,
      (secret, signature, data) => hmacVerify(options.algorithm, secret, signature, data),
    );
  };
}

function hmacKey(options: HmacWebhookOptions, text: string): Uint8Array {
  const { secretEncoding, secretPrefix } = options;
  const bare = secretPrefix !== undefined && text.startsWith(secretPrefix)
    ? text.slice(secretPrefix.length)
    : text;
  const secret = secretEncoding === "utf8" ? utf8(bare) : decodeBytes(bare, secretEncoding);
  if (secret === undefined) throw misconfigured(`is not ${secretEncoding}`);
  return secret;
}

export interface Ed25519WebhookOptions extends Signed {
  readonly publicKey: Template;
  readonly keyEncoding: BytesEncoding;
}

export function ed25519Webhook(options: Ed25519WebhookOptions): WebhookVerifier {
  return async (message, client, now, given) => {
    const keys = secretsOf(options.publicKey, client, given).map((text) => {
      const key = decodeBytes(text, options.keyEncoding);
      if (key?.length !== 32) throw misconfigured("is not an Ed25519 public key of 32 bytes");
      return key;
    });
    await checkSignature(options, message, client, now, keys, ed25519Verify);
  };
}

/** A shared secret that is sent as it is. */
export function tokenWebhook(header: string, token: Template): WebhookVerifier {
  return async (message, client, _now, given) => {
    const tokens = secretsOf(token, client, given);
    const sent = message.headers[header.toLowerCase()];
    if (sent === undefined) throw missing(header);
    if (!(await anyHolds(tokens, (one) => sameText(sent, one)))) throw forged();
  };
}

export function hookWebhook(hook: VerifyHook): WebhookVerifier {
  return async (message, client, _now, given) => {
    if (given !== undefined) {
      throw misconfigured("cannot be given: a hook verifies these webhooks and has its own");
    }
    if (await hook(message, client.config) === false) throw forged();
  };
}

/** For APIs that sign nothing: anyone can send such a message. */
export const unverifiedWebhook: WebhookVerifier = (_message, _client, _now, given) => {
  if (given !== undefined) throw misconfigured("cannot be given: the API signs nothing");
};

/** A header may list signatures; each one costs a pass over the whole body. */
const MAX_SIGNATURES = 16;

async function checkSignature(
  options: Signed,
  message: ReceivedWebhook,
  client: ClientState,
  now: number,
  keys: readonly Uint8Array[],
  verify: (key: Uint8Array, signature: Uint8Array, data: Uint8Array) => Promise<boolean>,
): Promise<void> {
  const signatures = pick(message, options.signature).slice(0, MAX_SIGNATURES);
  if (signatures.length === 0) throw missing(options.signature.header);
  const [timestamp] = options.timestamp === undefined ? [] : pick(message, options.timestamp);
  const [id] = options.id === undefined ? [] : pick(message, options.id);
  if (options.timestamp !== undefined) checkTimestamp(options, timestamp, now);
  const data = renderBytes(options.sign, {
    config: client.config,
    body: message.body,
    timestamp,
    id,
  });
  if (data === undefined) throw missing(options.id?.header ?? options.signature.header);
  for (const text of signatures) {
    const signature = decodeBytes(text, options.encoding);
    if (signature !== undefined && await anyHolds(keys, (key) => verify(key, signature, data))) {
      return;
    }
  }
  throw forged();
}

/** A replayed message has a valid signature. */
function checkTimestamp(options: Signed, timestamp: string | undefined, now: number): void {
  if (timestamp === undefined) throw missing(options.timestamp?.header ?? "");
  const sent = /^\d+$/.test(timestamp) ? Number(timestamp) * 1000 : NaN;
  if (Math.abs(now - sent) <= options.toleranceMs) return;
  const text = Number.isNaN(sent)
    ? "has no readable timestamp"
    : `is ${Math.round((now - sent) / 1000)} s old`;
  throw new WebhookError(
    "webhook.timestamp",
    `The message ${text}: at most ${options.toleranceMs / 1000} s are accepted`,
  );
}

function pick(message: ReceivedWebhook, from: HeaderPick): string[] {
  const value = message.headers[from.header.toLowerCase()];
  if (value === undefined) return [];
  const prefix = from.prefix ?? "";
  const strip = (text: string): string[] =>
    text.startsWith(prefix) ? [text.slice(prefix.length)] : [];
  switch (from.format) {
    case "plain":
      return strip(value.trim());
    case "list":
      return value.trim().split(/\s+/).flatMap(strip);
    case "pairs":
      return value.split(",").flatMap((pair) => {
        const at = pair.indexOf("=");
        return at !== -1 && pair.slice(0, at).trim() === from.key
          ? strip(pair.slice(at + 1).trim())
          : [];
      });
  }
}

/** Checks all of them, so that timing does not reveal which one matches. */
async function anyHolds<T>(
  all: readonly T[],
  holds: (one: T) => Promise<boolean>,
): Promise<boolean> {
  return (await Promise.all(all.map(holds))).includes(true);
}

function secretsOf(
  template: Template,
  client: ClientState,
  given: readonly string[] | undefined,
): readonly string[] {
  const secrets = given ?? [renderConfig(template, client) ?? ""];
  if (secrets.length === 0 || secrets.includes("")) throw misconfigured("is not configured");
  return secrets;
}

function misconfigured(what: string): WebhookError {
  return new WebhookError("webhook.secret", `The key that webhooks are verified with ${what}`);
}

function missing(header: string): WebhookError {
  return new WebhookError(
    "webhook.missing_header",
    `The message has no ${header} header in the expected form`,
  );
}

function forged(): WebhookError {
  return new WebhookError(
    "webhook.signature",
    "The signature does not match: the message is not authentic, or was changed on its way",
  );
}
