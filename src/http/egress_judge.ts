/** Judges one destination; {@link createEgressGuard} caches the verdicts. */
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import type { PinnedAddress } from "../core/rules/pinned_address.ts";
import { hostPort, type IpAddress, openableByName, parseIp, rangeOf, sameIp } from "./address.ts";
import { type AllowRule, isExact, permits } from "./allow.ts";

export interface Listener {
  /** An address; `0.0.0.0` or `::` means every address of this machine. */
  readonly host: string;
  readonly port: number;
}

export interface EgressDenial {
  readonly host: string;
  readonly port: number;
  /** Absent if the runtime resolves names by itself. */
  readonly address: string | undefined;
  /** Why: `loopback`, `private`, `link-local`, `own listener`, … */
  readonly range: string;
  /** The rule that would permit it. */
  readonly rule: string;
}

export interface Verdict {
  readonly addresses: readonly PinnedAddress[];
  readonly denied: EgressDenial | undefined;
}

/** Names that mean this machine or this network wherever they are resolved. */
const LOCAL_NAME = /^(localhost|[^.]*)$|\.(localhost|local|internal|lan|home\.arpa)$/;

/** Lists of rules; a destination must be allowed by a rule of each. */
export type RuleLists = readonly (readonly AllowRule[])[];

function open(lists: RuleLists, opens: (rule: AllowRule) => boolean): boolean {
  return lists.every((rules) => rules.some(opens));
}

/** Which of a host's addresses may be connected to. */
export function judge(
  lists: RuleLists,
  host: string,
  port: number,
  candidates: readonly PinnedAddress[],
): Verdict {
  const addresses: PinnedAddress[] = [];
  let denied: EgressDenial | undefined;
  for (const candidate of candidates) {
    const ip: IpAddress | undefined = parseIp(candidate.address);
    const range = ip ? rangeOf(ip) : "unreadable";
    const permitted = range === "public" ||
      (ip !== undefined &&
        open(lists, (rule) => permits(rule, { host, port, address: ip, range })));
    if (permitted) addresses.push(candidate);
    else {
      const named = openableByName(range) && host !== candidate.address ? host : candidate.address;
      denied ??= { host, port, address: candidate.address, range, rule: hostPort(named, port) };
    }
  }
  return { addresses, denied };
}

/** For runtimes that resolve names by themselves: undefined if the name may be used. */
export function judgeName(
  lists: RuleLists,
  host: string,
  port: number,
): EgressDenial | undefined {
  if (!LOCAL_NAME.test(host)) return undefined;
  const permitted = open(
    lists,
    (rule) => (rule.port === 0 || rule.port === port) && (rule.host?.(host) ?? false),
  );
  if (permitted) return undefined;
  return { host, port, address: undefined, range: "local name", rule: hostPort(host, port) };
}

/** Whether this address and port is one of the runtime's own listeners, which only an exact rule allows. */
export function isOwn(
  listeners: readonly Listener[],
  lists: RuleLists,
  host: string,
  address: string,
  port: number,
): boolean {
  const ip = parseIp(address);
  if (ip === undefined) return false;
  const range = rangeOf(ip);
  const hit = listeners.some((listener) => {
    if (listener.port !== port) return false;
    const own = parseIp(listener.host);
    // A listener on every address, or on a name, may be behind any address of this machine.
    if (own === undefined || rangeOf(own) === "unspecified") return range !== "public";
    return sameIp(own, ip) || range === "unspecified";
  });
  return hit &&
    !open(lists, (rule) => isExact(rule) && permits(rule, { host, port, address: ip, range }));
}

/** For a caller with the engine in its own process. */
export function permitHere(rule: string): string {
  return `give the client \`egress: { allow: ["${rule}"] }\`, or set VASTAR_ALLOW=${rule}`;
}

export function denial(
  { host, port, address, range, rule }: EgressDenial,
  howToPermit: (rule: string) => string,
): ConnectorError {
  const where = address === undefined || address === host
    ? hostPort(host, port)
    : `${hostPort(host, port)} (${address})`;
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "egress.denied",
    message: `the egress policy refuses ${where}: ${range}. To permit it: ${howToPermit(rule)}`,
  });
}
