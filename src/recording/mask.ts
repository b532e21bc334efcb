/** Takes secrets out of what is recorded, byte for byte, so that chunks keep their lengths. */
import { binaryText } from "../core/bytes.ts";
import { patternsOf } from "../core/secrets/forms.ts";
import type { HeaderList } from "../core/call.ts";

/** Stands for each character of a secret. */
export const MASK = "*";
/** The same where stars would make JSON invalid: in a number. */
const NUMBER_MASK = "9";
/** What a replay takes for whatever is sent. */
export const MASKED: RegExp = /\*{6,}/;
/** What it takes for any number of the same length: in a body it may be a mask, or such a number. */
export const MASKED_NUMBER: RegExp = /(?<!\d)9{6,}(?!\d)/g;

/** What is before and after a number, or a part of one, that is a value of JSON. */
const BEFORE_NUMBER = /(?:^|[:,[\s])-?[\d.]*$/;
const AFTER_NUMBER = /^[\d.]*(?:[eE][+-]?\d+)?\s*(?:[,}\]]|$)/;
/** Longer numbers than this are not looked at. */
const AROUND = 40;

/** Names that tell, of headers and of query parameters. */
const TELLING =
  /(?:^|[-_.])(?:auth|authorization|cookie|api-?key|key|token|secret|signature|sig|password|passwd|pwd|credential|session|jwt)s?(?:$|[-_.])|^set-cookie$|(?:apikey|token|secret|password|sessionid)$/i;
/** Names in JSON and in forms, without `_` and `-`: issued in answers, or given to log in. Others, such as `key`, may be anything. */
const TELLING_FIELD =
  /(?:(?:access|refresh|id|session|auth|bearer|api|security|device)token|secret|secretkey|secretaccesskey|apikey|privatekey|password|passwd|passphrase|authorization|assertion|devicecode|codeverifier)$/i;
const QUOTED = /"([\w-]{2,64})\\*"\s*:\s*\\*"((?:[^"\\]|\\[^])*)/g;
const BARE = /([\w-]{2,64})["']?\s*[:=]\s*["']?([^"'&\s,}=?#]{6,})/g;
/** They say how the secret behind them is meant. */
const SCHEMES = /^(?:bearer|basic|digest|token|apikey|negotiate)$/i;
/** Learned ones; the oldest are forgotten first. */
const MOST_LEARNED = 500;

const encoder = new TextEncoder();

export interface Secret {
  /** Lower-case names of headers. */
  readonly headers: ReadonlySet<string>;
  /** Names of query parameters. */
  readonly query: ReadonlySet<string>;
  /** Known values, such as those of the configuration. */
  readonly values: readonly string[];
}

export class Mask {
  readonly #configured = new Map<string, readonly RegExp[]>();
  readonly #learned = new Map<string, readonly RegExp[]>();
  readonly #secret: Secret;

  constructor(secret: Secret) {
    this.#secret = secret;
    for (const value of secret.values) {
      for (const part of partsOf(value)) this.#configured.set(part, patternsOf(part));
    }
  }

  learn(value: string): void {
    for (const part of partsOf(value)) {
      if (this.#configured.has(part) || this.#learned.has(part)) continue;
      this.#learned.set(part, patternsOf(part));
      const [oldest] = this.#learned.keys();
      if (this.#learned.size > MOST_LEARNED && oldest !== undefined) this.#learned.delete(oldest);
    }
  }

  /** Learns the secrets in a request before any of it is written. */
  readRequest(url: URL, headers: HeaderList, body: Uint8Array | null): void {
    for (const [name, value] of headers) if (this.#hides(name)) this.learn(value);
    for (const [name, value] of url.searchParams) {
      if (this.#hidesQuery(name)) this.learn(value);
    }
    if (body !== null) this.#readFields(binaryText(body));
  }

  headers(headers: HeaderList): HeaderList {
    return headers.map(([name, value]) => [
      name,
      this.#hides(name) ? MASK.repeat(Math.max(value.length, 6)) : this.text(value),
    ]);
  }

  target({ pathname, searchParams }: URL): string {
    const query = [...searchParams].map(([name, value]) => {
      const shown = this.#hidesQuery(name)
        ? MASK.repeat(Math.max(value.length, 6))
        : this.text(value);
      return `${encodeURIComponent(name)}=${encodeURIComponent(shown).replaceAll("%2A", MASK)}`;
    });
    return this.text(pathname) + (query.length > 0 ? `?${query.join("&")}` : "");
  }

  text(text: string): string {
    return this.#masked(text, () => MASK);
  }

  /** `mask` is asked for what hides the text found at a place. */
  #masked(text: string, mask: (found: string, at: number, within: string) => string): string {
    let masked = text;
    for (const pattern of [...this.#configured.values(), ...this.#learned.values()].flat()) {
      const before = masked;
      masked = before.replace(pattern, (found: string, ...rest: unknown[]) => {
        const at = rest.find((one) => typeof one === "number") ?? 0;
        return mask(found, at, before).repeat(found.length);
      });
    }
    return masked;
  }

  /** Learns what an answer's headers issue, such as a token in the address of a redirect. */
  readAnswer(headers: HeaderList): void {
    for (const [name, value] of headers) {
      if (this.#hides(name)) this.learn(value);
      else this.#readFields(value);
    }
  }

  /** All chunks of a body at once: a secret may lie across the border of two. */
  chunks(chunks: readonly Uint8Array[]): Uint8Array[] {
    const joined = chunks.map(binaryText).join("");
    this.#readFields(joined);
    const masked = this.#masked(joined, maskInBody);
    if (masked === joined) return [...chunks];
    let at = 0;
    return chunks.map(({ length }) => {
      const part = masked.slice(at, at += length);
      return Uint8Array.from(part, (char) => char.charCodeAt(0));
    });
  }

  #hides(header: string): boolean {
    return TELLING.test(header) || this.#secret.headers.has(header.toLowerCase());
  }

  #hidesQuery(name: string): boolean {
    return TELLING.test(name) || this.#secret.query.has(name);
  }

  #readFields(text: string): void {
    for (const [, name = "", value = ""] of [...text.matchAll(QUOTED), ...text.matchAll(BARE)]) {
      if (!TELLING_FIELD.test(name.replace(/[_-]/g, ""))) continue;
      this.learn(value);
      // JSON within JSON ends at a quote that is escaped, and what a form holds is escaped itself.
      const [inner = ""] = value.split('\\"');
      for (const one of [inner, decoded(value)]) if (one !== value) this.learn(one);
    }
  }
}

function maskInBody(found: string, at: number, body: string): string {
  if (!/^[\d.]+$/.test(found)) return MASK;
  const end = at + found.length;
  const isNumber = BEFORE_NUMBER.test(body.slice(Math.max(0, at - AROUND), at)) &&
    AFTER_NUMBER.test(body.slice(end, end + AROUND));
  return isNumber ? NUMBER_MASK : MASK;
}

/** `Bearer x` and `user:x` are sent; what an API repeats may be `x` alone. */
function partsOf(value: string): ReadonlySet<string> {
  const parts = [value, ...value.split(/[\s:]+/)].filter((part) => !SCHEMES.test(part));
  return new Set([...parts, ...parts.map((one) => binaryText(encoder.encode(one)))]);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}
