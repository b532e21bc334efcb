/** Identifies credentials: API keys, tokens of an identity provider. */
import type { Grant } from "./caller.ts";

export interface Authenticator {
  /**
   * The identity behind the bearer credential; undefined if it is of a different kind. Rejects with {@link AccessRefused} if it is of this kind but
   * invalid.
   */
  authenticate(credential: string): Promise<Grant | undefined>;
  /** The issuer that clients can ask for a credential: the URL of an OAuth 2.0 authorization server. */
  readonly issuer?: string;
}

/** An invalid credential, with the HTTP status for it. */
export class AccessRefused extends Error {
  override readonly name = "AccessRefused";
  readonly status: 401 | 503;
  readonly code: string;

  constructor(status: 401 | 503, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
