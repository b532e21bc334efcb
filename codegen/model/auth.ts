/** How requests are signed. A field whose optional lookup is absent at run time switches the whole scheme off. */
import type { Position } from "./position.ts";
import type { Template } from "./template.ts";

interface AuthBase {
  readonly at: Position;
}

export interface BearerAuth extends AuthBase {
  readonly type: "bearer";
  readonly token: Template;
}

export interface ApiKeyAuth extends AuthBase {
  readonly type: "apiKey";
  readonly in: "header" | "query" | "cookie";
  readonly name: string;
  readonly value: Template;
}

export interface BasicAuth extends AuthBase {
  readonly type: "basic";
  readonly username: Template;
  readonly password: Template;
}

/** The token is cached per tenant, one refresh in flight; a 401 refreshes once and retries once. */
export interface OAuth2Auth extends AuthBase {
  readonly type: "oauth2";
  readonly flow: "clientCredentials" | "refreshToken";
  readonly tokenUrl: Template;
  readonly clientId: Template;
  readonly clientSecret?: Template;
  /** Only for `refreshToken`. */
  readonly refreshToken?: Template;
  readonly scopes: readonly string[];
  readonly audience?: Template;
  /** How the client authenticates to the token endpoint. Default: `basic`. */
  readonly clientAuth: "basic" | "body";
}

export interface AwsSigV4Auth extends AuthBase {
  readonly type: "awsSigV4";
  readonly accessKeyId: Template;
  readonly secretAccessKey: Template;
  readonly sessionToken?: Template;
  readonly region: Template;
  readonly service: string;
}

export type HmacAlgorithm = "sha1" | "sha256" | "sha384" | "sha512";
export type BytesEncoding = "hex" | "base64" | "base64url";

export interface HmacAuth extends AuthBase {
  readonly type: "hmac";
  readonly algorithm: HmacAlgorithm;
  readonly secret: Template;
  /**
   * The text that is signed. Lookups: `request.method`, `request.path` (with query), `request.query`, `request.body`,
   * `timestamp` (epoch seconds), `nonce`, `config.*`.
   */
  readonly sign: Template;
  readonly encoding: BytesEncoding;
  readonly header: string;
  /** The header's value. Lookups: `signature`, `timestamp`, `nonce`, `config.*`. Default: `${signature}`. */
  readonly value: Template;
  /** Additional headers, such as the timestamp; the same lookups as `value`. */
  readonly extra: readonly { readonly name: string; readonly value: Template }[];
}

export interface HookAuth extends AuthBase {
  readonly type: "hook";
  /** Name of a hook of kind `auth`. */
  readonly hook: string;
}

/** The first alternative with values signs; all of its schemes apply. An empty one: no credentials. */
export interface AnyOfAuth extends AuthBase {
  readonly type: "anyOf";
  readonly alternatives: readonly (readonly Auth[])[];
}

export type Auth =
  | AnyOfAuth
  | BearerAuth
  | ApiKeyAuth
  | BasicAuth
  | OAuth2Auth
  | AwsSigV4Auth
  | HmacAuth
  | HookAuth;
