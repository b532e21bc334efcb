/** Logging in at an OAuth 2.0 authorization server, in a browser or with a code on another device. */
import * as oauth from "oauth4webapi";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";

export interface OAuthProvider {
  /** URL of the authorization server, which describes itself under it. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client. */
  readonly clientSecret?: string;
  readonly scopes?: readonly string[];
  /** Field of the connector's configuration that takes the refresh token. */
  readonly field: string;
}

/** What a person has to do. */
export interface DevicePrompt {
  readonly url: string;
  readonly code: string;
  /** Opens the page with the code filled in, where the server offers one. */
  readonly completeUrl: string | undefined;
}

const DEFAULT_POLL_SECONDS = 5;
/** How long the authorization server may take to answer. */
const REQUEST_MS = 30_000;

/** Where a browser is sent; the verifier is needed when it comes back. */
export async function authorizationUrl(
  provider: OAuthProvider,
  redirectUri: string,
  state: string,
  verifier: string,
): Promise<string> {
  const server = await discover(provider);
  const url = URL.parse(server.authorization_endpoint ?? "");
  if (url === null) throw failed(`${provider.issuer} offers no authorization in a browser`);
  const parameters = {
    client_id: provider.clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...(provider.scopes && { scope: provider.scopes.join(" ") }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** The refresh token for what a browser came back with. Rejects with `login.failed`. */
export async function exchangeCode(
  provider: OAuthProvider,
  callback: URL,
  redirectUri: string,
  state: string,
  verifier: string,
): Promise<string> {
  const server = await discover(provider);
  return await refreshTokenOf(provider, async (client) => {
    const parameters = oauth.validateAuthResponse(server, client, callback, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authenticationOf(provider),
      parameters,
      redirectUri,
      verifier,
      requestOptions(provider),
    );
    return await oauth.processAuthorizationCodeResponse(server, client, response);
  });
}

/** The refresh token after a person has entered a code on another device. Rejects with `login.failed`. */
export async function deviceLogin(
  provider: OAuthProvider,
  prompt: (shown: DevicePrompt) => void,
  sleep: (ms: number) => Promise<void>,
): Promise<string> {
  const server = await discover(provider);
  if (server.device_authorization_endpoint === undefined) {
    throw failed(`${provider.issuer} offers no login with a device code`);
  }
  return await refreshTokenOf(provider, async (client) => {
    const options = requestOptions(provider);
    const scope = provider.scopes && { scope: provider.scopes.join(" ") };
    const authentication = authenticationOf(provider);
    const begun = await oauth.processDeviceAuthorizationResponse(
      server,
      client,
      await oauth.deviceAuthorizationRequest(server, client, authentication, { ...scope }, options),
    );
    prompt({
      url: begun.verification_uri,
      code: begun.user_code,
      completeUrl: begun.verification_uri_complete,
    });
    let seconds = begun.interval ?? DEFAULT_POLL_SECONDS;
    for (let waited = 0;; waited += seconds) {
      if (waited >= begun.expires_in) {
        throw failed("The code was not entered in time: log in again");
      }
      await sleep(seconds * 1_000);
      const response = await oauth.deviceCodeGrantRequest(
        server,
        client,
        authentication,
        begun.device_code,
        options,
      );
      try {
        return await oauth.processDeviceCodeResponse(server, client, response);
      } catch (error) {
        if (!(error instanceof oauth.ResponseBodyError)) throw error;
        if (error.error === "slow_down") seconds += 5;
        else if (error.error !== "authorization_pending") throw error;
      }
    }
  });
}

async function discover(provider: OAuthProvider): Promise<oauth.AuthorizationServer> {
  const issuer = URL.parse(provider.issuer);
  if (issuer === null) throw failed(`The issuer ${JSON.stringify(provider.issuer)} is not a URL`);
  try {
    const found = async (algorithm: "oauth2" | "oidc"): Promise<oauth.AuthorizationServer> =>
      await oauth.processDiscoveryResponse(
        issuer,
        await oauth.discoveryRequest(issuer, { algorithm, ...requestOptions(provider) }),
      );
    return await found("oauth2").catch(() => found("oidc"));
  } catch (error) {
    throw failed(`${provider.issuer} does not describe itself as an authorization server`, error);
  }
}

async function refreshTokenOf(
  { issuer, clientId }: OAuthProvider,
  grant: (client: oauth.Client) => Promise<oauth.TokenEndpointResponse>,
): Promise<string> {
  let answer: oauth.TokenEndpointResponse;
  try {
    answer = await grant({ client_id: clientId });
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    const said = error instanceof oauth.ResponseBodyError ||
        error instanceof oauth.AuthorizationResponseError
      ? `: ${error.error}`
      : "";
    throw failed(`${issuer} did not grant access${said}`, error);
  }
  if (answer.refresh_token !== undefined) return answer.refresh_token;
  throw failed(`${issuer} gave no refresh token: ask for a scope like offline_access`);
}

function authenticationOf({ clientSecret }: OAuthProvider): oauth.ClientAuth {
  return clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(clientSecret);
}

/** Plain HTTP only on this machine. */
function requestOptions(
  { issuer }: OAuthProvider,
): { signal: () => AbortSignal; [oauth.allowInsecureRequests]?: boolean } {
  const host = URL.parse(issuer)?.hostname ?? "";
  const here = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);
  const signal = () => AbortSignal.timeout(REQUEST_MS);
  return { signal, ...(here && { [oauth.allowInsecureRequests]: true }) };
}

function failed(message: string, cause?: unknown): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "login.failed",
    message,
    origin: "upstream",
    cause,
  });
}
