/** What a connector needs of a runtime: one method. `RuntimeClient` has it; so has any object of a test. */
import type { CallReply, RuntimeCall } from "../../core/call.ts";

export interface ConnectorRuntime {
  /** Rejects with a ConnectorError when there is no HTTP response, and resolves for every HTTP status. */
  call(request: RuntimeCall): Promise<CallReply>;
  close?(): Promise<void>;
}
