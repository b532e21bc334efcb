/** The ways in which APIs prove that a webhook is theirs. */
import {
  type BytesEncoding,
  decodeBytes,
  ed25519Verify,
  type HmacAlgorithm,
  hmacVerify,
  sameText,
  utf8,
} from "./crypto.ts";
import type { Context } from "./context.ts";
import type { VerifyHook } from "./hooks.ts";
import { renderBytes, renderConfig, type Template } from "./template.ts";
import { type ReceivedWebhook, WebhookError, type WebhookVerifier } from "./webhooks.ts";

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
  /** Oldest and youngest timestamp accepted. */
  readonly toleranceMs: number;
}

export interface HmacWebhookOptions extends Signed {
  readonly algorithm: HmacAlgorithm;
  readonly secret: Template;
  readonly secretEncoding: "utf8" | BytesEncoding;
  readonly secretPrefix?: string;
}

export function hmacWebhook(options: HmacWebhookOptions): WebhookVerifier {
  return async (message, context, now) => {
    const text = secretOf(options.secret, context);
    const bare = options.secretPrefix !== undefined && text.startsWith(options.secretPrefix)
      ? text.slice(options.secretPrefix.length)
      : text;
    const secret = options.secretEncoding === "utf8"
      ? utf8(bare)
      : decodeBytes(bare, options.secretEncoding);
    if (secret === undefined) throw misconfigured(`is not ${options.secretEncoding}`);
    await checkSignature(
      options,
      message,
      context,
      now,
      (signature, data) => hmacVerify(options.algorithm, secret, signature, data),
    );
  };
}

export interface Ed25519WebhookOptions extends Signed {
  readonly publicKey: Template;
  readonly keyEncoding: BytesEncoding;
}

export function ed25519Webhook(options: Ed25519WebhookOptions): WebhookVerifier {
  return async (message, context, now) => {
    const key = decodeBytes(secretOf(options.publicKey, context), options.keyEncoding);
    if (key?.length !== 32) throw misconfigured("is not an Ed25519 public key of 32 bytes");
    await checkSignature(
      options,
      message,
      context,
      now,
      (signature, data) => ed25519Verify(key, signature, data),
    );
  };
}

/** A shared secret that is sent as it is. */
export function tokenWebhook(header: string, token: Template): WebhookVerifier {
  return async (message, context) => {
    const given = message.headers[header.toLowerCase()];
    if (given === undefined) throw missing(header);
    if (!(await sameText(given, secretOf(token, context)))) throw forged();
  };
}

export function hookWebhook(hook: VerifyHook): WebhookVerifier {
  return async (message, context) => {
    if (await hook(message, context.config) === false) throw forged();
  };
}

/** For APIs that sign nothing: anybody can send such a message. */
export const unverifiedWebhook: WebhookVerifier = () => {};

async function checkSignature(
  options: Signed,
  message: ReceivedWebhook,
  context: Context,
  now: number,
  verify: (signature: Uint8Array, data: Uint8Array) => Promise<boolean>,
): Promise<void> {
  const signatures = pick(message, options.signature);
  if (signatures.length === 0) throw missing(options.signature.header);
  const [timestamp] = options.timestamp === undefined ? [] : pick(message, options.timestamp);
  const [id] = options.id === undefined ? [] : pick(message, options.id);
  if (options.timestamp !== undefined) checkTimestamp(options, timestamp, now);
  const data = renderBytes(options.sign, {
    config: context.config,
    body: message.body,
    timestamp,
    id,
  });
  if (data === undefined) throw missing(options.id?.header ?? options.signature.header);
  for (const text of signatures) {
    const signature = decodeBytes(text, options.encoding);
    if (signature !== undefined && await verify(signature, data)) return;
  }
  throw forged();
}

/** An old message that is sent again has a signature that holds. */
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

function secretOf(template: Template, context: Context): string {
  const secret = renderConfig(template, context);
  if (secret === undefined || secret === "") throw misconfigured("is not configured");
  return secret;
}

function misconfigured(what: string): WebhookError {
  return new WebhookError("webhook.secret", `The key that webhooks are verified with ${what}`);
}

function missing(header: string): WebhookError {
  return new WebhookError(
    "webhook.missing_header",
    `The message has no ${header} header in the form that is expected`,
  );
}

function forged(): WebhookError {
  return new WebhookError(
    "webhook.signature",
    "The signature of the message does not hold: it is not authentic, or was changed on its way",
  );
}
