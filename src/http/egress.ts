/** Which destinations the runtime may connect to: decided by the resolved address, which is then the one used. */
import type { CallSignal } from "../core/async/call_signal.ts";
import type { Clock } from "../core/clock.ts";
import type { PinnedAddress } from "../core/rules/pinned_address.ts";
import { hostPort, parseIp } from "./address.ts";
import { parseAllowRule } from "./allow.ts";
import { classifyFailure } from "./classify.ts";
import { createDnsCache, type DnsCache, type Resolver } from "./dns.ts";
import {
  denial,
  type EgressDenial,
  isOwn,
  judge,
  judgeName,
  type Listener,
  permitHere,
  type Verdict,
} from "./egress_judge.ts";
import { hostOf, type NamedHost } from "./hosts.ts";

export type { EgressDenial, Listener } from "./egress_judge.ts";

export interface EgressOptions {
  /** Allowed destinations besides the public internet; see docs/runtime.md for the forms. Default: none. */
  readonly allow?: readonly string[];
  /** If given, these rules must also allow what `allow` opens. Default: no further restriction. */
  readonly within?: readonly string[];
  /** `report` lets everything through and only calls `onDenied`. Default: `enforce`. */
  readonly mode?: "enforce" | "report";
  /** This runtime's own listeners, asked on every call: refused unless a rule names exactly that host and port. */
  readonly ownListeners?: () => readonly Listener[];
  /**
   * Says where to add the rule that would permit the call. Whoever sets the rules knows; the caller
   * may be another process. Default: `egress.allow` and VASTAR_ALLOW of this process.
   */
  readonly howToPermit?: (rule: string) => string;
  /** Called for every denial, in both modes. */
  readonly onDenied?: (denial: EgressDenial) => void;
}

export interface EgressGuard {
  /**
   * The addresses that may be connected to, best first; undefined if the runtime resolves names by itself. Synchronous if
   * nothing has to be looked up. @throws ConnectorError `egress.denied`, `dns.*`.
   */
  admit(
    url: URL,
    signal: CallSignal,
    tenantId: string,
  ): readonly PinnedAddress[] | undefined | Promise<readonly PinnedAddress[] | undefined>;
}

export interface EgressDeps {
  readonly clock: Clock;
  /** Asked once. Resolves names; without `resolve` the runtime does it, and names are judged as names. */
  readonly resolver: () => Resolver | Promise<Resolver>;
}

/** Cached facts about one origin. */
interface Site extends NamedHost {
  /** The host itself, if it is an address. */
  readonly literal: readonly PinnedAddress[] | undefined;
  /** The last DNS answer and its verdict: judging checks some thirty ranges. */
  judged: readonly PinnedAddress[] | undefined;
  verdict: Verdict | undefined;
}

type Admitted = readonly PinnedAddress[] | undefined;

const MAX_SITES = 1_000;

/** @throws ConnectorError `config.allow_rule`. */
export function createEgressGuard(options: EgressOptions, deps: EgressDeps): EgressGuard {
  const rules = [options.allow ?? [], ...options.within ? [options.within] : []]
    .map((list) => list.map(parseAllowRule));
  const enforce = options.mode !== "report";
  const { ownListeners, onDenied, howToPermit = permitHere } = options;
  const sites = new Map<string, Site>();
  // The same URL object comes again and again (`validate` keeps them), and its origin would be a new string each time.
  const known = new WeakMap<URL, Site>();
  let dns: DnsCache | "runtime" | undefined;

  function siteOf(url: URL): Site {
    let site = known.get(url);
    if (site !== undefined) return site;
    // The origin of a scheme that is not the web's is "null", whatever its host.
    const { protocol } = url;
    const key = protocol === "https:" || protocol === "http:"
      ? url.origin
      : `${protocol}//${url.host}`;
    site = sites.get(key);
    if (site === undefined) {
      site = describe(url);
      if (sites.size >= MAX_SITES) sites.clear();
      sites.set(key, site);
    }
    known.set(url, site);
    return site;
  }

  function conclude(site: Site, candidates: readonly PinnedAddress[]): readonly PinnedAddress[] {
    if (site.verdict === undefined || site.judged !== candidates) {
      site.verdict = judge(rules, site.host, site.port, candidates);
      site.judged = candidates;
    }
    const verdict = ownListeners ? withoutOwn(site, site.verdict, ownListeners()) : site.verdict;
    const { addresses, denied } = verdict;
    if (denied === undefined) return addresses;
    if (addresses.length === 0 || !enforce) onDenied?.(denied);
    if (!enforce) return candidates;
    if (addresses.length === 0) throw denial(denied, howToPermit);
    return addresses;
  }

  function withoutOwn(site: Site, verdict: Verdict, listeners: readonly Listener[]): Verdict {
    const { host, port } = site;
    if (!listeners.some((listener) => listener.port === port)) return verdict;
    const addresses = verdict.addresses.filter(({ address }) =>
      !isOwn(listeners, rules, host, address, port)
    );
    if (addresses.length === verdict.addresses.length) return verdict;
    const address = verdict.addresses[0]?.address;
    const denied = { host, port, address, range: "own listener", rule: hostPort(host, port) };
    return { addresses, denied: verdict.denied ?? denied };
  }

  function byName(site: Site, signal: CallSignal, tenantId: string): Admitted | Promise<Admitted> {
    if (dns === undefined || dns === "runtime") {
      const denied = judgeName(rules, site.host, site.port);
      if (denied) onDenied?.(denied);
      if (denied && enforce) throw denial(denied, howToPermit);
      return undefined;
    }
    const found = dns.lookup(site.host, signal, tenantId);
    return found instanceof Promise ? resolved(site, found, signal) : conclude(site, found);
  }

  async function resolved(
    site: Site,
    question: Promise<readonly PinnedAddress[]>,
    signal: CallSignal,
  ): Promise<Admitted> {
    let found: readonly PinnedAddress[];
    try {
      found = await question;
      if (found.length === 0) throw Object.assign(new Error("no addresses"), { code: "ENOTFOUND" });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw classifyFailure(error, { phase: "head", passedOn: false, peer: site.host });
    }
    return conclude(site, found);
  }

  async function prepare(): Promise<void> {
    const { resolve } = await deps.resolver();
    dns ??= resolve ? createDnsCache(resolve, deps.clock) : "runtime";
  }

  return {
    admit(url, signal, tenantId) {
      const site = siteOf(url);
      if (site.literal !== undefined) return conclude(site, site.literal);
      if (dns === undefined) return prepare().then(() => byName(site, signal, tenantId));
      return byName(site, signal, tenantId);
    },
  };
}

function describe(url: URL): Site {
  const { host, port } = hostOf(url);
  const ip = parseIp(host);
  return {
    host,
    port,
    literal: ip && [{ address: host, family: ip.kind() === "ipv4" ? 4 : 6 }],
    judged: undefined,
    verdict: undefined,
  };
}
