/** What an operator says about one tenant, or, under `default`, about all that have nothing of their own. */
import type { TenantPlaces } from "../bulkhead/bulkhead.ts";
import type { LimitRule } from "../limits/limit_rule.ts";
import type { TimeOptions } from "../times.ts";

/** Whose policy holds for tenants without one. */
export const OTHERS = "default";

/** Without `allow`, everything is allowed; an empty one allows nothing. `deny` goes first. */
export interface Choice {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

export interface TenantEgress {
  /** Of what the engine's own rules open, only what one of these opens, too. Default: all of it. */
  readonly allow?: readonly string[];
  /** The rules open further destinations instead, besides those of the engine. Default: false. */
  readonly extend?: boolean;
  /** Default: the engine's. `report` where the engine enforces needs `extend`. */
  readonly mode?: "enforce" | "report";
}

/**
 * Nothing is inherited from `default`: a tenant that is named has what stands under its name. Times take the place of the
 * engine's.
 */
export interface TenantOptions extends Omit<TimeOptions, "maxRedirects"> {
  /** By the id that a call says it comes from, `http` for raw calls; `*` stands for any characters. */
  readonly connectors?: Choice;
  /** `openai.chat.completions.create`, for raw calls `http.request`; `*` stands for any characters. */
  readonly operations?: Choice;
  /** `HOST`, `HOST:PORT`, `*.DOMAIN`, an address or `*`: by name, on every hop of a redirect. */
  readonly hosts?: Choice;
  /** On every hop of a redirect. */
  readonly methods?: Choice;
  readonly egress?: TenantEgress;
  /** Rate limits of each tenant that this concerns, besides those of the engine. */
  readonly rateLimits?: readonly Omit<LimitRule, "tenant">[];
  /** In place of what the engine gives each tenant. */
  readonly places?: Partial<TenantPlaces>;
}
