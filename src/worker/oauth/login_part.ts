/** Logging in with a browser: authorization code with PKCE. */
import { randomText } from "../../core/bytes.ts";
import { jsonResponse, textResponse } from "../../core/serve/json_response.ts";
import type { Incoming } from "../env.ts";
import { find } from "../find.ts";
import type { WorkerPart } from "../part.ts";
import { refuse } from "../problem/refuse.ts";
import { createLogins, type LoginOptions } from "./logins.ts";
import { confirmed, confirmPage, PAGE_HEADERS } from "./confirm_page.ts";
import { authorizationUrl, exchangeCode, type OAuthProvider } from "./provider.ts";

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
 * remembered meanwhile travels sealed in `state`, so that any worker with the same key can finish what another began. There it is
 * asked who began, and what it answers finishes the login.
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

  /** The login that a browser comes back from; a refusal if it is none, or too old. */
  async function pendingOf(context: Incoming, answer: URL): Promise<Pending | Response> {
    const text = await seal.open(answer.searchParams.get("state") ?? "");
    const pending = text === undefined ? undefined : JSON.parse(text) as Pending;
    const now = context.var.served.options.clock.now();
    if (pending !== undefined && pending.connector in providers && pending.until >= now) {
      return pending;
    }
    const detail = "This login was not begun here, or too long ago: begin again.";
    return refuse(context, 400, "login.state", detail);
  }

  async function ask(context: Incoming): Promise<Response> {
    const answer = new URL(context.req.url);
    const pending = await pendingOf(context, answer);
    if (pending instanceof Response) return pending;
    // Without a code there is nothing to confirm, only a reason to pass on.
    if (!answer.searchParams.has("code")) return await finish(context, answer, pending);
    const { connector } = pending;
    return confirmPage({
      title: `Use ${connector} as you?`,
      text: `From now on ${whose(pending)} can use ${connector} as you. ` +
        "Go on only if you began this login yourself; otherwise close this window.",
      button: "Go on",
      action: new URL(redirectUri(context)),
      search: answer.search,
    });
  }

  async function confirm(context: Incoming): Promise<Response> {
    const search = await confirmed(context.req.raw);
    if (search === undefined) {
      const detail = "This was not confirmed in the browser that began: open the address again.";
      return refuse(context, 400, "login.unconfirmed", detail);
    }
    const answer = new URL(redirectUri(context));
    answer.search = search;
    const pending = await pendingOf(context, answer);
    return pending instanceof Response ? pending : await finish(context, answer, pending);
  }

  async function finish(context: Incoming, answer: URL, pending: Pending): Promise<Response> {
    const { tenant, connector, verifier } = pending;
    const state = answer.searchParams.get("state") ?? "";
    const redirect = redirectUri(context);
    const provider = providers[connector] as OAuthProvider;
    const token = await exchangeCode(provider, answer, redirect, state, verifier);
    await vault.set(tenant, connector, token);
    const done = `Done: ${
      whose(pending)
    } can use ${connector} as you. You may close this window.\n`;
    return textResponse(done, "text/plain; charset=utf-8", { headers: PAGE_HEADERS });
  }

  return [
    {
      paths: { "/oauth/login/:id": "POST" },
      mount: (app) => void app.post("/oauth/login/:id", (context) => begin(context)),
      config: createLogins(options),
    },
    {
      open: true,
      paths: { [CALLBACK]: "GET, HEAD, POST" },
      mount(app) {
        app.get(CALLBACK, (context) => ask(context));
        app.post(CALLBACK, (context) => confirm(context));
      },
    },
  ];
}

function whose({ tenant }: Pending): string {
  return tenant === "" ? "this worker" : `the tenant ${tenant}`;
}

function redirectUri(context: Incoming): string {
  const { publicUrl } = context.var.served.options;
  return (publicUrl ?? new URL(context.req.url).origin).replace(/\/$/, "") + CALLBACK;
}
