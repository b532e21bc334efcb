/** Lists of hosts by the names that callers use, whatever they resolve to. */
import { schemeOf } from "../core/database/schemes.ts";
import { invalidRequest } from "../core/errors.ts";
import { bareHost, parseIp, sameIp } from "./address.ts";
import { type AllowRule, parseAllowRule } from "./allow.ts";

export interface NamedHost {
  /** Lower case, no brackets, no trailing dot: `EXAMPLE.com.` and `example.com` are one host to every rule. */
  readonly host: string;
  readonly port: number;
}

export function hostOf(url: URL): NamedHost {
  const bare = bareHost(url.hostname);
  return {
    host: bare.endsWith(".") ? bare.slice(0, -1) : bare,
    port: url.port === "" ? usualPort(url.protocol) : Number(url.port),
  };
}

function usualPort(protocol: string): number {
  if (protocol === "https:") return 443;
  return protocol === "http:" ? 80 : schemeOf(protocol)?.port ?? 0;
}

/** `HOST`, `HOST:PORT`, `*.DOMAIN`, an address or `*`. @throws ConnectorError `config.allow_rule`. */
export function parseHostRule(text: string): AllowRule {
  const rule = parseAllowRule(text);
  if (rule.range !== undefined) {
    throw invalidRequest(
      "config.allow_rule",
      `"${text}" is a range of addresses, and this is about names: ranges belong to egress.allow`,
    );
  }
  if (rule.block === undefined || !text.includes("/")) return rule;
  throw invalidRequest(
    "config.allow_rule",
    `"${text}" is a block of addresses, and this is about names: blocks belong to egress.allow`,
  );
}

export function namesHost(rule: AllowRule, { host, port }: NamedHost): boolean {
  if (rule.port !== 0 && rule.port !== port) return false;
  if (rule.block === undefined) return rule.host?.(host) ?? false;
  const ip = parseIp(host);
  return ip !== undefined && sameIp(ip, rule.block[0]);
}
