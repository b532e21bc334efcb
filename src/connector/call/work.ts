/** A connector's call before it is sent, and what its errors may show. */
import type { Secrets } from "../../core/secrets/secrets.ts";
import { checkInput } from "../request/build_request.ts";
import { ConnectorClient } from "./client.ts";
import type { CallOptions } from "../data/options.ts";
import type { OperationData } from "../data/operation.ts";
import type { ErrorSource } from "../data/errors.ts";
import type { ClientState } from "../data/connector.ts";
import type { Input, OutgoingRequest } from "../data/request.ts";

/** A call that has not been made yet. */
export interface Work {
  readonly client: ClientState;
  readonly operation: OperationData;
  readonly input: Input;
  readonly options: CallOptions;
  /** Used instead of the built URL, for the next page. Whatever may contain a secret is left out for another origin. */
  readonly url?: string;
}

export function prepare(
  client: ConnectorClient,
  operation: OperationData,
  input: unknown,
  options: CallOptions = {},
): Work {
  return {
    client: ConnectorClient.stateOf(client),
    operation,
    input: checkInput(operation.id, input),
    options,
  };
}

/** All secrets that an answer to this request may repeat; collected on demand, since few calls fail. */
export function secretsIn(work: Work, request: OutgoingRequest): () => Secrets {
  return () => work.client.secrets.with(request.secrets);
}

/** The error without secrets, whoever created it. The caller's own abort reason stays as it is. */
export function shownError(work: Work, secrets: Secrets, error: unknown): unknown {
  const { signal } = work.options;
  return signal?.aborted && error === signal.reason ? error : secrets.clean(error);
}

export function errorSource({ client, operation }: Work, secrets: () => Secrets): ErrorSource {
  return {
    call: `${client.connector.id} ${operation.id}`,
    errors: client.connector.errors,
    rules: operation.errors,
    idempotent: !(operation.method === "POST" || operation.method === "PATCH") ||
      (operation.policy?.idempotent ?? false),
    json: operation.json ?? false,
    secrets,
  };
}
