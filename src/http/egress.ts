/** Which destinations the runtime connects to: decided on the resolved address, which is then the one connected to. */
import type { Clock } from "../core/clock.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import type { PinnedAddress } from "../core/platform.ts";
import { bareHost, hostPort, type IpAddress, openableByName, parseIp, rangeOf } from "./address.ts";
import { type AllowRule, isExact, parseAllowRule, permits } from "./allow.ts";
import { classifyFailure } from "./classify.ts";
import { createDnsCache, type DnsCache, type Resolve } from "./dns.ts";

export interface Listener {
  /** An address; `0.0.0.0` or `::` stands for every address of this machine. */
  readonly host: string;
  readonly port: number;
}

export interface EgressDenial {
  readonly host: string;
  readonly port: number;
  /** Absent where the runtime resolves names by itself. */
  readonly address: string | undefined;
  /** Why: `loopback`, `private`, `link-local`, `own listener`, … */
  readonly range: string;
  /** The rule that would permit it. */
  readonly rule: string;
}

export interface EgressOptions {
  /** What is open besides the public internet; see docs/runtime.md for the forms. Default: nothing. */
  readonly allow?: readonly string[];
  /** `report` lets everything through and only tells `onDenied`. Default: `enforce`. */
  readonly mode?: "enforce" | "report";
  /** Where this runtime itself listens, asked on every call: refused unless a rule names exactly that host and port. */
  readonly ownListeners?: () => readonly Listener[];
  /** Told of every denial, in both modes. */
  readonly onDenied?: (denial: EgressDenial) => void;
}

export interface EgressGuard {
  /**
   * The addresses that may be connected to, best first; undefined where the runtime resolves by itself. At once when
   * nothing has to be asked. @throws ConnectorError `egress.denied`, `dns.*`.
   */
  admit(
    url: URL,
    signal: AbortSignal,
  ): readonly PinnedAddress[] | undefined | Promise<readonly PinnedAddress[] | undefined>;
}

export interface EgressDeps {
  readonly clock: Clock;
  /** Who resolves names; what lacks `resolve` leaves names to the runtime: then they are judged as names. */
  readonly resolver: () => Resolver | Promise<Resolver>;
}

export interface Resolver {
  resolve?: Resolve;
}

interface Verdict {
  readonly addresses: readonly PinnedAddress[];
  readonly denied: EgressDenial | undefined;
}

/** Names that mean this machine or this network wherever they are resolved. */
const LOCAL_NAME = /^(localhost|[^.]*)$|\.(localhost|local|internal|lan|home\.arpa)$/;
const MAX_VERDICTS = 1_000;

