/** OAuth 2 for programs: client credentials and refresh token (RFC 6749). */
import { toBase64 } from "../../core/bytes.ts";
import { systemClock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../../core/errors.ts";
import { cancelled, within } from "../../core/async/within.ts";
import { statusClass } from "../../http/status.ts";
import { discard } from "../../core/read_limited.ts";
import { readText } from "../answer/read_body.ts";
import { secretHeader } from "../request/secret_headers.ts";
import { renderConfig } from "../request/template.ts";
import type { AuthLimits, AuthStep, ClientState } from "../data/connector.ts";
import type { Template } from "../data/template.ts";

export interface OAuth2Options {
  readonly flow: "clientCredentials" | "refreshToken";
  readonly tokenUrl: Template;
  readonly clientId: Template;
  readonly clientSecret?: Template;
  /** Only for `refreshToken`. */
  readonly refreshToken?: Template;
  readonly scopes?: readonly string[];
  readonly audience?: Template;
  /** How the client authenticates to the token endpoint. Default: `basic`. */
  readonly clientAuth?: "basic" | "body";
}

interface Token {
  readonly value: string;
  /** `clock.now()` from which it is no longer used. */
  readonly until: number;
}

interface TenantTokens {
  /** One token request serves all calls that wait for it. */
  pending?: { readonly work: Promise<Token>; readonly until: number } | undefined;
  token?: Token | undefined;
  /** The API may issue a new one with every token. */
  refreshToken?: string | undefined;
}

/** A token that expires on the way is worse than one renewed too early. */
const EARLY_MS = 30_000;
const DEFAULT_LIFE_MS = 3_600_000;
const TOKEN_TIMEOUT_MS = 30_000;
const MAX_TOKEN_BYTES = 1024 * 1024;

/** `authorization: Bearer …` with a token that is fetched when needed and kept for each tenant of a client. */
export function oauth2(options: OAuth2Options): AuthStep {
  const { tokenUrl, clientId, clientSecret, refreshToken } = options;
  const stated = [tokenUrl, clientId, clientSecret, refreshToken];
  return {
    needs: stated.filter((template) => template !== undefined),
    async apply(request, client, tenantId, limits) {
      const token = await tokenFor(options, client, tenantId, limits);
      secretHeader(request, "authorization", `Bearer ${token.value}`, token.value);
    },
    refused({ request, reply }, client, tenantId, again) {
      // A stream can be read once only.
      if (request.body instanceof ReadableStream) return undefined;
      const tokens = tokensOf(options, client, tenantId);
      // Another call may have replaced the refused token meanwhile.
      if (`Bearer ${tokens.token?.value}` === request.headers["authorization"]) {
        tokens.token = undefined;
      }
      discard(reply.body);
      return again();
    },
  };
}

function tokensOf(options: OAuth2Options, client: ClientState, tenantId: string): TenantTokens {
  const all = (client.kept.get(options) ?? new Map()) as Map<string, TenantTokens>;
  client.kept.set(options, all);
  const tokens = all.get(tenantId) ?? {};
  all.set(tenantId, tokens);
  return tokens;
}

function tokenFor(
  options: OAuth2Options,
  client: ClientState,
  tenantId: string,
  { signal, timeoutMs = TOKEN_TIMEOUT_MS }: AuthLimits,
): Promise<Token> | Token {
  const tokens = tokensOf(options, client, tenantId);
  const clock = client.options.clock ?? systemClock;
  if (tokens.token !== undefined && tokens.token.until > clock.now()) return tokens.token;
  if (signal?.aborted) throw cancelled(signal, "no");
  // Not bound to the limits of the first call: others wait for the same token.
  // Where a host ends work with the request that began it, the old promise may never settle.
  if (tokens.pending === undefined || tokens.pending.until < clock.monotonic()) {
    const work = boundedFetch(options, client, tenantId, tokens).finally(() => {
      if (tokens.pending?.work === work) tokens.pending = undefined;
    });
    tokens.pending = { work, until: clock.monotonic() + TOKEN_TIMEOUT_MS };
  }
  const late = (): ConnectorError => silent(client, timeoutMs);
  return within(tokens.pending.work, { clock, signal, timeoutMs, late });
}

/** With a timeout of its own, whatever the runtime does: every later call would wait for a request that never ends. */
async function boundedFetch(
  options: OAuth2Options,
  client: ClientState,
  tenantId: string,
  tokens: TenantTokens,
): Promise<Token> {
  const abort = new AbortController();
  const late = (): ConnectorError => {
    const error = silent(client, TOKEN_TIMEOUT_MS);
    abort.abort(error);
    return error;
  };
  const clock = client.options.clock ?? systemClock;
  const work = fetchToken(options, client, tenantId, tokens, abort.signal);
  try {
    return await within(work, { clock, timeoutMs: TOKEN_TIMEOUT_MS, late });
  } catch (error) {
    throw fromTokenEndpoint(client.connector.id, error);
  }
}

async function fetchToken(
  options: OAuth2Options,
  client: ClientState,
  tenantId: string,
  tokens: TenantTokens,
  signal: AbortSignal,
): Promise<Token> {
  const form = new URLSearchParams();
  const headers: [string, string][] = [
    ["content-type", "application/x-www-form-urlencoded"],
    ["accept", "application/json"],
  ];
  if (options.flow === "clientCredentials") form.set("grant_type", "client_credentials");
  else {
    form.set("grant_type", "refresh_token");
    form.set(
      "refresh_token",
      tokens.refreshToken ?? need(options.refreshToken, client, "refresh token"),
    );
  }
  if (options.scopes !== undefined) form.set("scope", options.scopes.join(" "));
  const audience = options.audience && renderConfig(options.audience, client);
  if (audience !== undefined) form.set("audience", audience);
  const id = need(options.clientId, client, "client id");
  const secret = options.clientSecret && renderConfig(options.clientSecret, client);
  if (secret !== undefined && options.clientAuth !== "body") {
    const pair = toBase64(
      new TextEncoder().encode(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`),
    );
    client.secrets.add(pair);
    headers.push(["authorization", `Basic ${pair}`]);
  } else {
    form.set("client_id", id);
    if (secret !== undefined) form.set("client_secret", secret);
  }
  const clock = client.options.clock ?? systemClock;
  const asked = clock.now();
  const reply = await client.runtime.call({
    method: "POST",
    url: need(options.tokenUrl, client, "token URL"),
    headers,
    body: new TextEncoder().encode(form.toString()),
    connector: client.connector.id,
    operation: "oauth2.token",
    timeoutMs: TOKEN_TIMEOUT_MS,
    signal,
    tenantId: tenantId === "" ? undefined : tenantId,
    policy: { idempotent: true, secretHeaders: ["authorization"], maxRedirects: 0 },
  });
  const answer = parse(await readText(reply.body, MAX_TOKEN_BYTES));
  const value = answer["access_token"];
  if (reply.status !== 200 || typeof value !== "string" || value === "") {
    throw refused(client.connector.id, reply.status, answer);
  }
  client.secrets.add(value);
  if (typeof answer["refresh_token"] === "string") {
    tokens.refreshToken = answer["refresh_token"];
    client.secrets.add(tokens.refreshToken);
    client.options.onRefreshToken?.(tokens.refreshToken);
  }
  const life = Number(answer["expires_in"]) * 1000;
  const lifeMs = Number.isFinite(life) && life > 0 ? life : DEFAULT_LIFE_MS;
  const token = { value, until: asked + Math.max(lifeMs - EARLY_MS, lifeMs / 2) };
  tokens.token = token;
  return token;
}

function need(template: Template | undefined, client: ClientState, what: string): string {
  const value = template && renderConfig(template, client);
  if (value !== undefined) return value;
  throw new ConnectorError({
    errorClass: ErrorClass.InvalidRequest,
    code: "auth.token",
    message: `${client.connector.id} has no ${what}to request an access token with`,
    origin: "caller",
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

function silent(client: ClientState, timeoutMs: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "auth.token_timeout",
    message: `The token endpoint of ${client.connector.id} did not answer within ${timeoutMs} ms`,
    origin: "upstream",
    sent: "no",
  });
}

/** A failure to reach the token endpoint must not look like a failure of the API, which has not been called yet. */
function fromTokenEndpoint(id: string, thrown: unknown): ConnectorError {
  const { errorClass, code, message, origin, retryAfterMs } = toConnectorError(thrown);
  if (code.startsWith("auth.")) return thrown as ConnectorError;
  return new ConnectorError({
    errorClass,
    code: errorClass === ErrorClass.Timeout ? "auth.token_timeout" : code,
    message: `The token endpoint of ${id} could not be reached: ${message}`,
    origin,
    sent: "no",
    retryAfterMs,
    cause: thrown,
  });
}

/** Only the error code and description of RFC 6749 are shown: the rest of the answer may contain secrets. */
function refused(id: string, status: number, answer: Record<string, unknown>): ConnectorError {
  const facts = [answer["error"], answer["error_description"]].filter((fact) =>
    typeof fact === "string"
  );
  const byStatus = statusClass(status);
  return new ConnectorError({
    errorClass: byStatus === ErrorClass.Success || byStatus === ErrorClass.InvalidRequest
      ? ErrorClass.Permanent
      : byStatus,
    code: "auth.token",
    message: `The token endpoint of ${id} returned no access token (status ${status})${
      facts.length === 0 ? "" : `: ${facts.join(", ")}`
    }`,
    origin: "upstream",
    // The call itself was not sent.
    sent: "no",
    status,
  });
}
