import { ConnectorClient } from "./client.ts";
import type { ClientOptions } from "../data/options.ts";

/** A client's options with some changed, for another client on the same runtime, which it does not close. */
export function changedOptions<Options extends ClientOptions>(
  client: ConnectorClient,
  changes: Options,
): Options {
  const { options, runtime } = ConnectorClient.stateOf(client);
  return { ...options, runtime, ...changes };
}