/** @throws ConnectorError `config.allow_rule`. */
export function createEgressGuard(options: EgressOptions, deps: EgressDeps): EgressGuard {
  const rules = (options.allow ?? []).map(parseAllowRule);
  const enforce = options.mode !== "report";
  const own = options.ownListeners;
  let dns: DnsCache | "runtime" | undefined;
  // Judging an address walks some thirty ranges; the same answer from DNS is judged once.
  const verdicts = new Map<string, { of: readonly PinnedAddress[]; verdict: Verdict }>();
  const literals = new Map<string, readonly PinnedAddress[]>();

  function conclude(
    host: string,
    port: number,
    candidates: readonly PinnedAddress[],
  ): readonly PinnedAddress[] {
    const key = hostPort(host, port);
    let known = verdicts.get(key);
    if (known?.of !== candidates) {
      known = { of: candidates, verdict: judge(rules, host, port, candidates) };
      remember(verdicts, key, known);
    }
    let { addresses, denied } = known.verdict;
    const listeners = own?.() ?? [];
    if (listeners.some((listener) => listener.port === port)) {
      const open = addresses.filter(({ address }) => !isOwn(listeners, rules, host, address, port));
      if (open.length < addresses.length) {
        denied ??= { host, port, address: addresses[0]?.address, range: "own listener", rule: key };
        addresses = open;
      }
    }
    if (denied && (addresses.length === 0 || !enforce)) options.onDenied?.(denied);
    if (!enforce) return candidates;
    if (denied && addresses.length === 0) throw denial(denied);
    return addresses;
  }

  return {
    admit(url, signal) {
      const host = hostOf(url);
      const port = portOf(url);
      let literal = literals.get(host);
      if (literal === undefined) {
        const ip = parseIp(host);
        if (ip) {
          remember(
            literals,
            host,
            literal = [{ address: host, family: ip.kind() === "ipv4" ? 4 : 6 }],
          );
        }
      }
      if (literal !== undefined) return conclude(host, port, literal);
      if (dns === undefined) return prepare().then(() => byName(host, port, signal));
      return byName(host, port, signal);
    },
  };

  async function prepare(): Promise<void> {
    const resolver = await deps.resolver();
    dns ??= resolver.resolve
      ? createDnsCache((host, signal) => (resolver.resolve as Resolve)(host, signal), deps.clock)
      : "runtime";
  }

  function byName(
    host: string,
    port: number,
    signal: AbortSignal,
  ): readonly PinnedAddress[] | undefined | Promise<readonly PinnedAddress[]> {
    if (dns === undefined || dns === "runtime") {
      judgeName(rules, host, port, enforce, options.onDenied);
      return undefined;
    }
    const found = dns.lookup(host, signal);
    if (!(found instanceof Promise)) return conclude(host, port, found);
    return found.then((addresses) => {
      if (addresses.length === 0) {
        throw Object.assign(new Error("no addresses"), { code: "ENOTFOUND" });
      }
      return conclude(host, port, addresses);
    }).catch((error: unknown) => {
      throw signal.aborted
        ? signal.reason
        : classifyFailure(error, { phase: "head", passedOn: false, peer: host });
    });
  }
}

/** Lower case, no brackets, no trailing dot: `EXAMPLE.com.` and `example.com` are one host to every rule. */
function hostOf(url: URL): string {
  const host = bareHost(url.hostname);
  return host.endsWith(".") ? host.slice(0, -1) : host;
}

function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

function judge(
  rules: readonly AllowRule[],
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
      (ip !== undefined && rules.some((rule) => permits(rule, { host, port, address: ip, range })));
    if (permitted) addresses.push(candidate);
    else {
      const named = openableByName(range) && host !== candidate.address ? host : candidate.address;
      denied ??= { host, port, address: candidate.address, range, rule: hostPort(named, port) };
    }
  }
  return { addresses, denied };
}

function judgeName(
  rules: readonly AllowRule[],
  host: string,
  port: number,
  enforce: boolean,
  onDenied: EgressOptions["onDenied"],
): void {
  if (!LOCAL_NAME.test(host)) return;
  if (rules.some((rule) => (rule.port === 0 || rule.port === port) && rule.host?.(host))) return;
  const denied: EgressDenial = {
    host,
    port,
    address: undefined,
    range: "local name",
    rule: hostPort(host, port),
  };
  onDenied?.(denied);
  if (enforce) throw denial(denied);
}

function isOwn(
  listeners: readonly Listener[],
  rules: readonly AllowRule[],
  host: string,
  address: string,
  port: number,
): boolean {
  const ip = parseIp(address);
  if (ip === undefined) return false;
  const range = rangeOf(ip);
  const hit = listeners.some((listener) => {
    if (listener.port !== port) return false;
    if (listener.host === "0.0.0.0" || listener.host === "::") return range !== "public";
    return parseIp(listener.host)?.toNormalizedString() === ip.toNormalizedString() ||
      range === "unspecified";
  });
  return hit &&
    !rules.some((rule) => isExact(rule) && permits(rule, { host, port, address: ip, range }));
}

function denial({ host, port, address, range, rule }: EgressDenial): ConnectorError {
  const where = address === undefined || address === host
    ? hostPort(host, port)
    : `${hostPort(host, port)} (${address})`;
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "egress.denied",
    message: `the egress policy refuses ${where}: ${range}. To permit it: --allow ${rule}`,
  });
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  if (map.size >= MAX_VERDICTS) map.clear();
  map.set(key, value);
}
