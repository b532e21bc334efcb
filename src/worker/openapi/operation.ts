/** One operation of a connector as a path of the worker. */
import type {
  ConnectorDefinition,
  JsonSchema,
  OperationDefinition,
} from "../../connector/definition/definition.ts";
import { refName, type SchemaNode } from "../../schema/check.ts";
import { declaredForms, propertiesOf, takesBytes, takesForms } from "../call/form.ts";
import { answerContent, type OpenApiVersion } from "./content.ts";
import { FAILURE_REFERENCES } from "./problem_schema.ts";
import { rebase } from "./references.ts";

/** For `components`. */
export const PARAMETERS: SchemaNode = {
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "The same call again joins the first one, and gets its answer for ten minutes afterwards.",
    schema: { type: "string", minLength: 1, maxLength: 255 },
  },
  TimeoutMs: {
    name: "X-Timeout-Ms",
    in: "header",
    description: "Time limit of the whole call, stream included, in milliseconds.",
    schema: { type: "integer", minimum: 1, maximum: 86_400_000 },
  },
  All: {
    name: "all",
    in: "query",
    description: "Answer with the items of all pages, as a stream.",
    schema: { type: "boolean", default: false },
  },
};

export function operationPath(
  connector: ConnectorDefinition,
  operation: OperationDefinition,
  version: OpenApiVersion,
): SchemaNode {
  const { summary, doc, link, deprecated, paginated, result } = operation;
  const parameters = ["IdempotencyKey", "TimeoutMs", ...paginated ? ["All"] : []];
  return {
    operationId: `${connector.id}.${operation.id}`,
    tags: [connector.id],
    ...(summary === undefined ? {} : { summary }),
    ...(doc === undefined ? {} : { description: doc }),
    ...(link === undefined ? {} : { externalDocs: { url: link } }),
    ...(deprecated === undefined || deprecated === false ? {} : { deprecated: true }),
    parameters: [
      ...parameters.map((name) => ({ $ref: `#/components/parameters/${name}` })),
      ...rawParameters(connector, operation),
    ],
    requestBody: {
      required: needsInput(connector, operation),
      content: inputContent(connector, operation),
    },
    responses: {
      200: {
        description: "The answer of the API.",
        content: answerContent(connector, operation, version),
      },
      ...(result.kind === "none" ? { 204: { description: "Done; the API answers nothing." } } : {}),
      ...FAILURE_REFERENCES,
    },
  };
}

function inputContent(connector: ConnectorDefinition, operation: OperationDefinition): SchemaNode {
  const examples = operation.examples.map((example) => [
    // A name of a component: letters, digits, `.`, `-` and `_`.
    example.name.replace(/[^\w.-]+/g, "_"),
    { ...(example.doc === undefined ? {} : { summary: example.doc }), value: example.input },
  ]);
  const schema = rebase(operation.input, connector);
  const json = {
    schema,
    ...(examples.length > 0 ? { examples: Object.fromEntries(examples) } : {}),
  };
  return {
    "application/json": json,
    ...(takesForms(operation) ? { "multipart/form-data": { schema } } : {}),
    ...Object.fromEntries(
      declaredForms(operation).map(({ contentType, input }) => [
        contentType,
        contentType === "application/json" && input === operation.input
          ? json
          : { schema: rebase(input, connector) },
      ]),
    ),
    ...(takesBytes(operation) ? { "application/octet-stream": { schema: {} } } : {}),
  };
}

/** A body that is bytes leaves the rest of the input to the query. */
function rawParameters(
  connector: ConnectorDefinition,
  operation: OperationDefinition,
): readonly SchemaNode[] {
  if (!takesBytes(operation)) return [];
  const description = "With a body of application/octet-stream, whose input is otherwise this.";
  return Object.entries(propertiesOf(operation.input, connector.types))
    .filter(([name]) => name !== operation.body?.key)
    .map(([name, schema]) => ({
      name,
      in: "query",
      description,
      schema: rebase(schema as JsonSchema, connector),
    }));
}

function needsInput({ types }: ConnectorDefinition, { input }: OperationDefinition): boolean {
  const named = typeof input === "object" && typeof input["$ref"] === "string"
    ? types[refName(input["$ref"])]
    : input;
  const required = typeof named === "object" ? named["required"] : undefined;
  return Array.isArray(required) && required.length > 0;
}
