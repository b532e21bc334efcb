/** The OpenAPI 3.1 document of all served connectors. */
import type {
  ConnectorDefinition,
  OperationDefinition,
} from "../../connector/definition/definition.ts";
import { takesForms } from "../call/form.ts";
import { refName, type SchemaNode } from "../../schema/check.ts";

type Mutable = Record<string, unknown>;

/** `servers` is relative, so that the document is right behind any proxy. */
export function openApiDocument(
  title: string,
  version: string,
  connectors: readonly ConnectorDefinition[],
): SchemaNode {
  const paths: Mutable = { ...servicePaths() };
  const schemas: Mutable = { Problem: PROBLEM };
  for (const connector of connectors) {
    for (const [name, schema] of Object.entries(connector.types)) {
      schemas[componentName(connector.id, name)] = rebase(schema, connector.id);
    }
    for (const operation of connector.operations) {
      paths[`/connectors/${connector.id}/${operation.id}`] = {
        post: describe(connector, operation),
      };
    }
  }
  return {
    openapi: "3.1.1",
    info: { title, version },
    servers: [{ url: "/" }],
    tags: [
      { name: "service", description: "The worker itself." },
      ...connectors.map(({ id, title: name, doc, link }) => ({
        name: id,
        description: doc ?? name,
        ...(link === undefined ? {} : { externalDocs: { url: link } }),
      })),
    ],
    paths,
    components: { schemas, responses: { Problem: PROBLEM_RESPONSE } },
  };
}

function describe(connector: ConnectorDefinition, operation: OperationDefinition): SchemaNode {
  const examples = operation.examples.map((example) => [
    example.name,
    { ...(example.doc === undefined ? {} : { summary: example.doc }), value: example.input },
  ]);
  const json: Mutable = { schema: rebase(operation.input, connector.id) };
  if (examples.length > 0) json["examples"] = Object.fromEntries(examples);
  return {
    operationId: `${connector.id}.${operation.id}`,
    tags: [connector.id],
    ...(operation.summary === undefined ? {} : { summary: operation.summary }),
    ...(operation.doc === undefined ? {} : { description: operation.doc }),
    ...(operation.link === undefined ? {} : { externalDocs: { url: operation.link } }),
    ...(operation.deprecated === undefined || operation.deprecated === false
      ? {}
      : { deprecated: true }),
    requestBody: {
      required: needsInput(connector, operation),
      content: {
        "application/json": json,
        ...(takesForms(operation) ? { "multipart/form-data": { schema: json["schema"] } } : {}),
      },
    },
    responses: {
      200: { description: "The answer of the API.", content: answers(connector, operation) },
      ...(operation.result.kind === "none"
        ? { 204: { description: "Done; the API returns nothing." } }
        : {}),
      ...Object.fromEntries(
        Object.entries(FAILURES).map((
          [status, description],
        ) => [status, { ...PROBLEM_RESPONSE, description }]),
      ),
    },
  };
}

function answers(connector: ConnectorDefinition, operation: OperationDefinition): SchemaNode {
  const { result, stream } = operation;
  const content: Mutable = {};
  if (result.kind === "json") {
    content["application/json"] = { schema: rebase(result.schema, connector.id) };
  }
  if (result.kind === "text") content["text/plain"] = { schema: { type: "string" } };
  if (result.kind === "binary") content["application/octet-stream"] = { schema: {} };
  if (stream !== undefined && stream.format === "bytes") {
    content["application/octet-stream"] = { schema: {} };
  }
  if (stream !== undefined && stream.format !== "bytes") {
    const asked = stream.when.map(({ path, oneOf }) =>
      `${path.join(".")} is ${oneOf.map((value) => JSON.stringify(value)).join(" or ")}`
    );
    content["text/event-stream"] = {
      schema: {
        type: "string",
        description:
          `Server-sent events${
            asked.length === 0 ? "" : ` when ${asked.join(" and ")}`
          }: each \`data:\` is one ` +
          "item as JSON, the last one is `[DONE]`. A failure midway is an `error` event, which `[DONE]` does not follow.",
        contentMediaType: "application/json",
        contentSchema: rebase(stream.item, connector.id),
      },
    };
  }
  return content;
}

