/** Whoever can tell what a credential stands for: API keys, tokens of an identity provider. */
import type { Grant } from "./caller.ts";

export interface Authenticator {
  /**
   * What the bearer credential stands for; undefined where it is none of this kind. Rejects with {@link AccessRefused} where it is one and
   * does not hold.
   */
  authenticate(credential: string): Promise<Grant | undefined>;
  /** Who issues the credentials, where a client can ask for one: the URL of an OAuth 2.0 authorization server. */
  readonly issuer?: string;
}

/** A credential that does not hold, with the status that says it. */
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
