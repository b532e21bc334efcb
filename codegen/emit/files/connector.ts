/** `connector.gen.ts`: the constructor options, and the client that the functions take. */
import type { Writer } from "../writer.ts";
import type { ConfigField, ConnectorModel, ServerModel } from "../../model/mod.ts";
import { credentialType } from "../credentials.ts";
import { writeDoc } from "../doc.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { propertyKey, quote } from "../literal.ts";
import { type ConnectorPlan, DATA_FILE } from "../plan.ts";
import type { Imports } from "../scope.ts";
import { schemaDoc, type TypeScope, typeText } from "../types/type_writer.ts";
import { TYPES_FILE } from "./types.ts";

export const CONNECTOR_FILE = "./connector.gen.ts";

export function connectorFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  return createFile("connector.gen.ts", model, plan.names, plan.runtime, (writer, imports) => {
    writeOptions(writer, plan, imports);
    if (plan.demandedByCalls.size > 0) writeCredentials(writer, plan, imports);
    writeDoc(writer, {
      text:
        `What the functions of the connector take: configuration and runtime, without operations of its own. \`runtime\` must ` +
        `be an object, such as \`fetchRuntime()\` or a RuntimeClient; no environment is read unless \`env\` is given.`,
    });
    writer.write(
      `export function ${plan.createCoreName}(options: ${plan.optionsName}): ${
        imports.type("ConnectorClient")
      }<${quote(model.id)}>`,
    ).block(() =>
      writer.writeLine(
        `return new ${imports.value("ConnectorClient")}(${
          imports.local(DATA_FILE, plan.dataName, "value")
        }, options);`,
      )
    );
  });
}

function optionTypes({ model, types }: ConnectorPlan, imports: Imports): TypeScope {
  return { model, names: types, flavour: "request", imports, typesFile: TYPES_FILE };
}

/** For programs that want to be told at compile time: the class itself cannot know what the environment has. */
function writeCredentials(writer: Writer, plan: ConnectorPlan, imports: Imports): void {
  const { model } = plan;
  const types = optionTypes(plan, imports);
  const typeOf = (name: string): string => {
    const field = model.config.find((one) => one.name === name);
    return field === undefined ? "unknown" : typeText(field.schema, types);
  };
  writeDoc(writer, {
    text:
      "The credentials that each operation needs, by its id: options that are to suffice for one are also of that type.",
  });
  writer.write(`export interface ${plan.credentialsName}`).block(() => {
    for (const { model: operation } of plan.operations) {
      const type = credentialType(model, operation, typeOf) ?? "unknown";
      writer.writeLine(`readonly ${propertyKey(operation.id)}: ${type};`);
    }
  }).blankLine();
}

function writeOptions(writer: Writer, plan: ConnectorPlan, imports: Imports): void {
  const { model } = plan;
  const types = optionTypes(plan, imports);
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
