/** Rules that allow what the egress policy refuses: `--allow`, `VASTAR_ALLOW`, the configuration. */
import { type ConnectorError, invalidRequest } from "../core/errors.ts";
import {
  inBlock,
  type IpAddress,
  type IpBlock,
  openableByName,
  parseBlock,
  parseIp,
} from "./address.ts";

/** One parsed rule. `port` 0 means any port. */
export interface AllowRule {
  readonly text: string;
  readonly port: number;
  /** Decides by name alone. Absent for rules about addresses. */
  readonly host?: (host: string) => boolean;
  readonly block?: IpBlock;
  /** Decides by the range of the address. */
  readonly range?: string;
}

/** The destination that a rule is checked against. */
export interface Destination {
  /** Lower case, without brackets or trailing dot. */
  readonly host: string;
  readonly port: number;
  readonly address: IpAddress;
  readonly range: string;
}

const FORMS = "host:port, *.example.com, 10.0.0.1, 10.0.0.0/8, [::1]:8080, loopback or *";
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * `host`, `host:port`, `*.domain`, an address, an address block (each with or without `:port`; IPv6 in brackets when a
 * port follows), `loopback` for this
 * machine's own addresses, or `*` for every name. @throws ConnectorError `config.allow_rule`.
 */
export function parseAllowRule(text: string): AllowRule {
  const rule = text.trim().toLowerCase();
  const block = parseBlock(rule);
  if (block) return { text, port: 0, block };
  const whole = parseIp(rule);
  if (whole) return { text, port: 0, block: single(whole) };

  const { subject, port } = splitPort(rule, text);
  if (subject === "*") return { text, port, host: () => true };
  if (subject === LOOPBACK) return { text, port, range: LOOPBACK, host: isLocalhost };
  const portedBlock = parseBlock(subject);
  if (portedBlock) return { text, port, block: portedBlock };
  const address = parseIp(subject);
  if (address) return { text, port, block: single(address) };
  if (subject.includes("/")) {
    throw bad(text, "it is neither an address block nor a host (no scheme, no path)");
  }
  // As the URL standard has it: a host whose last label is a number can only be an address.
  if (/(^|\.)(\d+|0x[0-9a-f]*)$/.test(subject)) {
    throw bad(text, "an IPv4 address has four decimal parts");
  }
  if (subject.startsWith("*.")) {
    const suffix = subject.slice(1);
    checkName(suffix.slice(1), text);
    return { text, port, host: (host) => host.endsWith(suffix) };
  }
  if (subject.includes("*")) {
    throw bad(text, "a wildcard stands for whole leading labels, as in *.example.com");
  }
  checkName(subject, text);
  return { text, port, host: (host) => host === subject };
}

const LOOPBACK = "loopback";

/** Asked only where the runtime resolves names by itself. */
function isLocalhost(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost");
}

/** Comma-separated rules; empty ones are skipped, so a trailing comma is harmless. */
export function splitAllowList(text: string): string[] {
  return text.split(",").map((rule) => rule.trim()).filter((rule) => rule !== "");
}

/** True when the rule permits this destination. */
export function permits(rule: AllowRule, to: Destination): boolean {
  if (rule.port !== 0 && rule.port !== to.port) return false;
  if (rule.range !== undefined) return rule.range === to.range;
  if (rule.block) return inBlock(to.address, rule.block);
  return openableByName(to.range) && (rule.host?.(to.host) ?? false);
}

/** True for a rule that names one address (or host) and one port: the only kind that opens one of our own listeners. */
export function isExact(rule: AllowRule): boolean {
  if (rule.port === 0 || rule.range !== undefined) return false;
  if (!rule.block) return !rule.text.includes("*");
  const [address, bits] = rule.block;
  return bits === (address.kind() === "ipv4" ? 32 : 128);
}

function single(address: IpAddress): IpBlock {
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

function splitPort(rule: string, text: string): { subject: string; port: number } {
  const bracketed = /^\[([^\]]*)\](\/\d+)?(?::(.*))?$/.exec(rule);
  if (!bracketed && (rule.split(":").length > 2 || /[[\]]/.test(rule))) {
    throw bad(text, "put an IPv6 address in brackets when a port follows: [::1]:8080");
  }
  const plain = bracketed ?? /^([^:]*)()(?::(.*))?$/.exec(rule);
  if (!plain) throw bad(text, "it cannot be read");
  const subject = (plain[1] ?? "") + (plain[2] ?? "");
  if (subject === "") throw bad(text, "the host is missing");
  if (plain[3] === undefined) return { subject, port: 0 };
  const port = /^\d{1,5}$/.test(plain[3]) ? Number(plain[3]) : 0;
  if (port < 1 || port > 65_535) throw bad(text, `the port is "${plain[3]}"; a port is 1 to 65535`);
  return { subject, port };
}

function checkName(name: string, text: string): void {
  if (name.length > 253 || !name.split(".").every((label) => LABEL.test(label))) {
    throw bad(text, "the host is not a name (letters, digits and hyphens; other scripts as xn--…)");
  }
}

function bad(text: string, why: string): ConnectorError {
  return invalidRequest("config.allow_rule", `allow rule "${text}": ${why}. A rule is ${FORMS}.`);
}
