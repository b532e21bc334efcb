/** Authenticates every request. */
import type { Incoming } from "../env.ts";
import { problemResponse, requestProblem } from "../problem/problem.ts";
import { refuse } from "../problem/refuse.ts";
import { AccessRefused, type Authenticator } from "./authenticator.ts";
import { ANYONE, type Caller, callerOf, type Grant, type Rules } from "./caller.ts";
import { notFromHere } from "./development.ts";

/** Who may call: callers that one of these knows; anyone; or, in development, this machine. */
export type Access = readonly Authenticator[] | "open" | "development";

export interface GuardOptions {
  readonly access: Access;
  readonly allowedHosts: readonly string[];
  readonly rulesOf: (tenant: string) => Rules | undefined;
  /** Where the metadata for OAuth clients is, if there is any. */
  readonly metadataUrl: (context: Incoming) => string | undefined;
}

/** The caller, or the refusal. */
export type Identify = (context: Incoming) => Promise<Caller | Response>;

export function createGuard(
  { access, allowedHosts, rulesOf, metadataUrl }: GuardOptions,
): Identify {
  /** Keys are the same objects for every request. */
  const known = new WeakMap<Grant, Caller>();
  const caller = (grant: Grant): Caller => {
    const made = known.get(grant) ?? callerOf(grant, rulesOf(grant.tenant));
    known.set(grant, made);
    return made;
  };

  const challenge = (context: Incoming, error?: string): Record<string, string> => {
    const url = metadataUrl(context);
    const facts = [
      'realm="vastar"',
      ...error === undefined ? [] : [`error="${error}"`],
      ...url === undefined ? [] : [`resource_metadata="${url}"`],
    ];
    return { "www-authenticate": `Bearer ${facts.join(", ")}` };
  };

  return async (context) => {
    if (access === "open") return ANYONE;
    if (access === "development") {
      const why = notFromHere(context.req.raw, context.env, allowedHosts);
      if (why === undefined) return ANYONE;
      const detail =
        `This worker does not require a key, so it only answers requests from its own machine, and ${why}: ` +
        "give it keys (access, --keys).";
      return refuse(context, 403, "access.development", detail);
    }
    const header = context.req.header("authorization") ?? "";
    const credential = /^bearer +(\S+) *$/i.exec(header)?.[1];
    if (credential === undefined) {
      const detail = header === ""
        ? "A key is required: send Authorization: Bearer KEY."
        : "The Authorization header is not of the form Bearer KEY.";
      return refuse(context, 401, "access.required", detail, { headers: challenge(context) });
    }
    try {
      for (const one of access) {
        const grant = await one.authenticate(credential);
        if (grant !== undefined) return caller(grant);
      }
    } catch (error) {
      if (!(error instanceof AccessRefused)) throw error;
      if (error.status === 401) {
        const headers = challenge(context, "invalid_token");
        return refuse(context, 401, error.code, error.message, { headers });
      }
      const { requestId } = context.var;
      const problem = requestProblem(error.status, error.code, error.message, requestId);
      return problemResponse({ ...problem, class: "Transient", retryable: true });
    }
    const issuers = access.flatMap(({ issuer = [] }) => issuer).join(" and ");
    const detail = `The credential is not of a kind that this worker accepts${
      issuers && `: tokens are those of ${issuers}`
    }.`;
    const headers = challenge(context, "invalid_token");
    return refuse(context, 401, "access.invalid", detail, { headers });
  };
}
