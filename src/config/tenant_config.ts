/** Tenants, and the secrets that the runtime holds for them, in the configuration. */
import type { RateLimitConfig } from "./rate_limit_config.ts";
import type { ConfigNode, ConfigProblems } from "./tree.ts";

export interface ChoiceConfig {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

export interface TenantConfig {
  readonly connectors?: ChoiceConfig;
  readonly operations?: ChoiceConfig;
  readonly hosts?: ChoiceConfig;
  readonly methods?: ChoiceConfig;
  readonly egress?: {
    readonly allow?: readonly string[];
    readonly extend?: boolean;
    readonly mode?: "enforce" | "report";
  };
  readonly timeouts?: {
    readonly maxCall?: number;
    readonly connect?: number;
    readonly firstByte?: number;
    readonly idle?: number;
  };
  readonly rateLimits?: readonly RateLimitConfig[];
  readonly places?: {
    readonly perTenant?: number;
    readonly perHost?: number;
    readonly queue?: number;
    readonly weight?: number;
  };
}

/** Exactly one of the three. */
export interface SecretConfig {
  readonly env?: string;
  readonly file?: string;
  readonly command?: readonly string[];
}

export interface CredentialConfig {
  readonly secret: string;
  readonly connectors: readonly string[];
  readonly hosts: readonly string[];
  readonly tenants?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly basic?: string;
  readonly plainHttp?: boolean;
}

export interface DatabasesConfig {
  readonly poolSize?: number;
  readonly maxConnections?: number;
  readonly idle?: number;
  readonly maxRows?: number;
  readonly files?: readonly string[];
  readonly named?: Readonly<Record<string, DatabaseConfig>>;
}

export interface DatabaseConfig {
  readonly secret: string;
  readonly connectors: readonly string[];
  readonly tenants?: readonly string[];
  readonly poolSize?: number;
  readonly readOnly?: boolean;
}

/** Stands for a credential's secret, which is put in later. */
export const SECRET = "secret";

export function withPlaceOfSecret(
  env: (name: string) => string | undefined,
): (name: string) => string | undefined {
  return (name) => name === SECRET ? `\${${SECRET}}` : env(name);
}

/** Checks of one part that depend on another, or on what is absent, which the schema cannot express. */
export function checkTenancy(root: ConfigNode, problems: ConfigProblems): void {
  const secrets = new Set(entriesOf(at(root, "secrets")).map(([name]) => name));
  const credentials = at(root, "credentials");
  const holders = [
    ...credentials?.kind === "list" ? credentials.items : [],
    ...entriesOf(at(at(root, "databases"), "named")).map(([, node]) => node),
  ];
  for (const node of holders) {
    const secret = at(node, "secret");
    if (secret?.kind !== "value" || secret.value === null) continue;
    if (secrets.has(String(secret.value))) continue;
    const known = [...secrets].join(", ");
    problems.add(
      secret,
      `no secret has this name; known secrets: ${known === "" ? "none" : known}`,
    );
  }
  for (const [tenant, policy] of entriesOf(at(root, "tenants"))) {
    const limits = at(policy, "rateLimits");
    for (const limit of limits?.kind === "list" ? limits.items : []) {
      const named = at(limit, "tenant");
      if (named === undefined) continue;
      problems.add(named, `tenants.${tenant}.rateLimits are ${tenant}'s already: leave out tenant`);
    }
    for (const [kind, choice] of entriesOf(policy)) {
      for (const list of ["allow", "deny"]) {
        const node = at(choice, list);
        // An empty value would mean everything.
        if (node?.kind !== "value" || node.value !== null || node.unknown) continue;
        problems.add(
          node,
          `tenants.${tenant}.${kind}.${list} is empty: write [] for an empty list, or leave it out`,
        );
      }
    }
  }
}

function at(node: ConfigNode | undefined, name: string): ConfigNode | undefined {
  return node?.kind === "map" ? node.entries.get(name)?.node : undefined;
}

function entriesOf(node: ConfigNode | undefined): [string, ConfigNode][] {
  if (node?.kind !== "map") return [];
  return [...node.entries].map(([name, entry]) => [name, entry.node]);
}
