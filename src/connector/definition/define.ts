/** Turns generated data into a definition that can be called. */
import { invalidRequest } from "../../core/errors.ts";
import { didYouMean } from "../../core/suggest.ts";
import type { ConnectorClient } from "../call/client.ts";
import type { ConnectorDefinition, Invocation } from "./definition.ts";
import type { CallOptions } from "../data/options.ts";
import type { OperationData } from "../data/operation.ts";

type Maker = (
  client: ConnectorClient,
  operation: OperationData,
  input: unknown,
  options?: CallOptions,
) => Invocation;

/** What each operation is called with: its data, and `call`, `stream`, `callOrStream`, `pages` or `waitable`. */
export type Makers = Readonly<Record<string, readonly [operation: OperationData, make: Maker]>>;

export function defineConnector(
  data: Omit<ConnectorDefinition, "invoke">,
  calls: Makers,
): ConnectorDefinition {
  return {
    ...data,
    invoke(client, operationId, input, options) {
      const found = Object.hasOwn(calls, operationId) ? calls[operationId] : undefined;
      if (found === undefined) {
        throw invalidRequest(
          "operation.unknown",
          `${data.id} has no operation ${JSON.stringify(operationId)}.${
            didYouMean(operationId, Object.keys(calls))
          }`,
        );
      }
      const [operation, make] = found;
      return make(client, operation, input, options);
    },
  };
}
