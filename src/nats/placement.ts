/** Which calls a member takes: all, or only those of some connectors or tenants. */
import { invalidRequest } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";

export interface Placement {
  readonly connectors: readonly string[];
  readonly tenants: readonly string[];
}

/** What of a call decides where it goes. */
export interface Placed {
  readonly connector: string;
  readonly tenantId: string;
}

export const ANYTHING: Placement = { connectors: [], tenants: [] };

const KEYS = ["connector", "tenant"] as const;

/** Reads `connector=openai`, `tenant=acme` …, of which each may be given several times. @throws ConnectorError `pool.placement`. */
export function parsePlacement(texts: readonly string[]): Placement {
  const found: { readonly [Key in (typeof KEYS)[number]]: string[] } = {
    connector: [],
    tenant: [],
  };
  for (const text of texts) {
    const at = text.indexOf("=");
    const [key, value] = [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1).trim()];
    const known = KEYS.find((one) => one === key);
    if (known === undefined || value === "") {
      throw invalidRequest(
        "pool.placement",
        `${JSON.stringify(text)} says nothing about calls: write connector=NAME or tenant=NAME.${
          known === undefined && at > 0 ? didYouMean(key, KEYS) : ""
        }`,
      );
    }
    found[known].push(value);
  }
  return { connectors: [...new Set(found.connector)], tenants: [...new Set(found.tenant)] };
}

export function takesAnything({ connectors, tenants }: Placement): boolean {
  return connectors.length === 0 && tenants.length === 0;
}

/** With both connectors and tenants, a call needs one of each. */
export function takes({ connectors, tenants }: Placement, call: Placed): boolean {
  return (connectors.length === 0 || connectors.includes(call.connector)) &&
    (tenants.length === 0 || tenants.includes(call.tenantId));
}

export function formatPlacement({ connectors, tenants }: Placement): string {
  return [
    ...connectors.map((name) => `connector=${name}`),
    ...tenants.map((name) => `tenant=${name}`),
  ].join(" ");
}
