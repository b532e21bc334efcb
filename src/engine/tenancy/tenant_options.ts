/** The operator's options for one tenant, or, under `default`, for all tenants without options of their own. */
import type { Choice } from "../../core/rules/choice.ts";
import type { TenantPlaces } from "../bulkhead/bulkhead.ts";
import type { LimitRule } from "../limits/limit_rule.ts";
import type { TimeOptions } from "../times.ts";

/** Name of the policy for tenants without one. */
export const OTHERS = "default";

export interface TenantEgress {
  /** Restricts what the engine's own rules allow to what these also allow. Default: no restriction. */
  readonly allow?: readonly string[];
  /** The rules add to the engine's instead of restricting them. Default: false. */
  readonly extend?: boolean;
  /** Default: the engine's. `report` where the engine enforces needs `extend`. */
  readonly mode?: "enforce" | "report";
}

/**
 * Nothing is inherited from `default`: a named tenant has exactly what is under its name. Times replace the
 * engine's.
 */
export interface TenantOptions extends Omit<TimeOptions, "maxRedirects"> {
  /** Connectors by the id in the call, `http` for raw calls; `*` matches any characters. */
  readonly connectors?: Choice;
  /** `openai.chat.completions.create`, for raw calls `http.request`; `*` matches any characters. */
  readonly operations?: Choice;
  /** `HOST`, `HOST:PORT`, `*.DOMAIN`, an address or `*`: by name, on every hop of a redirect. */
  readonly hosts?: Choice;
  /** Checked on every hop of a redirect. */
  readonly methods?: Choice;
  readonly egress?: TenantEgress;
  /** Rate limits of each tenant that this applies to, besides the engine's. */
  readonly rateLimits?: readonly Omit<LimitRule, "tenant">[];
  /** Replaces what the engine gives each tenant. */
  readonly places?: Partial<TenantPlaces>;
}
