/** Tells OAuth clients where to ask for a token: protected resource metadata (RFC 9728). */
import { jsonResponse } from "../../core/serve/json_response.ts";
import type { Incoming } from "../env.ts";
import type { Access } from "./guard.ts";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";
/** What agents connect to. */
const RESOURCE = "/mcp";

export interface ProtectedResource {
  readonly paths: readonly string[];
  url(context: Incoming): string;
  answer(context: Incoming): Response;
}

/** Undefined if tokens of an authorization server are not accepted. */
export function protectedResource(
  access: Access,
  title: string,
  publicUrl: string | undefined,
): ProtectedResource | undefined {
  if (typeof access === "string") return undefined;
  const issuers = access.flatMap(({ issuer }) => issuer ?? []);
  if (issuers.length === 0) return undefined;
  const base = (context: Incoming) =>
    (publicUrl ?? new URL(context.req.url).origin).replace(/\/$/, "");
  return {
    paths: [WELL_KNOWN + RESOURCE, WELL_KNOWN],
    url: (context) => base(context) + WELL_KNOWN + RESOURCE,
    answer: (context) =>
      jsonResponse({
        resource: base(context) + RESOURCE,
        resource_name: title,
        authorization_servers: issuers,
        bearer_methods_supported: ["header"],
      }),
  };
}
