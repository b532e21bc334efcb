/** A call of a session, from CallStart to its last frame. */
import type { EngineLease } from "./context.ts";
import type { IncomingBody } from "../wire/mod.ts";

export interface SessionCall {
  readonly id: number;
  readonly lease: EngineLease;
  /** What its CallStart decoded to, which is kept until the call is over. */
  readonly held: number;
  readonly controller: AbortController;
  /** The request body, when it follows in Data frames. */
  readonly upload: IncomingBody | undefined;
}
