/** `definition.gen.ts`: the connector as data for the worker, the command line and documentation. */
import type { ErrorRule, OperationModel } from "../../model/mod.ts";
import { typesOf } from "../../model/types/resolve.ts";
import { writeDoc } from "../doc.ts";
import { errorClassName } from "./errors.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { Code, type Literal, writeLiteral } from "../literal.ts";
import type { Imports } from "../scope.ts";
import type { Writer } from "../writer.ts";
import { type ConnectorPlan, DATA_FILE } from "../plan.ts";
import { schemaJson } from "../data/schema_json.ts";
import { SCHEMAS_FILE } from "./schemas.ts";
import { makerOf } from "../types/signature.ts";

export function definitionFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  return createFile("definition.gen.ts", model, plan.names, plan.runtime, (writer, imports) => {
    const operations = operationParts(plan, writer, imports);
    writeDoc(writer, {
      text: `What the worker, the simulator and \`vastar call\` know about ${model.title}.`,
    });
    writer.write(
      `export const definition: ${imports.type("ConnectorDefinition")} = /* @__PURE__ */ ${
        imports.value("defineConnector")
      }(${imports.local(DATA_FILE, plan.dataName, "value")}, `,
    );
    writeLiteral(writer, {
      title: model.title,
      className: plan.className,
      doc: model.doc,
      link: model.link,
      config: model.config.length === 0 ? undefined : Object.fromEntries(
        model.config.map(({ name, schema }) => [name, schemaJson(typesOf(model), schema)]),
      ),
      types: new Code(imports.local(SCHEMAS_FILE, "typeSchemas", "value")),
      schemas: new Code(imports.local(SCHEMAS_FILE, "operationSchemas", "value")),
      check: model.check === undefined
        ? undefined
        : { operation: model.check.operation, input: model.check.input as Literal },
      errors: errorsData(plan, model.errors.rules),
      operations,
    });
    writer.write(");").newLine();
  }, ` operations ${plan.operations.length}`);
}

/** TypeScript finds the type of a list with thousands of literals too complex; above this, they are split into several lists. */
const LIST_LENGTH = 500;

/** The operations, or a spread of the lists written before. */
function operationParts(plan: ConnectorPlan, writer: Writer, imports: Imports): Literal {
  const all = plan.operations.map((operation) => [
    new Code(imports.local(DATA_FILE, operation.dataName, "value")),
    new Code(imports.value(makerOf(operation.model))),
    description(plan, operation.model),
  ]);
  if (all.length <= LIST_LENGTH) return all;
  const lists: Code[] = [];
  for (let at = 0; at < all.length; at += LIST_LENGTH) {
    const name = plan.names.claim(`operations${lists.length + 1}`);
    const type = imports.type("DescribedOperation");
    writer.write(`const ${name}: readonly ${type}[] = `);
    writeLiteral(writer, all.slice(at, at + LIST_LENGTH));
    writer.write(";").newLine().blankLine();
    lists.push(new Code(`...${name}`));
  }
  return lists;
}

/** What the operation's data does not contain. */
function description(plan: ConnectorPlan, model: OperationModel): Literal {
  const { body, result, stream } = model;
  return {
    summary: model.summary,
    doc: model.doc,
    link: model.link,
    tags: model.tags.length === 0 ? undefined : [...model.tags],
    deprecated: model.deprecated,
    readOnly: model.query === undefined ? undefined : model.query.session.readOnly === true,
    body: body?.kind === "json" ? undefined : body?.kind,
    others: otherKinds(model),
    result: result.kind === "json" ? undefined : result.kind,
    stream: stream?.format === "sse" ? undefined : stream?.format,
    errors: errorsData(plan, model.errors),
    examples: model.examples.length === 0 ? undefined : model.examples.map((example) => ({
      name: example.name,
      doc: example.doc,
      status: example.status === 200 ? undefined : example.status,
      headers: example.headers.length === 0
        ? undefined
        : example.headers.map(([name, value]) => [name, value]),
      input: example.input as Literal,
      output: example.output as Literal,
      events: example.events as Literal,
    })),
  };
}

function otherKinds({ body }: OperationModel): Literal {
  const others = body?.alternatives.filter(({ kind }) => kind !== "json") ?? [];
  return others.length === 0
    ? undefined
    : Object.fromEntries(others.map(({ contentType, kind }) => [contentType, kind]));
}

function errorsData(plan: ConnectorPlan, rules: readonly ErrorRule[]): Literal {
  return rules.length === 0 ? undefined : rules.map((rule) => ({
    name: errorClassName(plan, rule.className),
    status: rule.status.map(({ from, to }) => ({ from, to })),
    schema: rule.schema === undefined ? undefined : schemaJson(typesOf(plan.model), rule.schema),
  }));
}
