/** `types.gen.ts`: the named types, and the inputs and results of operations. No code. */
import type { Writer } from "../writer.ts";
import type { OperationModel, PropertyModel, Schema } from "../../model/mod.ts";
import { writeDoc } from "../doc.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import type { Flavour } from "../types/flavours.ts";
import { constType } from "../types/type_writer.ts";
import { type ConnectorPlan, objectOf, type OperationPlan, resultSchema } from "../plan.ts";
import { streamConditions } from "../data/runtime.ts";
import { propertyKey } from "../literal.ts";
import type { Imports } from "../scope.ts";
import {
  isVisible,
  schemaDoc,
  type TypeScope,
  typeText,
  writeObjectType,
  writeProperty,
  writeType,
} from "../types/type_writer.ts";

export const TYPES_FILE = "./types.gen.ts";

export function typesFile(plan: ConnectorPlan): GeneratedFile {
  return createFile("types.gen.ts", plan.model, plan.names, plan.runtime, (writer, imports) => {
    for (const type of plan.model.types) {
      const names = plan.types.get(type.name);
      if (names === undefined) continue;
      if (names.request === names.response) {
        // Used in requests too: `undefined` is allowed where a property may be absent.
        const flavour = type.inResponse && !type.inRequest ? "response" : "request";
        declare(writer, names.response, type.schema, context(plan, imports, flavour));
      } else {
        declare(writer, names.response, type.schema, context(plan, imports, "response"));
        declare(writer, names.request, type.schema, context(plan, imports, "request"));
      }
    }
    for (const operation of plan.operations) writeOperation(writer, plan, operation, imports);
    // A file without exports is not a module, and re-exporting from it does not compile.
    if (writer.isEmpty) writer.write("export {};").newLine();
  });
}

function context(plan: ConnectorPlan, imports: Imports, flavour: Flavour): TypeScope {
  return { model: plan.model, names: plan.types, flavour, imports };
}

function declare(writer: Writer, name: string, schema: Schema, types: TypeScope): void {
  writeDoc(writer, schemaDoc(schema));
  if (isInterface(schema, types.flavour)) {
    writer.write(`export interface ${name} `);
    writeObjectType(writer, schema, types);
    writer.newLine();
  } else {
    writer.write(`export type ${name} = `);
    writeType(writer, schema, types);
    writer.write(";").newLine();
  }
  writer.blankLine();
}

/** An interface is shown by name in messages and is checked faster; it cannot be null or empty. */
export function isInterface(
  schema: Schema,
  flavour: Flavour,
): schema is Schema & { kind: "object" } {
  return schema.kind === "object" && !schema.nullable &&
    schema.properties.some((property) => isVisible(property, flavour));
}

function writeOperation(
  writer: Writer,
  plan: ConnectorPlan,
  operation: OperationPlan,
  imports: Imports,
): void {
  const { model } = operation;
  const request = context(plan, imports, "request");
  const response = context(plan, imports, "response");
  if (operation.inputName !== undefined) {
    writeDoc(writer, { text: `What \`${model.id}\` takes.` });
    writeInput(writer, operation.inputName, model, request);
  }
  for (const [contentType, name] of operation.otherInputs) {
    const form = model.body?.alternatives.find((one) => one.contentType === contentType);
    if (form === undefined || model.body === undefined) continue;
    writeDoc(writer, { text: `What \`${model.id}\` takes as \`${contentType}\`.` });
    writeInput(writer, name, { ...model, body: { ...model.body, ...form } }, request);
  }
  if (operation.streamingInputName !== undefined) {
    const base = operation.inputName ??
      typeText(model.body?.schema ?? { kind: "unknown" }, request);
    writeDoc(writer, { text: `What \`${model.id}\` takes when it streams.` });
    writer.writeLine(
      `export type ${operation.streamingInputName} = ${base} & ${streamingPart(model)};`,
    ).blankLine();
  }
  if (operation.resultName !== undefined) {
    declare(writer, operation.resultName, resultSchema(plan.model, model), response);
  }
  if (operation.itemName !== undefined && model.stream !== undefined) {
    declare(writer, operation.itemName, model.stream.item, response);
  }
}

function writeInput(
  writer: Writer,
  name: string,
  model: OperationModel,
  types: TypeScope,
): void {
  const properties: PropertyModel[] = model.parameters.map((parameter) => ({
    name: parameter.name,
    required: parameter.required,
    schema: {
      ...parameter.schema,
      ...(parameter.doc === undefined ? {} : { doc: parameter.doc }),
      ...(parameter.deprecated === undefined ? {} : { deprecated: parameter.deprecated }),
      ...(parameter.send === undefined ? {} : { default: parameter.send }),
    },
  }));
  const { body } = model;
  if (body?.mode === "key") {
    properties.push({ name: body.key, required: body.required, schema: body.schema });
  }
  if (body?.mode !== "spread") {
    writer.write(`export interface ${name} `);
    writeProperties(writer, properties, types);
    writer.newLine().blankLine();
    return;
  }
  const bodyObject = body.schema.nullable ? undefined : body.schema;
  if (
    bodyObject?.kind === "object" && bodyObject.additional !== undefined &&
    typeof bodyObject.additional !== "object" &&
    bodyObject.patterns === undefined
  ) {
    writer.write(`export interface ${name} `);
    const own = bodyObject.properties.filter((property) => isVisible(property, "request"));
    writeProperties(writer, [
      ...properties,
      ...own.map((property) => optionalIf(property, !body.required)),
    ], types);
    writer.newLine().blankLine();
    return;
  }
  const named = objectOf(types.model, body.schema);
  const text = typeText(body.schema, types);
  const whole = body.required ? text : `Partial<${text}>`;
  if (properties.length === 0) writer.writeLine(`export type ${name} = ${whole};`);
  else if (
    named !== undefined && isInterface(named, "request") && body.required &&
    body.schema.kind === "ref"
  ) {
    writer.write(`export interface ${name} extends ${text} `);
    writeProperties(writer, properties, types);
    writer.newLine();
  } else {
    writer.write(`export type ${name} = `);
    writeProperties(writer, properties, types);
    writer.write(` & (${whole});`).newLine();
  }
  writer.blankLine();
}

/** The required properties of an optional body are only required if there is a body. */
function optionalIf(property: PropertyModel, optional: boolean): PropertyModel {
  return optional ? { ...property, required: false } : property;
}

function writeProperties(
  writer: Writer,
  properties: readonly PropertyModel[],
  types: TypeScope,
): void {
  if (properties.length === 0) return void writer.write("{}");
  writer.write("{").newLine().indent(() => {
    for (const property of properties) writeProperty(writer, property, types);
  }).write("}");
}

/** `{ stream: true }`, at any depth. */
function streamingPart(model: OperationModel): string {
  const parts = streamConditions(model).map(({ selector, oneOf }) => {
    const path = selector.segments.flatMap((segment) =>
      segment.kind === "key" ? [segment.key] : []
    );
    return path.reduceRight(
      (inner, key) => `{ ${propertyKey(key)}: ${inner} }`,
      oneOf.map(constType).join(" | "),
    );
  });
  return parts.join(" & ");
}
