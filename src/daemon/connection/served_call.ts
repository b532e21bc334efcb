/** A session's call, from CallStart to its last frame. */
import type { CallAbort } from "../../core/async/call_signal.ts";
import type { EngineLease } from "./shared.ts";
import type { IncomingBody } from "../../wire/mod.ts";

export interface ServedCall {
  readonly id: number;
  readonly lease: EngineLease;
  /** Bytes of the decoded CallStart and of a body waiting to be sent: held until the call ends. */
  held: number;
  readonly abort: CallAbort;
  /** The request body, if it follows in Data frames. */
  readonly upload: IncomingBody | undefined;
}
