/** Where an attempt may connect. */
import type { ActiveCall, ParsedUrl } from "./call.ts";
import type { TenantPolicy } from "./tenancy/tenant.ts";

/**
 * Counts an attempt. The addresses from `authorize` are for the first; later ones resolve again: a host that failed may
 * have moved.
 */
export function nextAddresses(call: ActiveCall): ReturnType<TenantPolicy["admit"]> {
  const { unresolved, request, tenant } = call;
  if (++call.attempts > 1 && !call.asked?.local) {
    return tenant.admit(request, (call.target as ParsedUrl).url, request.method, call.signal);
  }
  if (unresolved !== undefined) throw unresolved;
  return call.addresses;
}
