/** What a spec's policy can and cannot do where calls are executed without a shared daemon. */
import type { ConnectorModel } from "./model/mod.ts";
import type { PolicyModel } from "./model/policy.ts";

export const HOSTS = ["browser", "workerd", "embedded"] as const;
export type Host = (typeof HOSTS)[number];

interface Limit {
  /** In which policies. */
  readonly concerns: (policy: PolicyModel) => string | undefined;
  readonly says: string;
}

const times = ({ timeout }: PolicyModel): string | undefined => {
  const { connectMs, firstByteMs, idleMs } = timeout;
  const named = Object.entries({ connect: connectMs, firstByte: firstByteMs, idle: idleMs })
    .filter(([, value]) => value !== undefined).map(([name]) => name);
  return named.length === 0 ? undefined : `policy.timeout (${named.join(", ")})`;
};
const retry = (policy: PolicyModel) => policy.retry && "policy.retry";
const hedge = (policy: PolicyModel) => policy.hedge && "policy.hedge";
const rateLimit = (policy: PolicyModel) => policy.rateLimit && "policy.rateLimit";
const connect = ({ timeout }: PolicyModel) => timeout.connectMs && "policy.timeout (connect)";

const NO_EFFECT = "has no effect: fetchRuntime() makes one request";
const LIMITS: Readonly<Record<Host, readonly Limit[]>> = {
  browser: [
    { concerns: times, says: NO_EFFECT },
    { concerns: retry, says: NO_EFFECT },
    { concerns: hedge, says: NO_EFFECT },
    { concerns: rateLimit, says: NO_EFFECT },
  ],
  workerd: [
    {
      concerns: (policy) => connect(policy) || undefined,
      says: "has no effect: workerd connects by itself",
    },
    {
      concerns: rateLimit,
      says:
        "is kept by each isolate for itself, and no call waits: one that does not fit is refused",
    },
  ],
  embedded: [
    {
      concerns: rateLimit,
      says: "is kept by each process for itself; programs that share a daemon share its limits",
    },
  ],
};

/** One line for each part of a policy, with the operations that declare it; none: all of it works. */
export function limitsOf(model: ConnectorModel, host: Host): string[] {
  return LIMITS[host].flatMap(({ concerns, says }) => {
    const lines = new Map<string, string[]>();
    const general = concerns(model.policy);
    for (const { id, policy } of model.operations) {
      const own = concerns(policy);
      if (own === undefined) continue;
      const place = own === general ? "" : id;
      lines.set(own, [...lines.get(own) ?? [], ...place === "" ? [] : [place]]);
    }
    return [...lines].map(([part, operations]) =>
      `${part}${operations.length === 0 ? "" : ` of ${operations.join(", ")}`} ${says}`
    );
  });
}
