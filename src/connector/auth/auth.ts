/** The simple ways to sign a request. The others have files of their own, so that they are bundled only where used. */
import { toBase64 } from "../../core/bytes.ts";
import { addQuery } from "../request/outgoing.ts";
import { runHook, secretHeader } from "../request/secret_headers.ts";
import { renderConfig } from "../request/template.ts";
import type { AuthHook, RequestHook } from "../data/hooks.ts";
import type { AuthStep } from "../data/connector.ts";
import type { Template } from "../data/template.ts";

/** `authorization: Bearer …`. */
export function bearer(token: Template): AuthStep {
  return {
    needs: [token],
    apply(request, client) {
      const value = renderConfig(token, client);
      if (value !== undefined) secretHeader(request, "authorization", `Bearer ${value}`, value);
    },
  };
}

export function basic(username: Template, password: Template): AuthStep {
  return {
    needs: [username, password],
    apply(request, client) {
      const user = renderConfig(username, client);
      const secret = renderConfig(password, client);
      if (user === undefined || secret === undefined) return;
      const both = toBase64(new TextEncoder().encode(`${user}:${secret}`));
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
    needs: [key],
    ...(place === "header" ? { headers: [name.toLowerCase()] } : {}),
    apply(request, client) {
      const value = renderConfig(key, client);
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
    apply: (request, client) => runHook(request, () => hook(request, client.config)),
  };
}

export function requestHook(hook: RequestHook): RequestHook {
  return (request, input, config) => runHook(request, () => hook(request, input, config));
}
