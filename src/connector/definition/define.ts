/** Turns generated data into a definition that can be called. */
import { invalidRequest } from "../../core/errors.ts";
import { didYouMean } from "../../core/suggest.ts";
import { ConnectorClient } from "../call/client.ts";
import type { ConfigFieldData, ConnectorData } from "../data/connector.ts";
import type { BodyOptions } from "../data/options.ts";
import type { OperationData } from "../data/operation.ts";
import type {
  BodyDefinition,
  ConfigFieldDefinition,
  ConnectorDefinition,
  ErrorDefinition,
  ExampleDefinition,
  Invocation,
  JsonSchema,
  OperationDefinition,
  ResultDefinition,
  StreamDefinition,
} from "./definition.ts";

type Maker = (
  client: ConnectorClient,
  operation: OperationData,
  input: unknown,
  options?: BodyOptions<string>,
) => Invocation;

/** What the spec says of an operation and its data does not. */
export interface OperationDescription
  extends Pick<OperationDefinition, "summary" | "doc" | "link" | "deprecated" | "readOnly"> {
  readonly tags?: readonly string[];
  /** Default: `json`. */
  readonly body?: BodyDefinition["kind"];
  /** Of alternatives that are not JSON, by media type. */
  readonly others?: Readonly<Record<string, BodyDefinition["kind"]>>;
  /** Default: `json`. */
  readonly result?: ResultDefinition["kind"];
  /** Default: `sse`. */
  readonly stream?: StreamDefinition["format"];
  /** Before those of the connector. */
  readonly errors?: readonly ErrorDefinition[];
  /** `status`: 200 where it is absent. */
  readonly examples?: readonly (
    & Pick<ExampleDefinition, "name" | "doc" | "input" | "output" | "events">
    & Partial<Pick<ExampleDefinition, "status" | "headers">>
  )[];
}

/** Its data, what it is called with (`call`, `stream`, `callOrStream`, `pages` or `waitable`), and what the spec says of it. */
export type DescribedOperation = readonly [
  data: OperationData,
  make: Maker,
  description: OperationDescription,
];

export interface OperationSchemas {
  readonly input: JsonSchema;
  /** Inputs of alternatives of the body, by media type. Absent: as `input`. */
  readonly others?: Readonly<Record<string, JsonSchema>>;
  readonly result: JsonSchema;
  readonly item?: JsonSchema;
  readonly final?: JsonSchema;
}

export interface ConnectorDescription extends
  Pick<
    ConnectorDefinition,
    "title" | "className" | "doc" | "link" | "types" | "check"
  > {
  /** Of each config field. */
  readonly config?: Readonly<Record<string, JsonSchema>>;
  /** Of all operations. */
  readonly errors?: readonly ErrorDefinition[];
  readonly operations: readonly DescribedOperation[];
  /** By the ids of operations. */
  readonly schemas: Readonly<Record<string, OperationSchemas>>;
}

export function defineConnector(
  connector: ConnectorData,
  { config = {}, errors = [], operations, schemas, ...described }: ConnectorDescription,
): ConnectorDefinition {
  // Once each: what is worked out for an operation is kept by its data.
  const calls = new Map(
    operations.map(([data, make]) => [data.id, { data: { ...data, json: true as const }, make }]),
  );
  const { id, version, servers } = connector;
  return {
    id,
    version,
    servers: mapValues(servers, ({ url }) => url || "/"),
    config: (connector.config ?? []).map((field) => configField(field, config[field.name])),
    operations: operations.map((one) => operation(one, schemas[one[0].id], errors)),
    ...described,
    create: (options = {}, defaults) => new ConnectorClient(connector, options, defaults),
    invoke(client, operationId, input, options) {
      const found = calls.get(operationId);
      if (found === undefined) {
        throw invalidRequest(
          "operation.unknown",
          `${id} has no operation ${JSON.stringify(operationId)}.${
            didYouMean(operationId, [...calls.keys()])
          }`,
        );
      }
      return found.make(client, found.data, input, options);
    },
  };
}

function configField(
  { name, env, secret, optional, default: fallback }: ConfigFieldData,
  schema: JsonSchema = true,
): ConfigFieldDefinition {
  const doc = typeof schema === "object" ? schema["description"] : undefined;
  return {
    name,
    schema,
    secret: secret ?? false,
    optional: optional ?? false,
    ...(env === undefined ? {} : { env }),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(typeof doc === "string" ? { doc } : {}),
  };
}

function operation(
  [data, , description]: DescribedOperation,
  schemas: OperationSchemas = { input: true, result: true },
  shared: readonly ErrorDefinition[],
): OperationDefinition {
  const {
    tags = [],
    body: bodyKind = "json",
    others = {},
    result = "json",
    stream: format = "sse",
    errors = [],
    examples = [],
    ...texts
  } = description;
  const { body, stream } = data;
  return {
    id: data.id,
    method: data.method,
    path: pathText(data),
    tags,
    input: schemas.input,
    parameters: (data.parameters ?? []).map(({ name, wire = name, in: place, required }) => ({
      name,
      wire,
      in: place,
      required: required ?? false,
    })),
    ...(body === undefined ? {} : {
      body: {
        kind: bodyKind,
        contentType: body.contentType,
        required: body.required ?? false,
        ...(body.key === undefined ? {} : { key: body.key }),
        ...(body.others === undefined ? {} : {
          alternatives: Object.keys(body.others).map((contentType) => ({
            kind: others[contentType] ?? "json",
            contentType,
            input: schemas.others?.[contentType] ?? schemas.input,
          })),
        }),
      },
    }),
    result: { kind: result, schema: schemas.result },
    ...(stream === undefined ? {} : { stream: streamDefinition(stream, format, schemas) }),
    paginated: data.page !== undefined,
    errors: [...errors, ...shared],
    ...(data.usage === undefined ? {} : { usage: data.usage.paths }),
    examples: examples.map((one) => ({ status: 200, headers: [], ...one })),
    ...texts,
  };
}

function streamDefinition(
  { when = [], done, text, textWhen = [] }: NonNullable<OperationData["stream"]>,
  format: StreamDefinition["format"],
  { item = true, final }: OperationSchemas,
): StreamDefinition {
  return {
    when,
    format,
    item,
    ...(final === undefined ? {} : { result: final }),
    ...(typeof done === "string" ? { done } : {}),
    ...(text === undefined ? {} : { text: { path: text, when: textWhen } }),
  };
}

function pathText({ path, parameters = [] }: OperationData): string {
  if (typeof path === "string") return path;
  const nameOf = (at: number): string => parameters[at]?.wire ?? parameters[at]?.name ?? "";
  return path.map((part) => typeof part === "string" ? part : `{${nameOf(part)}}`).join("");
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  to: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]));
}
