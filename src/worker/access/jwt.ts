/** Requests with a token of an identity provider: JSON Web Tokens (RFC 7519), checked against its published keys. */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from "jose";
import { invalidRequest } from "../../core/errors.ts";
import { AccessRefused, type Authenticator } from "./authenticator.ts";
import type { Grant, Rules } from "./caller.ts";

export interface JwtOptions {
  /** The required `iss` of tokens: the URL of the authorization server. */
  readonly issuer: string;
  /** The value that the token's `aud` must contain. */
  readonly audience: string | readonly string[];
  /** Where the issuer publishes its keys, or the keys. */
  readonly jwks: string | JSONWebKeySet;
  /** Default: `RS256`, `PS256`, `ES256`, `EdDSA` and their longer forms; never a shared secret. */
  readonly algorithms?: readonly string[];
  /** Claim with the tenant. Default: `tenant`. */
  readonly tenantClaim?: string;
  /** Instead of a claim: all tokens of this issuer belong to this tenant. */
  readonly tenant?: string;
  /** Allowed clock difference, in seconds. Default: 30. */
  readonly clockTolerance?: number;
  /** Fetches the keys. Default: the global one. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Default: the system's. */
  readonly now?: () => number;
}

const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
/** Three parts in base64url, the first of which encodes a JSON object. */
const JWT = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;

/**
 * The claims `connectors`, `operations` and `methods`, each a list or space-separated text, say what the token may use;
 * an absent one allows everything.
 *
 * @throws ConnectorError `worker.options` if `keys` is not a URL.
 */
export function jwt(options: JwtOptions): Authenticator {
  const { issuer, audience, algorithms = ALGORITHMS, clockTolerance = 30, jwks } = options;
  const key = typeof jwks === "string" ? remoteKeys(jwks, options) : createLocalJWKSet(jwks);
  const checks = {
    issuer,
    audience: [audience].flat(),
    algorithms: [...algorithms],
    clockTolerance,
    // A token without an expiry could never be revoked.
    requiredClaims: ["exp"],
  };
  return {
    issuer,
    async authenticate(credential) {
      // Another's token is for the next one to judge, and no reason to fetch keys.
      if (!JWT.test(credential) || issuerOf(credential) !== issuer) return undefined;
      const currentDate = new Date(options.now?.() ?? Date.now());
      const verified = jwtVerify(credential, key, { ...checks, currentDate })
        .catch((error: unknown) => {
          if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
          return verifyByAny(credential, error, { ...checks, currentDate });
        });
      const { payload } = await verified.catch((error: unknown) => {
        throw refusalOf(error, issuer);
      });
      return grantOf(payload, options);
    },
  };
}

/** Not verified. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** A token that does not name its key may be signed by any of those that the issuer publishes. */
async function verifyByAny(
  token: string,
  keys: errors.JWKSMultipleMatchingKeys,
  checks: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  for await (const key of keys) {
    try {
      return await jwtVerify(token, key, checks);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

function remoteKeys(text: string, options: JwtOptions): ReturnType<typeof createRemoteJWKSet> {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalidRequest(
      "worker.options",
      `jwks of the issuer ${options.issuer} must be an http or https URL or a set of keys, found ${
        JSON.stringify(text)
      }.`,
    );
  }
  return createRemoteJWKSet(url, options.fetch && { [customFetch]: options.fetch });
}

function grantOf(payload: JWTPayload, options: JwtOptions): Grant {
  const claim = options.tenantClaim ?? "tenant";
  const tenant = options.tenant ?? payload[claim];
  if (typeof tenant !== "string" || tenant === "") {
    const detail = `The token does not name a tenant: its claim "${claim}" must be a text.`;
    throw new AccessRefused(401, "access.invalid", detail);
  }
  const rules = Object.fromEntries(
    (["connectors", "operations", "methods"] as const).flatMap((name) => {
      const allow = listOf(payload, name);
      return allow === undefined ? [] : [[name, { allow }]];
    }),
  ) as Rules;
  return { tenant, id: payload.sub ?? "", ...rules };
}

/** A malformed claim must not count as absent, which would allow everything. */
function listOf(payload: JWTPayload, name: string): readonly string[] | undefined {
  const claim = payload[name];
  if (claim === undefined) return undefined;
  if (typeof claim === "string") return claim.split(/\s+/).filter((entry) => entry !== "");
  if (Array.isArray(claim) && claim.every((entry) => typeof entry === "string")) return claim;
  const detail = `The claim "${name}" of the token must be a list of texts, or one text.`;
  throw new AccessRefused(401, "access.invalid", detail);
}

function refusalOf(error: unknown, issuer: string): AccessRefused {
  if (error instanceof errors.JWTExpired) {
    return new AccessRefused(401, "access.expired", "The token has expired: ask for another.");
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    const detail = `The claim "${error.claim}" of the token is not what this server requires.`;
    return new AccessRefused(401, "access.invalid", detail);
  }
  const isAboutToken = error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid ||
      error.code === "ERR_JOSE_GENERIC");
  return isAboutToken
    ? new AccessRefused(401, "access.invalid", `The token was not signed by ${issuer}.`)
    : new AccessRefused(
      503,
      "access.unavailable",
      `The keys of ${issuer} could not be fetched, so tokens cannot be checked: try again later.`,
    );
}
