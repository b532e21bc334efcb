import { type ConnectorClient, CONTEXT } from "./context.ts";

/** Closes the runtime, unless it was handed to the client as an object: then it is somebody else's. */
export async function closeClient(client: ConnectorClient): Promise<void> {
  const { options, runtime } = client[CONTEXT];
  if (typeof options.runtime !== "object") await runtime.close?.();
}
