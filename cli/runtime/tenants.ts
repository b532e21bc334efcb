/** The file's tenants and credentials, as engine options. */
import type { CredentialConfig, RateLimitConfig, TenantConfig } from "../../src/config/mod.ts";
import type { LimitRule } from "../../src/engine/engine.ts";
import type { CredentialOptions } from "../../src/engine/credentials/credential.ts";
import type { TenantOptions } from "../../src/engine/tenancy/tenant_options.ts";
import { given } from "./given.ts";

export function tenantsOf(
  tenants: Readonly<Record<string, TenantConfig>>,
): Readonly<Record<string, TenantOptions>> {
  return Object.fromEntries(
    Object.entries(tenants).map(([name, { timeouts = {}, rateLimits = [], ...rest }]) => [name, {
      ...rest,
      rateLimits: rateLimits.map(limitRule),
      ...given({
        maxCallMs: timeouts.maxCall,
        connectTimeoutMs: timeouts.connect,
        firstByteTimeoutMs: timeouts.firstByte,
        idleTimeoutMs: timeouts.idle,
      }),
    }]),
  );
}

export function limitRule({ per, maxWait, ...rule }: RateLimitConfig): LimitRule {
  return { ...rule, perMs: per, ...given({ maxWaitMs: maxWait }) };
}

/** Skips those whose secret could not be read, which is already reported. */
export function credentialsOf(
  credentials: readonly CredentialConfig[],
  secrets: ReadonlyMap<string, string>,
): readonly CredentialOptions[] {
  return credentials.flatMap(({ secret: name, ...rest }) => {
    const secret = secrets.get(name);
    return secret === undefined ? [] : [{ ...rest, name, secret }];
  });
}
