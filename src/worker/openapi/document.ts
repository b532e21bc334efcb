/** The OpenAPI document of all connectors that are served. */
import type {
  ConnectorDefinition,
  OperationDefinition,
} from "../../connector/definition/definition.ts";
import type { SchemaNode } from "../../schema/check.ts";
import type { OpenApiVersion } from "./content.ts";
import { operationPath, PARAMETERS } from "./operation.ts";
import { ERROR_CLASS, PROBLEM, PROBLEM_RESPONSES } from "./problem_schema.ts";
import { componentName, rebase } from "./references.ts";

export interface OpenApiOptions {
  /** Default: `3.1`. With `3.2` streams are described item by item. */
  readonly version?: OpenApiVersion;
  /** What is left out. Default: nothing. */
  readonly includes?: (connector: string, operation: OperationDefinition) => boolean;
}

const VERSIONS: Readonly<Record<OpenApiVersion, string>> = { "3.1": "3.1.1", "3.2": "3.2.0" };

/** `servers` is where the worker is reached; relative, so that the document is right behind any proxy. */
export function openApiDocument(
  title: string,
  version: string,
  connectors: readonly ConnectorDefinition[],
  { version: openapi = "3.1", includes = () => true }: OpenApiOptions = {},
): SchemaNode {
  const paths: Record<string, unknown> = { ...servicePaths() };
  const schemas: Record<string, unknown> = { Problem: PROBLEM, ErrorClass: ERROR_CLASS };
  const shown = connectors.filter(({ id, operations }) =>
    operations.some((operation) => includes(id, operation))
  );
  for (const connector of shown) {
    const { id, types, operations } = connector;
    for (const [name, schema] of Object.entries(types)) {
      schemas[componentName(id, name)] = rebase(schema, connector);
    }
    for (const operation of operations) {
      if (!includes(id, operation)) continue;
      paths[`/connectors/${id}/${operation.id}`] = {
        post: operationPath(connector, operation, openapi),
      };
    }
  }
  return {
    openapi: VERSIONS[openapi],
    info: { title, version },
    servers: [{ url: "/" }],
    // A worker in development asks for none.
    security: [{ key: [] }, {}],
    tags: [
      { name: "service", description: "The worker itself." },
      ...shown.map(({ id, title: name, doc, link }) => ({
        name: id,
        description: doc ?? name,
        ...(link === undefined ? {} : { externalDocs: { url: link } }),
      })),
    ],
    paths,
    components: {
      schemas,
      parameters: PARAMETERS,
      responses: PROBLEM_RESPONSES,
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "A key of the worker, or a token." },
      },
    },
  };
}

function servicePaths(): SchemaNode {
  const get = (operationId: string, summary: string, description: string) => ({
    get: {
      operationId,
      tags: ["service"],
      summary,
      responses: { 200: { description, content: { "application/json": {} } } },
    },
  });
  const id = { name: "id", in: "path", required: true, schema: { type: "string" } };
  const one = get("service.connector", "Describe a connector", "The connector and its operations.");
  return {
    "/connectors": get("service.connectors", "List the connectors", "All connectors."),
    "/connectors/{id}": { ...one, parameters: [id] },
    "/livez": get("service.livez", "Whether the worker is running", "It runs."),
    "/readyz": get(
      "service.readyz",
      "Whether calls can be expected to work",
      "They can; 503 when not.",
    ),
  };
}
