/** `connector.gen.ts`: the constructor options, and what all operations share. */
import type { Writer } from "../writer.ts";
import type { ConfigField, ConnectorModel, ServerModel } from "../../model/mod.ts";
import { authData } from "../data/auth.ts";
import { writeDoc } from "../doc.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { Code, type Literal, propertyKey, quote, writeLiteral } from "../literal.ts";
import type { ConnectorPlan } from "../plan.ts";
import { errorRuleData, optionalPath, policyData, templateData } from "../data/runtime.ts";
import type { Imports } from "../scope.ts";
import { schemaDoc, type TypeScope, typeText } from "../types/type_writer.ts";
import { errorClassName, ERRORS_FILE } from "./errors.ts";
import { TYPES_FILE } from "./types.ts";

export const CONNECTOR_FILE = "./connector.gen.ts";

export function connectorFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  return createFile("connector.gen.ts", model, plan.names, plan.runtime, (writer, imports) => {
    writeOptions(writer, plan, imports);
    writeDoc(writer, { text: `${model.title} as data.` });
    writer.write(
      `export const ${plan.dataName}: ${imports.type("ConnectorData")}<${quote(model.id)}> = `,
    );
    writeLiteral(writer, connectorData(plan, imports));
    writer.write(";").newLine().blankLine();
    writeDoc(writer, {
      text:
        `A client for the functions of the connector. \`runtime\` must be an object, such as \`fetchRuntime()\` or a ` +
        `RuntimeClient; no environment is read unless \`env\` is given.`,
    });
    writer.write(
      `export function ${plan.createName}(options: ${plan.optionsName}): ${
        imports.type("ConnectorClient")
      }<${quote(model.id)}>`,
    ).block(() =>
      writer.writeLine(`return new ${imports.value("ConnectorClient")}(${plan.dataName}, options);`)
    );
  });
}

function writeOptions(writer: Writer, plan: ConnectorPlan, imports: Imports): void {
  const { model } = plan;
  const types: TypeScope = {
    model,
    names: plan.types,
    flavour: "request",
    imports,
    typesFile: TYPES_FILE,
  };
  writeDoc(writer, { text: `Options of the ${model.title} client.` });
  writer.write(`export interface ${plan.optionsName} extends ${imports.type("ClientOptions")}`)
    .block(() => {
      for (const field of model.config) {
        writeDoc(writer, { ...schemaDoc(field.schema), text: fieldText(field) });
        writer.writeLine(
          `readonly ${propertyKey(field.name)}?: ${typeText(field.schema, types)} | undefined;`,
        );
      }
      if (needsBaseURL(model)) {
        writeDoc(writer, {
          text: "The address of the API, with its path: the spec names no host.",
        });
        writer.writeLine(`readonly baseURL: string | { readonly [server: string]: string };`);
      }
      if (model.servers.length > 1) {
        writeDoc(writer, { text: "Which server is called.", default: `"default"` });
        writer.writeLine(
          `readonly server?: ${
            model.servers.map(({ name }) => quote(name)).join(" | ")
          } | undefined;`,
        );
      }
      for (const variable of serverVariables(model)) {
        writeDoc(writer, {
          text: variable.doc ?? "Part of the server's address.",
          default: variable.default,
        });
        const type = variable.enum?.map(quote).join(" | ") ?? "string";
        writer.writeLine(`readonly ${propertyKey(variable.name)}?: ${type} | undefined;`);
      }
    }).blankLine();
}

/** Its address is only a path. */
export function needsBaseURL(model: ConnectorModel): boolean {
  return model.servers.some(({ name, url }) => name === "default" && url.startsWith("/"));
}

function fieldText(field: ConfigField): string | undefined {
  const facts = [
    field.doc,
    field.env === undefined ? undefined : `Default: the environment variable \`${field.env}\`.`,
    field.secret ? "Never shown." : undefined,
  ].filter((fact) => fact !== undefined);
  return facts.length === 0 ? undefined : facts.join(" ");
}

/** Those that are options of their own, each once. */
function serverVariables(model: ConnectorModel): ServerModel["variables"][number][] {
  const all = model.servers.flatMap((server) => server.variables).filter((variable) =>
    variable.config === undefined
  );
  return [...new Map(all.map((variable) => [variable.name, variable])).values()];
}

function connectorData(plan: ConnectorPlan, imports: Imports): Literal {
  const { model } = plan;
  return {
    id: model.id,
    version: model.version,
    servers: Object.fromEntries(
      model.servers.map((server) => [server.name, serverData(server, imports)]),
    ),
    config: model.config.length === 0
      ? undefined
      : model.config.map((field) => configData(field, plan, imports)),
    auth: model.auth.length === 0 ? undefined : authData(model.auth, model, imports),
    headers: model.headers.length === 0
      ? undefined
      : model.headers.map(({ name, value }) => [name, templateData(value)]),
    errors: errorsData(plan, imports),
    policy: policyData(model.policy),
  };
}

function serverData(server: ServerModel, imports: Imports): Literal {
  return {
    url: server.url === "/" ? "" : server.url,
    fill: server.variables.length === 0 ? undefined : new Code(imports.value("fillServer")),
    variables: server.variables.length === 0 ? undefined : server.variables.map((variable) => ({
      name: variable.name,
      pattern: variable.pattern,
      oneOf: variable.enum === undefined ? undefined : [...variable.enum],
      default: variable.default,
      config: variable.config,
    })),
  };
}

function configData(field: ConfigField, plan: ConnectorPlan, imports: Imports): Literal {
  return {
    name: field.name,
    env: field.env,
    optional: field.optional || plan.demandedByCalls.has(field.name) ? true : undefined,
    default: field.default as Literal,
    secret: field.secret ? true : undefined,
    read: envReader(field, imports),
  };
}

function envReader({ env, schema }: ConfigField, imports: Imports): Literal {
  if (env === undefined) return undefined;
  if (schema.kind === "number" || schema.kind === "integer") {
    return new Code(imports.value("numberFromEnv"));
  }
  if (schema.kind === "boolean") return new Code(imports.value("booleanFromEnv"));
  return schema.kind === "string" || schema.kind === "enum" || schema.kind === "const"
    ? undefined
    : new Code(imports.value("jsonFromEnv"));
}

function errorsData(plan: ConnectorPlan, imports: Imports): Literal {
  const { errors } = plan.model;
  const className = (name: string): string => imports.local(ERRORS_FILE, name, "value");
  return {
    error: new Code(className(plan.errorName)),
    message: optionalPath(errors.message),
    code: optionalPath(errors.code),
    requestId: errors.requestId,
    rules: errors.rules.length === 0
      ? undefined
      : errors.rules.map((rule) =>
        errorRuleData(rule, className(errorClassName(plan, rule.className)))
      ),
  };
}
