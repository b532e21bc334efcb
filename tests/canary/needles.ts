/** Every form that a secret may take, none of which may appear anywhere. */
import { Buffer } from "node:buffer";
import { type EchoingApi, REFRESH, TOKEN } from "./api.ts";
import { CANARY } from "./kinds.ts";

/** Settings so that all of a daemon's calls reach the API despite its failures. */
export const EVERY_CALL = "breaker: { enabled: false }\nretry: { attempts: 1 }\n";

const known = new WeakMap<EchoingApi, { of: number; needles: ReadonlySet<string> }>();

/** Computed independently of the code under test. */
function needlesOf(api: EchoingApi): ReadonlySet<string> {
  const before = known.get(api);
  if (before?.of === api.credentials.size) return before.needles;
  const found = new Set<string>();
  // The start alone is already too much, and so is a truncated encoding.
  const secrets = [CANARY, CANARY.slice(0, 12), TOKEN, TOKEN.slice(0, 12), REFRESH];
  for (const secret of [...secrets, ...api.credentials]) {
    found.add(secret).add(encodeURIComponent(secret)).add(JSON.stringify(secret).slice(1, -1));
    for (const before of ["", "x", "xx"]) {
      const bytes = Buffer.from(before + secret);
      const core = (text: string): string => text.replace(/=*$/, "").slice(4, -2);
      found.add(core(bytes.toString("base64"))).add(core(bytes.toString("base64url")));
    }
    found.add(Buffer.from(secret).toString("hex"));
  }
  const needles = new Set([...found].filter((text) => text.length >= 8));
  known.set(api, { of: api.credentials.size, needles });
  return needles;
}

export function expectNoneOf(api: EchoingApi, where: string, text: string): void {
  for (const needle of needlesOf(api)) {
    const at = text.indexOf(needle);
    if (at !== -1) {
      throw new Error(`${where} holds ${needle}: …${text.slice(Math.max(0, at - 80), at + 120)}…`);
    }
  }
}