function needsInput({ types }: ConnectorDefinition, { input }: OperationDefinition): boolean {
  const named = typeof input === "object" && typeof input["$ref"] === "string"
    ? types[refName(input["$ref"])]
    : input;
  const required = typeof named === "object" ? named["required"] : undefined;
  return Array.isArray(required) && required.length > 0;
}

/** Component names may hold letters, digits, dots, dashes and underscores only. */
export function componentName(connectorId: string, typeName: string): string {
  return `${connectorId}.${typeName}`.replace(/[^\w.-]/g, "_");
}

/** Keywords whose values are data, in which `$ref` is only a name. */
const DATA = new Set(["const", "default", "enum", "example", "examples"]);

/** References to the connector's types become references to components. */
function rebase(schema: unknown, connectorId: string): unknown {
  if (Array.isArray(schema)) return schema.map((item) => rebase(item, connectorId));
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === "$ref" && typeof value === "string") {
        return [keyword, `#/components/schemas/${componentName(connectorId, refName(value))}`];
      }
      if (keyword === "discriminator") return [keyword, rebaseDiscriminator(value, connectorId)];
      return [keyword, DATA.has(keyword) ? value : rebase(value, connectorId)];
    }),
  );
}

function rebaseDiscriminator(value: unknown, connectorId: string): unknown {
  const mapping = typeof value === "object" && value !== null
    ? (value as SchemaNode)["mapping"]
    : undefined;
  // Where `discriminator` is the name of a property, its value is a schema.
  if (typeof mapping !== "object" || mapping === null || !("propertyName" in (value as object))) {
    return rebase(value, connectorId);
  }
  const moved = Object.entries(mapping).map(([tag, target]) => [
    tag,
    `#/components/schemas/${componentName(connectorId, refName(String(target)))}`,
  ]);
  return { ...(value as SchemaNode), mapping: Object.fromEntries(moved) };
}

const PROBLEM: SchemaNode = {
  type: "object",
  description: "What went wrong (RFC 9457).",
  required: ["title", "status", "detail", "code", "class", "requestId", "retryable"],
  properties: {
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "What was found and what would be right." },
    code: { type: "string", description: "Stable and dotted." },
    class: { enum: ["Transient", "Permanent", "RateLimited", "Timeout", "InvalidRequest"] },
    requestId: { type: "string" },
    retryable: { type: "boolean", description: "Whether repeating the same request may succeed." },
    retryAfterMs: { type: "number" },
    sent: {
      enum: ["no", "maybe", "committed"],
      description: "Whether the API may have acted on the call.",
    },
    attempts: { type: "integer", description: "Attempts made upstream." },
    waitedMs: { type: "number", description: "Spent between attempts." },
    queuedMs: { type: "number", description: "Time spent in the runtime's own queues." },
    upstreamStatus: { type: "integer", description: "Status of the API's answer." },
    error: {
      type: "string",
      description: "Class of the connector's error, where the API answered.",
      examples: ["NotFoundError"],
    },
    apiCode: { type: "string", description: "The API's own code of the error." },
    apiType: { type: "string", description: "The API's own type of the error." },
    errors: {
      type: "array",
      description: "Mistakes in the input.",
      items: {
        type: "object",
        required: ["path", "pointer", "message"],
        properties: {
          path: { type: "string", examples: ["$.messages[0].role"] },
          pointer: { type: "string", examples: ["/messages/0/role"] },
          message: { type: "string" },
        },
      },
    },
    known: {
      type: "array",
      items: { type: "string" },
      description: "Names that would be right.",
    },
  },
};

const PROBLEM_RESPONSE: SchemaNode = {
  description: "What went wrong.",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

const FAILURES: Readonly<Record<string, string>> = {
  400: "The input is invalid; `errors` names each mistake.",
  415: "The input was not sent as JSON.",
  429: "Too many calls; `Retry-After` says when to try again.",
  502: "The API failed or refused the credentials of this server.",
  503: "The connector is not configured, or the runtime cannot be reached.",
  504: "The API took too long.",
};

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
