/** What a socket transport needs from a connection, whichever protocol it speaks. */
import type { CallReply, CallRequest, Health } from "../core/call.ts";
import type { ConnectorError } from "../core/errors.ts";

export interface RuntimeConnection {
  readonly protocol: "session" | "base";
  /** False once it is lost or going away: new calls must use another one. */
  readonly usable: boolean;
  /** The runtime is going away: a call that is too late is made on another connection. */
  readonly leaving: boolean;
  readonly openCalls: number;
  call(request: CallRequest): Promise<CallReply>;
  health(): Promise<Health>;
  /** Ends every open call with the error, then the connection. */
  close(error: ConnectorError): void;
}
