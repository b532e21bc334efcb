/** A call of a session, from CallStart to its last frame. */
import type { EngineLease } from "./shared.ts";
import type { IncomingBody } from "../../wire/mod.ts";

export interface ServedCall {
  readonly id: number;
  readonly lease: EngineLease;
  /** Bytes of what its CallStart decoded to, and of a body that waits to be sent: kept until the call is over. */
  held: number;
  readonly controller: AbortController;
  /** The request body, when it follows in Data frames. */
  readonly upload: IncomingBody | undefined;
}
