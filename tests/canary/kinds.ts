/** Every kind of auth over one secret, and every kind of failure. */
import {
  apiKey,
  type AuthStep,
  awsSigV4,
  basic,
  bearer,
  hmac,
  hookAuth,
  oauth2,
} from "../../src/connector/mod.ts";

/** With characters that URLs, JSON and HTML escape, and that differ between the two base64 alphabets. */
export const CANARY: string = ["c4n4ry", "7f>?3a/91+c2", 'd5"e', "&8b 0a"].join("-");

const KEY = [{ get: ["config", "key"] }];

function oauth(url: string, path: string, more: object): readonly AuthStep[] {
  return [oauth2({
    flow: "clientCredentials",
    tokenUrl: [url + path],
    clientId: ["client"],
    clientSecret: KEY,
    ...more,
  })];
}

export function authKinds(url: string): Readonly<Record<string, readonly AuthStep[]>> {
  return {
    bearer: [bearer(KEY)],
    basic: [basic(["user"], KEY)],
    "API key in a header": [apiKey("header", "X-Shop-Key", KEY)],
    "API key in the query": [apiKey("query", "shop_key", KEY)],
    "API key in a cookie": [apiKey("cookie", "sid", KEY)],
    "AWS signature": [awsSigV4({
      accessKeyId: ["AKID"],
      secretAccessKey: KEY,
      sessionToken: KEY,
      region: ["eu-west-1"],
      service: "s3",
    })],
    HMAC: [hmac({
      algorithm: "sha256",
      secret: KEY,
      sign: [{ get: ["request", "path"] }],
      encoding: "base64",
      header: "X-Signature",
      value: ["v1=", { get: ["signature"] }],
      extra: [["X-Signed-With", KEY]],
    })],
    hook: [hookAuth((request, config) => {
      request.headers["x-made"] = `Made ${btoa(`${String(config["key"])}.7`)}`;
    })],
    "OAuth2, secret in a header": oauth(url, "/token", {}),
    "OAuth2, secret in the body": oauth(url, "/token", { clientAuth: "body" }),
    "OAuth2, refresh token": oauth(url, "/token", { flow: "refreshToken", refreshToken: KEY }),
    "OAuth2, refused": oauth(url, "/token-refused", {}),
    "OAuth2, refused with the secret in the body": oauth(url, "/token-refused", {
      clientAuth: "body",
    }),
    "OAuth2, broken": oauth(url, "/token-broken", { clientAuth: "body" }),
    "a hook that fails": [hookAuth((_, config) => {
      const cause = Object.assign(new TypeError(`with ${String(config["key"])}`), { config });
      throw new Error(`cannot sign with ${String(config["key"])}`, { cause });
    })],
  };
}

export interface Failing {
  readonly path: string;
  readonly stream?: true;
  /** Instead of the API: nothing listens, or a server with an untrusted certificate. */
  readonly at?: "closed" | "untrusted";
  readonly timeoutMs?: number;
}

export const FAILURES: readonly Failing[] = [
  { path: "/400" },
  { path: "/401" },
  { path: "/429" },
  { path: "/500" },
  { path: "/not-json" },
  { path: "/bare" },
  { path: "/headers" },
  { path: "/says-no" },
  { path: "/stream-error", stream: true },
  { path: "/stream-bad", stream: true },
  { path: "/stream-cut", stream: true },
  { path: "/hang", timeoutMs: 100 },
  { path: "/reset" },
  { path: "/redirect" },
  { path: "/redirect-nowhere" },
  { path: "/loop" },
  { path: "/400", at: "closed" },
  { path: "/400", at: "untrusted" },
];
