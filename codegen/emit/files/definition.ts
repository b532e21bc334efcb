/** `definition.gen.ts`: the connector as data for the worker, the command line and documentation. */
import type { ConnectorModel, ErrorRule, OperationModel } from "../../model/mod.ts";
import { typesOf } from "../../model/types/resolve.ts";
import { CLIENT_FILE } from "./client.ts";
import { writeDoc } from "../doc.ts";
import { errorClassName } from "./errors.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { Code, type Literal, quote, writeLiteral } from "../literal.ts";
import type { Imports } from "../scope.ts";
import type { Writer } from "../writer.ts";
import { OPERATIONS_FILE } from "./operations.ts";
import type { ConnectorPlan, OperationPlan } from "../plan.ts";
import { conditionData, optionalPath } from "../data/runtime.ts";
import { schemaJson } from "../data/schema_json.ts";
import { SCHEMAS_FILE } from "./schemas.ts";
import { makerOf } from "../types/signature.ts";

export function definitionFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  return createFile("definition.gen.ts", model, plan.names, plan.runtime, (writer, imports) => {
    imports.local(SCHEMAS_FILE, "operationSchemas", "value");
    const types = imports.local(SCHEMAS_FILE, "typeSchemas", "value");
    const client = imports.local(CLIENT_FILE, plan.className, "value");
    const calls = plan.operations.map((operation): [string, Literal] => [operation.model.id, [
      new Code(imports.local(OPERATIONS_FILE, operation.dataName, "value")),
      new Code(imports.value(makerOf(operation.model))),
    ]]);
    const parts = operationParts(plan, writer, imports);
    writeDoc(writer, {
      text: `What the worker, the simulator and \`vastar call\` know about ${model.title}.`,
    });
    writer.write(
      `export const definition: ${imports.type("ConnectorDefinition")} = /* @__PURE__ */ ${
        imports.value("defineConnector")
      }(`,
    );
    writeLiteral(writer, {
      id: model.id,
      version: model.version,
      title: model.title,
      doc: model.doc,
      link: model.link,
      servers: Object.fromEntries(model.servers.map((server) => [server.name, server.url])),
      config: model.config.map((field) => configData(field, plan)),
      operations: parts,
      types: new Code(types),
      check: model.check === undefined
        ? undefined
        : { operation: model.check.operation, input: model.check.input as Literal },
      create: new Code(
        `(options = {}) => new ${client}(options as ConstructorParameters<typeof ${client}>[0])`,
      ),
    });
    writer.write(", ");
    writeLiteral(writer, Object.fromEntries(calls));
    writer.write(");").newLine();
  });
}

/** Of a list of some thousand literals TypeScript finds the type too complex; above this they stand in lists of their own. */
const LIST_LENGTH = 500;

/** The operations, or a list of the lists that were written before. */
function operationParts(plan: ConnectorPlan, writer: Writer, imports: Imports): Literal {
  const all = plan.operations.map((operation) => operationData(plan, operation));
  if (all.length <= LIST_LENGTH) return all;
  const lists: Code[] = [];
  for (let at = 0; at < all.length; at += LIST_LENGTH) {
    const name = plan.names.claim(`operations${lists.length + 1}`);
    const type = imports.type("OperationDefinition");
    writer.write(`const ${name}: readonly ${type}[] = `);
    writeLiteral(writer, all.slice(at, at + LIST_LENGTH));
    writer.write(";").newLine().blankLine();
    lists.push(new Code(`...${name}`));
  }
  return lists;
}

function configData(field: ConnectorModel["config"][number], plan: ConnectorPlan): Literal {
  return {
    name: field.name,
    schema: schemaJson(typesOf(plan.model), field.schema),
    secret: field.secret,
    env: field.env,
    optional: field.optional || plan.demandedByCalls.has(field.name),
    default: field.default as Literal,
    doc: field.doc,
  };
}

function operationData(plan: ConnectorPlan, operation: OperationPlan): Literal {
  const { model } = operation;
  const schema = (part: string): Code =>
    new Code(`operationSchemas[${quote(model.id)}]?.${part} ?? true`);
  return {
    id: model.id,
    method: model.method,
    path: model.pathText,
    summary: model.summary,
    doc: model.doc,
    link: model.link,
    tags: [...model.tags],
    deprecated: model.deprecated,
    input: schema("input"),
    parameters: model.parameters.map(({ name, wire, in: place, required }) => ({
      name,
      wire,
      in: place,
      required,
    })),
    body: model.body === undefined ? undefined : {
      kind: model.body.kind,
      contentType: model.body.contentType,
      required: model.body.required,
      key: model.body.mode === "key" ? model.body.key : undefined,
    },
    result: { kind: model.result.kind, schema: schema("result") },
    stream: streamData(model, schema),
    paginated: model.pagination !== undefined,
    errors: [...model.errors, ...plan.model.errors.rules].map((rule) => errorData(plan, rule)),
    usage: model.usage === undefined ? undefined : {
      input: optionalPath(model.usage.input),
      output: optionalPath(model.usage.output),
      total: optionalPath(model.usage.total),
      cached: optionalPath(model.usage.cached),
    },
    examples: model.examples.map((example) => ({
      name: example.name,
      doc: example.doc,
      input: example.input as Literal,
      output: example.output as Literal,
      events: example.events as Literal,
      status: example.status,
      headers: example.headers.map(([name, value]) => [name, value]),
    })),
  };
}

function streamData({ stream, body }: OperationModel, schema: (part: string) => Code): Literal {
  if (stream === undefined) return undefined;
  const when = stream.when.map((condition) => {
    const data = conditionData(condition) as { readonly path: readonly Literal[] };
    return body?.mode === "key" ? { ...data, path: [body.key, ...data.path] } : data;
  });
  return {
    when,
    format: stream.format,
    item: schema("item"),
    result: stream.accumulate === undefined ? undefined : schema("final"),
    done: stream.done?.kind === "data" ? stream.done.text : undefined,
    text: stream.text !== undefined,
  };
}

function errorData(plan: ConnectorPlan, rule: ErrorRule): Literal {
  return {
    name: errorClassName(plan, rule.className),
    status: rule.status.map(({ from, to }) => ({ from, to })),
    schema: rule.schema === undefined ? undefined : schemaJson(typesOf(plan.model), rule.schema),
  };
}
