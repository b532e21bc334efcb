/** `schemas.gen.ts`: everything as JSON Schema, separate from the code, so that programs that do not validate do not ship it. */
import type { OperationModel, Schema } from "../../model/mod.ts";
import { closedWhole } from "../../model/types/merge.ts";
import { type NamedTypes, typesOf } from "../../model/types/resolve.ts";
import { writeDoc } from "../doc.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { type Literal, writeLiteral } from "../literal.ts";
import { type ConnectorPlan, type OperationPlan, resultSchema } from "../plan.ts";
import { schemaJson } from "../data/schema_json.ts";
import { order } from "../scope.ts";

export const SCHEMAS_FILE = "./schemas.gen.ts";

export function schemasFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  const types = typesOf(model);
  return createFile("schemas.gen.ts", model, plan.names, plan.runtime, (writer, imports) => {
    const declared = new Map<string, Literal>();
    const named = Object.fromEntries(
      model.types.map(({ name, schema }) => [name, schemaJson(types, schema, declared)]),
    );
    const ofOperations = Object.fromEntries(
      plan.operations.map((one) => [one.model.id, operationSchemas(plan, one, declared)]),
    );
    for (const [name, schema] of [...declared].sort(([a], [b]) => order(a, b))) {
      writer.write(`const ${name} = `);
      writeLiteral(writer, schema);
      writer.write(";").newLine();
    }
    if (declared.size > 0) writer.blankLine();
    const schema = imports.type("JsonSchema");
    writeDoc(writer, { text: "The named types. References among them are `#/$defs/Name`." });
    writer.write(`export const typeSchemas: { readonly [name: string]: ${schema} } = `);
    writeLiteral(writer, named);
    writer.write(";").newLine().blankLine();
    writeDoc(writer, {
      text: "Input, result, stream item and final result of each operation, by its id.",
    });
    const schemas = imports.type("OperationSchemas");
    writer.write(`export const operationSchemas: { readonly [id: string]: ${schemas} } = `);
    writeLiteral(writer, ofOperations);
    writer.write(";").newLine();
  });
}

type Declared = Map<string, Literal>;
type ToJson = (schema: Schema) => Literal;

function operationSchemas(
  plan: ConnectorPlan,
  operation: OperationPlan,
  declared: Declared,
): Literal {
  const { model } = operation;
  const types = typesOf(plan.model);
  const json = (schema: Schema): Literal => schemaJson(types, schema, declared);
  const { stream } = model;
  return {
    input: inputJson(types, model, json),
    others: otherInputs(types, model, json),
    result: json(resultSchema(plan.model, model)),
    item: stream === undefined ? undefined : json(stream.item),
    final: stream?.accumulate === undefined ? undefined : json(stream.accumulate.result),
  };
}

/** The same for alternatives of a body that are made from other types. */
function otherInputs(types: NamedTypes, model: OperationModel, json: ToJson): Literal {
  const { body } = model;
  if (body === undefined || body.alternatives.length === 0) return undefined;
  const main = JSON.stringify(body.schema);
  const others = body.alternatives.filter(({ schema }) => JSON.stringify(schema) !== main);
  return others.length === 0 ? undefined : Object.fromEntries(
    others.map((form) => [
      form.contentType,
      inputJson(types, { ...model, body: { ...body, ...form } }, json),
    ]),
  );
}

/** Parameters and body as the one object that callers pass. */
function inputJson(
  types: NamedTypes,
  { parameters, body }: OperationModel,
  json: ToJson,
): Literal {
  const own: Record<string, Schema> = {};
  const required: string[] = [];
  for (const parameter of parameters) {
    const doc = parameter.doc ?? parameter.schema.doc;
    own[parameter.name] = { ...parameter.schema, ...(doc === undefined ? {} : { doc }) };
    if (parameter.required) required.push(parameter.name);
  }
  if (body?.mode === "key") {
    own[body.key] = body.schema;
    if (body.required) required.push(body.key);
  }
  const properties = Object.fromEntries(
    Object.entries(own).map(([name, schema]) => [name, json(schema)]),
  );
  const object: Literal = {
    type: "object",
    additionalProperties: body?.mode === "spread" ? undefined : false,
    required: required.length === 0 ? undefined : required,
    properties: Object.keys(properties).length === 0 ? undefined : properties,
  };
  if (body?.mode !== "spread") return object;
  // A closed type alone would refuse the parameters next to it.
  const flat = body.schema.kind === "object" || Object.keys(own).length === 0
    ? body.schema
    : closedWhole(types, [body.schema]) ?? body.schema;
  const bodySchema = json(flat);
  if (Object.keys(own).length === 0) {
    return body.required
      ? bodySchema
      : { anyOf: [bodySchema, { type: "object", maxProperties: 0 }] };
  }
  return mergedObject(object, flat, bodySchema, body.required);
}

/** One flat object if the body is an object; else both schemas must hold. */
function mergedObject(
  object: { readonly [key: string]: Literal },
  body: Schema,
  bodySchema: Literal,
  bodyRequired: boolean,
): Literal {
  if (body.kind !== "object" || body.nullable || body.patterns !== undefined) {
    return bodyRequired ? { allOf: [object, bodySchema] } : { ...object };
  }
  const inner = bodySchema as { readonly [key: string]: Literal };
  const list = (value: Literal): readonly Literal[] =>
    Array.isArray(value) ? value as readonly Literal[] : [];
  const required = [...list(object["required"]), ...(bodyRequired ? list(inner["required"]) : [])];
  return {
    ...inner,
    required: required.length === 0 ? undefined : required,
    properties: { ...(object["properties"] as object), ...(inner["properties"] as object) },
  };
}
