/** Everything that the files of one connector must agree on: names, and the types that operations take and return. */
import type {
  BodyForm,
  ConnectorModel,
  ErrorRule,
  ObjectSchema,
  OperationModel,
  PropertyModel,
  Schema,
} from "../model/mod.ts";
import { nameTypes, type TypeNames } from "./types/flavours.ts";
import { resolve, schemaAt, typesOf } from "../model/types/resolve.ts";
import { demandedByCalls } from "./credentials.ts";
import { ExportNames } from "./scope.ts";

export interface ConnectorPlan {
  readonly model: ConnectorModel;
  readonly names: ExportNames;
  readonly types: ReadonlyMap<string, TypeNames>;
  /** Config fields that only the calls that need them require. */
  readonly demandedByCalls: ReadonlySet<string>;
  /** Specifier of the runtime module. */
  readonly runtime: string;
  /** `OpenAI`, `OpenAIOptions`, `OpenAIError`, `openaiConnector`, `createOpenAICore`. */
  readonly className: string;
  readonly optionsName: string;
  readonly errorName: string;
  readonly dataName: string;
  readonly createCoreName: string;
  /** Of the type that says which credentials an operation needs. */
  readonly credentialsName: string;
  readonly webhooksName: string;
  readonly createWebhooksName: string;
  readonly operations: readonly OperationPlan[];
  /** The members of the class. */
  readonly root: Group;
  /** One rule for each class, in order of first use. */
  readonly errors: readonly ErrorRule[];
  /** Class of the model → its name in the code. */
  readonly errorNames: ReadonlyMap<string, string>;
}

/** A class with some operations, and the classes of nested groups. */
export interface Group {
  readonly className: string;
  readonly operations: { readonly member: string; readonly operation: OperationPlan }[];
  readonly groups: Map<string, Group>;
}

export interface OperationPlan {
  readonly model: OperationModel;
  readonly dataName: string;
  /** Absent: the operation has no input, or a named type is used directly. */
  readonly inputName: string | undefined;
  /** Input names for body alternatives made from a different type, by media type. */
  readonly otherInputs: ReadonlyMap<string, string>;
  /** Only for those that stream on demand. */
  readonly streamingInputName: string | undefined;
  /** Name for a result that is an unnamed object. */
  readonly resultName: string | undefined;
  readonly itemName: string | undefined;
  /** False if the operation can be called without any input. */
  readonly inputRequired: boolean;
}

export interface EmitOptions {
  /** What generated files import. Default: `@vastar/connector/connector`. */
  readonly runtime?: string | undefined;
}

export const DATA_FILE = "./data.gen.ts";

export const DEFAULT_RUNTIME = "@vastar/connector/connector";

export function planConnector(model: ConnectorModel, options: EmitOptions): ConnectorPlan {
  const names = new ExportNames();
  const types = nameTypes(model, names);
  const className = names.claim(model.className);
  const camelId = model.id.replace(/[-_.]+(.)/g, (_, letter: string) => letter.toUpperCase());
  const errors = new Map<string, ErrorRule>();
  for (
    const rule of [
      ...model.operations.flatMap((operation) => operation.errors),
      ...model.errors.rules,
    ]
  ) {
    if (!errors.has(rule.className)) errors.set(rule.className, rule);
  }
  const optionsName = names.claim(`${className}Options`);
  const errorName = names.claim(`${className}Error`);
  const errorNames = new Map([...errors.keys()].map((name) => [name, names.claim(name)]));
  const dataName = names.claim(`${/^[A-Za-z_$]/.test(camelId) ? camelId : `_${camelId}`}Connector`);
  const credentialsName = names.claim(`${className}Credentials`);
  const createCoreName = names.claim(`create${className}Core`);
  for (const name of ["definition", "typeSchemas", "operationSchemas"]) names.claim(name);
  for (const operation of model.operations) names.claim(operation.functionName);
  const operations = model.operations.map((operation) => planOperation(operation, names, model));
  return {
    model,
    names,
    types,
    demandedByCalls: demandedByCalls(model),
    runtime: options.runtime ?? DEFAULT_RUNTIME,
    className,
    optionsName,
    errorName,
    dataName,
    createCoreName,
    credentialsName,
    webhooksName: names.claim(`${className}Webhooks`),
    createWebhooksName: names.claim(`create${className}Webhooks`),
    operations,
    root: groupOperations(className, operations, names),
    errors: [...errors.values()],
    errorNames,
  };
}

