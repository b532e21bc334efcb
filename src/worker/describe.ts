/** What `GET /connectors` and its sub-paths say. */
import type { OperationDefinition } from "../connector/definition/definition.ts";
import type { Entry } from "./registry.ts";

export function summarize(entry: Entry): unknown {
  const { id, version, title, doc, link, operations } = entry.definition;
  return {
    id,
    version,
    title,
    doc,
    link,
    configured: entry.missing() === undefined,
    operations: operations.map((one) => one.id),
  };
}

/** Everything but the values of the configuration: of those it only says where they come from. */
export function describeConnector(entry: Entry): unknown {
  const { id, version, title, doc, link, servers, config, operations } = entry.definition;
  return {
    id,
    version,
    title,
    doc,
    link,
    servers,
    configured: entry.missing() === undefined,
    config: config.map(({ name, secret, env, optional, doc: about }) => ({
      name,
      secret,
      env,
      optional,
      doc: about,
    })),
    operations: operations.map((operation) => ({
      id: operation.id,
      summary: operation.summary,
      method: operation.method,
      path: operation.path,
      streams: operation.stream !== undefined,
      deprecated: operation.deprecated,
      call: callPath(id, operation),
    })),
  };
}

export function describeOperation(entry: Entry, operation: OperationDefinition): unknown {
  const { id, types } = entry.definition;
  return { connector: id, call: callPath(id, operation), ...operation, types };
}

function callPath(id: string, operation: OperationDefinition): string {
  return `POST /connectors/${id}/${operation.id}`;
}
