/** The answers of `GET /connectors` and its sub-paths. */
import type {
  ConfigFieldDefinition,
  ConnectorDefinition,
  OperationDefinition,
} from "../connector/definition/definition.ts";
import type { Caller } from "./access/caller.ts";
import type { Entry } from "./registry.ts";

export interface ConnectorSummary
  extends Pick<ConnectorDefinition, "id" | "version" | "title" | "doc" | "link"> {
  /** Whether it can be called. */
  readonly configured: boolean;
  /** Ids of its operations. */
  readonly operations: readonly string[];
}

export interface ConnectorDescription
  extends Omit<ConnectorSummary, "operations">, Pick<ConnectorDefinition, "className" | "servers"> {
  /** What it can be configured with, never with what it is. */
  readonly config: readonly Pick<
    ConfigFieldDefinition,
    "name" | "secret" | "env" | "optional" | "doc"
  >[];
  readonly operations: readonly OperationSummary[];
}

export interface OperationSummary
  extends Pick<OperationDefinition, "id" | "summary" | "method" | "path" | "deprecated"> {
  readonly streams: boolean;
  /** `POST /connectors/{id}/{operation}`. */
  readonly call: string;
}

export interface OperationDescription
  extends OperationDefinition, Pick<ConnectorDefinition, "types"> {
  readonly connector: string;
  readonly call: string;
}

export function summarize(entry: Entry, { tenant, refusal }: Caller): ConnectorSummary {
  const { id, version, title, doc, link, operations } = entry.definition;
  return {
    id,
    version,
    title,
    ...(doc !== undefined && { doc }),
    ...(link !== undefined && { link }),
    configured: entry.missing(tenant) === undefined,
    operations: operations.filter((one) => refusal(id, one) === undefined).map((one) => one.id),
  };
}

/** Everything except the values of the configuration, of which it only says where they come from. */
export function describeConnector(entry: Entry, { tenant, refusal }: Caller): ConnectorDescription {
  const { id, version, title, className, doc, link } = entry.definition;
  const { servers, config, operations } = entry.definition;
  return {
    id,
    version,
    title,
    ...(className !== undefined && { className }),
    ...(doc !== undefined && { doc }),
    ...(link !== undefined && { link }),
    servers,
    configured: entry.missing(tenant) === undefined,
    config: config.map(({ name, secret, env, optional, doc: about }) => ({
      name,
      secret,
      ...(env !== undefined && { env }),
      optional,
      ...(about !== undefined && { doc: about }),
    })),
    operations: operations.filter((one) => refusal(id, one) === undefined).map((operation) => ({
      id: operation.id,
      ...(operation.summary !== undefined && { summary: operation.summary }),
      method: operation.method,
      path: operation.path,
      streams: operation.stream !== undefined,
      ...(operation.deprecated !== undefined && { deprecated: operation.deprecated }),
      call: callPath(id, operation),
    })),
  };
}

export function describeOperation(
  entry: Entry,
  operation: OperationDefinition,
): OperationDescription {
  const { id, types } = entry.definition;
  return { connector: id, call: callPath(id, operation), ...operation, types };
}

function callPath(id: string, operation: OperationDefinition): string {
  return `POST /connectors/${id}/${operation.id}`;
}
