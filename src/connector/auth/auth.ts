/** The simple ways to sign a request. The others have files of their own, so that they are bundled only where used. */
import type { Context } from "../call/client.ts";
import type { Exchange } from "../call/execute.ts";
import { addQuery, type OutgoingRequest } from "../request/outgoing.ts";
import { runHook, secretHeader } from "../request/secret_headers.ts";
import { renderConfig, type Template } from "../request/template.ts";
import type { AuthHook } from "../data/hooks.ts";

/** Of the call that is signed: whatever a step waits for, it waits no longer than the call may take. */
export interface CallLimits {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds; undefined: only the runtime's own limit holds. */
  readonly timeoutMs: number | undefined;
}

export interface AuthStep {
  /** Lower-case names of headers that hold a secret even when a caller sets them in place of the configuration. */
  readonly headers?: readonly string[];
  apply(
    request: OutgoingRequest,
    context: Context,
    tenantId: string,
    limits: CallLimits,
  ): void | Promise<void>;
  /** After a 401: what trying once more with other credentials gives; undefined when there are none to try. */
  refused?(
    exchange: Exchange,
    context: Context,
    tenantId: string,
    again: () => Promise<Exchange>,
  ): Promise<Exchange> | undefined;
}

/** `authorization: Bearer …`. */
export function bearer(token: Template): AuthStep {
  return {
    apply(request, context) {
      const value = renderConfig(token, context);
      if (value !== undefined) secretHeader(request, "authorization", `Bearer ${value}`, value);
    },
  };
}

export function basic(username: Template, password: Template): AuthStep {
  return {
    apply(request, context) {
      const user = renderConfig(username, context);
      const secret = renderConfig(password, context);
      if (user === undefined || secret === undefined) return;
      const both = base64(new TextEncoder().encode(`${user}:${secret}`));
      secretHeader(request, "authorization", `Basic ${both}`, both);
    },
  };
}

export function apiKey(
  place: "header" | "query" | "cookie",
  name: string,
  key: Template,
): AuthStep {
  return {
    ...(place === "header" ? { headers: [name.toLowerCase()] } : {}),
    apply(request, context) {
      const value = renderConfig(key, context);
      if (value === undefined) return;
      if (place === "header") secretHeader(request, name, value);
      else if (place === "query") {
        addQuery(request, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
      } else {
        const cookie = `${name}=${encodeURIComponent(value)}`;
        const before = request.headers["cookie"];
        const all = before === undefined ? cookie : `${before}; ${cookie}`;
        secretHeader(request, "cookie", all, value);
      }
    },
  };
}

export function hookAuth(hook: AuthHook): AuthStep {
  return {
    apply: (request, context) => runHook(request, () => hook(request, context.config)),
  };
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
