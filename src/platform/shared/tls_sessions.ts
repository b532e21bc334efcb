/** TLS sessions by peer, so that the next connection costs less work and, before TLS 1.3, one round trip less. */
import type { Endpoint } from "../../http1/target.ts";

const MAX_SESSIONS = 256;

/** Only add sessions whose certificate was checked: a resumed one does not present any. */
export class TlsSessions {
  readonly #sessions = new Map<string, Uint8Array>();

  get(endpoint: Endpoint): Uint8Array | undefined {
    return this.#sessions.get(keyOf(endpoint));
  }

  set(endpoint: Endpoint, session: Uint8Array): void {
    const key = keyOf(endpoint);
    this.#sessions.delete(key);
    if (this.#sessions.size >= MAX_SESSIONS) this.#sessions.clear();
    this.#sessions.set(key, session);
  }
}

function keyOf({ host, port, tls }: Endpoint): string {
  return `${tls?.name} ${host} ${port}`;
}
