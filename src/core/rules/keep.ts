/** A streamed answer that the runtime keeps for its caller, who may lose the connection and come back. */
import { ConnectorError, ErrorClass } from "../errors.ts";

export interface Keep {
  /** Chosen by the caller, unguessable. Another tenant's is another. */
  readonly id: string;
  /**
   * Goes on with the answer that is kept under the id, from this byte of its body on. The call is never made for it: the reply is
   * that answer's, or `stream.gone`.
   */
  readonly from?: number;
  /** Ends the call whose answer is kept under the id. The reply is empty. */
  readonly stop?: boolean;
}

/** Whether this asks for an answer that was begun before: whoever keeps none must not make the call in its place. */
export function isLater(keep: Keep | undefined): boolean {
  return keep?.from !== undefined || keep?.stop === true;
}

/** The answer is not kept: it never was, it is over, or its caller stayed away too long. */
export function streamGone(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "stream.gone",
    message: "The stream is not kept any longer, or not this part of it: make the call again",
    origin: "caller",
    sent: "committed",
  });
}
