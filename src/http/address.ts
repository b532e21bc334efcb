/** Classifies IP addresses. The only module that uses ipaddr.js. */
import ipaddr from "ipaddr.js";

/** Parsed for matching; opaque to everyone else. */
export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** An address block: first address and prefix length. */
export type IpBlock = readonly [IpAddress, number];

/** The public internet in IPv6. Anything outside it that ipaddr.js calls unicast is unassigned. */
const GLOBAL_V6 = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Strict forms only: four decimal parts or IPv6 text. The URL parser has turned `0x7f.1`, `2130706433` and the like
 * into four parts before a host gets here, and resolvers never return them.
 */
export function parseIp(text: string): IpAddress | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (text.includes(":") && ipaddr.IPv6.isValid(text)) return ipaddr.IPv6.parse(text);
  return undefined;
}

export function parseBlock(text: string): IpBlock | undefined {
  try {
    const [address, bits] = ipaddr.parseCIDR(text);
    // parseCIDR accepts short IPv4 forms (`10/8`), which readers may understand differently.
    return parseIp(text.slice(0, text.lastIndexOf("/"))) === undefined
      ? undefined
      : [address, bits];
  } catch {
    return undefined;
  }
}

export function inBlock(address: IpAddress, [network, bits]: IpBlock): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

/** Whether both reach the same machine: an IPv4-mapped address is the IPv4 address in it. */
export function sameIp(one: IpAddress, other: IpAddress): boolean {
  return ipaddr.process(one.toString()).toNormalizedString() ===
    ipaddr.process(other.toString()).toNormalizedString();
}

const READABLE: Readonly<Record<string, string>> = {
  unicast: "unassigned",
  linkLocal: "link-local",
  carrierGradeNat: "carrier-grade NAT",
  uniqueLocal: "unique local",
  ipv4Mapped: "IPv4-mapped",
  rfc6145: "IPv4-translated",
  rfc6052: "NAT64",
  teredo: "Teredo",
  deprecatedSiteLocal: "site-local",
};

/** `"public"` for a globally routable unicast address, else a readable name of the special range. */
export function rangeOf(address: IpAddress): string {
  const range: string = address.range();
  if (range !== "unicast") return READABLE[range] ?? range;
  if (address.kind() === "ipv6" && !address.match(GLOBAL_V6)) return "unassigned";
  return "public";
}

/** Ranges that belong to one link or one machine: never meant by a rule that names a host. */
const NEVER_BY_NAME: ReadonlySet<string> = new Set([
  "link-local",
  "unspecified",
  "multicast",
  "broadcast",
  "unassigned",
  "IPv4-mapped",
  "IPv4-translated",
  "NAT64",
  "6to4",
  "Teredo",
]);

export function openableByName(range: string): boolean {
  return !NEVER_BY_NAME.has(range);
}

/** `[::1]` → `::1`, anything else unchanged: the form that sockets expect. */
export function bareHost(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
