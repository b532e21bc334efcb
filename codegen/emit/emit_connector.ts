/** A checked model → the files of its connector, byte for byte the same on every machine. */
import type { ConnectorModel } from "../model/mod.ts";
import { clientFile } from "./client_file.ts";
import { connectorFile } from "./connector_file.ts";
import { definitionFile } from "./definition_file.ts";
import { errorsFile } from "./errors_file.ts";
import { createFile, type GeneratedFile } from "./file.ts";
import { operationsFile } from "./operations_file.ts";
import { type ConnectorPlan, type EmitOptions, planConnector } from "./plan.ts";
import { schemasFile } from "./schemas_file.ts";
import { webhooksFile } from "./webhooks_file.ts";
import { typesFile } from "./types_file.ts";

export function emitConnector(
  model: ConnectorModel,
  options: EmitOptions = {},
): readonly GeneratedFile[] {
  const plan = planConnector(model, options);
  const files = [
    typesFile(plan),
    schemasFile(plan),
    errorsFile(plan),
    connectorFile(plan),
    operationsFile(plan),
    clientFile(plan),
    ...(model.webhooks === undefined ? [] : [webhooksFile(plan, model.webhooks)]),
    definitionFile(plan),
  ];
  return [...files, entryFile(plan, files)];
}

/** `mod.gen.ts`: all of it. */
function entryFile(plan: ConnectorPlan, files: readonly GeneratedFile[]): GeneratedFile {
  return createFile("mod.gen.ts", plan.model, plan.names, plan.runtime, (writer) => {
    for (const { name } of files) {
      writer.writeLine(`export ${name === "types.gen.ts" ? "type " : ""}* from "./${name}";`);
    }
  });
}
