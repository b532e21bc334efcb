/** What a connector needs from a runtime: one method. `RuntimeClient` has it, and a test can use a plain object. */
import type { CallPolicy, CallReply, RuntimeCall } from "../../core/call.ts";

export interface ConnectorRuntime {
  /** Rejects with a ConnectorError if there is no HTTP response, and resolves for every HTTP status. */
  call(request: RuntimeCall): Promise<CallReply>;
  /** Parts of a call's policy that have no effect here; a client whose calls use any warns once. Default: none. */
  readonly ignores?: readonly (keyof CallPolicy)[];
  close?(): Promise<void>;
}
