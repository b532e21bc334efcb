/** Takes secrets out of what is recorded, byte for byte, so that chunks keep their lengths. */
import { patternsOf } from "../core/secrets/forms.ts";
import type { HeaderList } from "../core/call.ts";

/** Stands for each character of a secret. A replay takes a run of them for whatever is sent. */
export const MASK = "*";

/** Names that tell, of headers and of query parameters. */
const TELLING =
  /(?:^|[-_.])(?:authorization|cookie|api-?key|key|token|secret|signature|sig|password|passwd|credential)s?(?:$|[-_.])|^set-cookie$|apikey$/i;
/** Issued in answers and sent in forms. */
const SECRET_FIELD =
  /["']?\b(?:access_token|refresh_token|id_token|client_secret|api_?key|password|secret_key)["']?\s*[:=]\s*["']?([^"'&\s,}]{6,})/gi;

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
  readonly #patterns = new Map<string, readonly RegExp[]>();
  readonly #secret: Secret;

  constructor(secret: Secret) {
    this.#secret = secret;
    for (const value of secret.values) this.learn(value);
  }

  learn(value: string): void {
    // `Bearer x` and `user:x` are sent; what an API repeats may be `x` alone.
    const parts = [value, ...value.split(/[\s:]+/)];
    for (const part of new Set([...parts, ...parts.map((one) => latin1(encoder.encode(one)))])) {
      if (!this.#patterns.has(part)) this.#patterns.set(part, patternsOf(part));
    }
  }

  /** Learns the secrets in a request before any of it is written. */
  readRequest(url: URL, headers: HeaderList, body: Uint8Array | null): void {
    for (const [name, value] of headers) if (this.#hides(name)) this.learn(value);
    for (const [name, value] of url.searchParams) {
      if (this.#hidesQuery(name)) this.learn(value);
    }
    if (body !== null) this.#readFields(latin1(body));
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
    let masked = text;
    for (const patterns of this.#patterns.values()) {
      for (const pattern of patterns) {
        masked = masked.replace(pattern, (found) => MASK.repeat(found.length));
      }
    }
    return masked;
  }

  /** All chunks of a body at once: a secret may lie across the border of two. */
  chunks(chunks: readonly Uint8Array[]): Uint8Array[] {
    const joined = chunks.map(latin1).join("");
    this.#readFields(joined);
    const masked = this.text(joined);
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
    for (const [, value = ""] of text.matchAll(SECRET_FIELD)) this.learn(value);
  }
}

/** A character for each byte, so that positions in the text are those of the bytes. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}
