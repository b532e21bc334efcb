/** A CallStart in which only what a test is about has to be said. */
import type { CallRequest } from "../../src/core/call.ts";
import type { CallStart } from "../../src/wire/mod.ts";

export const CALL: CallRequest = {
  tenantId: "",
  workspaceId: "",
  traceId: "",
  connector: "http",
  operation: "request",
  method: "GET",
  url: "http://upstream.test/",
  headers: [],
  body: null,
  timeoutMs: 0,
};

export function startOf(
  callId: number,
  call: Partial<CallRequest> = {},
  bodyFollows = false,
): CallStart {
  return { callId, bodyFollows, reportRetries: false, call: { ...CALL, ...call } };
}
