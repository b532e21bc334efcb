import type { BytesEncoding, HmacAlgorithm } from "./auth.ts";
import type { Position } from "./position.ts";
import type { Schema } from "./schema.ts";
import type { Selector } from "./selector.ts";
import type { Template } from "./template.ts";

/**
 * A value in a header: `plain` is all of it after `prefix`; `pairs` is `t=1,v1=ab,v1=cd`, the values of `key`;
 * `list` is `v1,ab v1,cd`, each after `prefix`. Any of several signatures may match.
 */
export interface HeaderPick {
  readonly header: string;
  readonly format: "plain" | "pairs" | "list";
  readonly prefix?: string;
  readonly key?: string;
}

export type WebhookVerification =
  | {
    readonly type: "hmac";
    readonly algorithm: HmacAlgorithm;
    readonly secret: Template;
    /** How the secret text becomes bytes. Default: `utf8`. */
    readonly secretEncoding: "utf8" | BytesEncoding;
    /** Cut off the secret before decoding, such as `whsec_`. */
    readonly secretPrefix?: string;
    readonly signature: HeaderPick;
    readonly encoding: BytesEncoding;
    /** Epoch seconds. */
    readonly timestamp?: HeaderPick;
    readonly id?: HeaderPick;
    /** The signed text. Lookups: `body`, `timestamp`, `id`, `config.*`. Default: `${body}`. */
    readonly sign: Template;
    /** Oldest and newest timestamp accepted, in milliseconds. Default: 300,000. */
    readonly toleranceMs: number;
  }
  | {
    readonly type: "ed25519";
    readonly publicKey: Template;
    readonly keyEncoding: BytesEncoding;
    readonly signature: HeaderPick;
    readonly encoding: BytesEncoding;
    readonly timestamp?: HeaderPick;
    readonly sign: Template;
    readonly toleranceMs: number;
  }
  /** A shared secret sent as it is, compared in constant time. */
  | { readonly type: "token"; readonly header: string; readonly token: Template }
  | { readonly type: "hook"; readonly hook: string }
  | { readonly type: "none" };

export interface WebhookEvent {
  /** Wire name: `payment_intent.succeeded`. */
  readonly name: string;
  /** Base of type names: `PaymentIntentSucceeded`. Unique. */
  readonly typeName: string;
  /** Of the whole payload. */
  readonly schema: Schema;
  readonly doc?: string;
  readonly deprecated?: boolean | string;
  readonly example?: unknown;
  readonly at: Position;
}

export interface WebhooksModel {
  readonly verify: WebhookVerification;
  /** Where the event's name is. */
  readonly name: { readonly kind: "body"; readonly selector: Selector } | {
    readonly kind: "header";
    readonly header: string;
  };
  readonly events: readonly WebhookEvent[];
  readonly at: Position;
}
