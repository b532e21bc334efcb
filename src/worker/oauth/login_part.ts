/** Logging in with a browser: authorization code with PKCE. */
import { randomText } from "../../core/bytes.ts";
import { jsonResponse, textResponse } from "../../core/serve/json_response.ts";
import type { Incoming } from "../env.ts";
import { find } from "../find.ts";
import type { WorkerPart } from "../part.ts";
import { refuse } from "../problem/refuse.ts";
import { createLogins, type LoginOptions } from "./logins.ts";
import { authorizationUrl, exchangeCode } from "./provider.ts";

const CALLBACK = "/oauth/callback";
/** How long a person may take. */
const LOGIN_MS = 600_000;

interface Pending {
  readonly tenant: string;
  readonly connector: string;
  readonly verifier: string;
  readonly until: number;
}

/**
 * `POST /oauth/login/{id}` answers with the URL to open in a browser, which comes back to `/oauth/callback`. All that has to be
 * remembered meanwhile travels sealed in `state`, so that any worker with the same key can finish what another began.
 */
export function logins(options: LoginOptions): readonly WorkerPart[] {
  const { providers, vault, seal } = options;

  async function begin(context: Incoming): Promise<Response> {
    const found = find(context);
    if (found instanceof Response) return found;
    const { caller, served } = context.var;
    const { id } = found.entry.definition;
    const provider = providers[id];
    if (provider === undefined) {
      const detail = `Nobody logs in to ${id}: it has no entry under oauth.`;
      return refuse(context, 404, "login.unknown", detail);
    }
    // 43 characters: what a verifier needs at least.
    const verifier = randomText(32);
    const until = served.options.clock.now() + LOGIN_MS;
    const pending: Pending = { tenant: caller.tenant, connector: id, verifier, until };
    const state = await seal.seal(JSON.stringify(pending));
    const url = await authorizationUrl(provider, redirectUri(context), state, verifier);
    return jsonResponse({ url, expiresInMs: LOGIN_MS }, {
      headers: { "cache-control": "no-store" },
    });
  }

  async function finish(context: Incoming): Promise<Response> {
    const { served } = context.var;
    const state = context.req.query("state") ?? "";
    const text = await seal.open(state);
    const pending = text === undefined ? undefined : JSON.parse(text) as Pending;
    const provider = pending && providers[pending.connector];
    if (
      pending === undefined || provider === undefined || pending.until < served.options.clock.now()
    ) {
      const detail = "This login was not begun here, or too long ago: begin again.";
      return refuse(context, 400, "login.state", detail);
    }
    const token = await exchangeCode(
      provider,
      new URL(context.req.url),
      redirectUri(context),
      state,
      pending.verifier,
    );
    await vault.set(pending.tenant, pending.connector, token);
    // Whoever was talked into opening somebody else's address sees whose calls have the access.
    const whose = pending.tenant === "" ? "this worker" : `the tenant ${pending.tenant}`;
    const done = `Done: ${whose} can use ${pending.connector} as you. You may close this window.\n`;
    return textResponse(done, "text/plain; charset=utf-8", {
      headers: { "cache-control": "no-store", "referrer-policy": "no-referrer" },
    });
  }

  return [
    {
      paths: { "/oauth/login/:id": "POST" },
      mount: (app) => void app.post("/oauth/login/:id", (context) => begin(context)),
      config: createLogins(options),
    },
    {
      open: true,
      paths: { [CALLBACK]: "GET, HEAD" },
      mount: (app) => void app.get(CALLBACK, (context) => finish(context)),
    },
  ];
}

function redirectUri(context: Incoming): string {
  const { publicUrl } = context.var.served.options;
  return (publicUrl ?? new URL(context.req.url).origin).replace(/\/$/, "") + CALLBACK;
}