function groupOperations(
  className: string,
  operations: readonly OperationPlan[],
  names: ExportNames,
): Group {
  const root: Group = { className, operations: [], groups: new Map() };
  for (const operation of operations) {
    const path = [...operation.model.members];
    const member = path.pop() ?? operation.model.functionName;
    let group = root;
    for (const part of path) {
      const next: Group = group.groups.get(part) ?? {
        className: names.claim(group.className + part.charAt(0).toUpperCase() + part.slice(1)),
        operations: [],
        groups: new Map(),
      };
      group.groups.set(part, next);
      group = next;
    }
    group.operations.push({ member, operation });
  }
  return root;
}

/** `OpenAIModels.list`. */
export function memberOf(plan: ConnectorPlan, { model }: OperationPlan): string {
  let group = plan.root;
  for (const part of model.members.slice(0, -1)) group = group.groups.get(part) ?? group;
  return `${group.className}.${model.members.at(-1) ?? model.functionName}`;
}

function planOperation(
  model: OperationModel,
  names: ExportNames,
  connector: ConnectorModel,
): OperationPlan {
  const { typeName } = model;
  const named = inputIsNamed(model);
  const hasInput = model.parameters.length > 0 || model.body !== undefined;
  const onDemand = model.stream !== undefined && model.stream.when.length > 0;
  const result = resultSchema(connector, model);
  return {
    model,
    dataName: names.claim(`${model.functionName}Data`),
    inputName: hasInput && !named ? names.claim(`${typeName}Input`) : undefined,
    otherInputs: new Map(
      otherForms(model).map(({ contentType, kind }) => [
        contentType,
        names.claim(`${typeName}${kind.charAt(0).toUpperCase()}${kind.slice(1)}Input`),
      ]),
    ),
    streamingInputName: onDemand ? names.claim(`${typeName}StreamingInput`) : undefined,
    resultName: isAnonymous(result) ? names.claim(`${typeName}Result`) : undefined,
    itemName: model.stream !== undefined && isAnonymous(model.stream.item)
      ? names.claim(`${typeName}Item`)
      : undefined,
    inputRequired: model.parameters.some((parameter) => parameter.required) ||
      bodyNeeded(model, connector),
  };
}

/** Body alternatives made from a different type. There are none if the input decides whether it streams. */
export function otherForms({ body, stream }: OperationModel): readonly BodyForm[] {
  if (body === undefined || (stream !== undefined && stream.when.length > 0)) return [];
  const main = JSON.stringify(body.schema);
  return body.alternatives.filter(({ schema }) => JSON.stringify(schema) !== main);
}

/** Whether the input is exactly a named type: a spread body without parameters. */
export function inputIsNamed({ parameters, body }: OperationModel): boolean {
  return parameters.length === 0 && body?.mode === "spread" && body.schema.kind === "ref";
}

function isAnonymous(schema: Schema): boolean {
  return schema.kind === "object" || schema.kind === "intersection";
}

function bodyNeeded({ body }: OperationModel, model: ConnectorModel): boolean {
  if (body === undefined || !body.required) return false;
  if (body.mode === "key") return true;
  const properties = propertiesOf(model, body.schema);
  return properties === undefined ||
    properties.some((property) => property.required && property.schema.readOnly !== true);
}

/** The properties of an object, also behind references; undefined for anything else. */
export function objectOf(model: ConnectorModel, schema: Schema): ObjectSchema | undefined {
  const at = resolve(typesOf(model), schema);
  return at.kind === "object" ? at : undefined;
}

function propertiesOf(model: ConnectorModel, schema: Schema): readonly PropertyModel[] | undefined {
  return objectOf(model, schema)?.properties;
}

/** What callers get: the result, or the part that `select` takes. */
export function resultSchema(model: ConnectorModel, operation: OperationModel): Schema {
  const { result } = operation;
  return result.select === undefined
    ? result.schema
    : schemaAt(typesOf(model), result.schema, result.select);
}
