/** Turns a checked model into the files of its connector, byte for byte the same on every machine. */
import type { ConnectorModel } from "../model/mod.ts";
import { clientFile } from "./files/client.ts";
import { connectorFile } from "./files/connector.ts";
import { dataFile } from "./files/data.ts";
import { definitionFile } from "./files/definition.ts";
import { errorsFile } from "./files/errors.ts";
import { createFile, type GeneratedFile } from "./file.ts";
import { operationsFile } from "./files/operations.ts";
import { type ConnectorPlan, type EmitOptions, planConnector } from "./plan.ts";
import { schemasFile } from "./files/schemas.ts";
import { webhooksFile } from "./files/webhooks.ts";
import { typesFile } from "./files/types.ts";

export function emitConnector(
  model: ConnectorModel,
  options: EmitOptions = {},
): readonly GeneratedFile[] {
  const plan = planConnector(model, options);
  const files = [
    typesFile(plan),
    errorsFile(plan),
    connectorFile(plan),
    operationsFile(plan),
    clientFile(plan),
    ...(model.webhooks === undefined ? [] : [webhooksFile(plan, model.webhooks)]),
    definitionFile(plan),
  ];
  return [...files, dataFile(plan), schemasFile(plan), entryFile(plan, files)];
}

/** `mod.gen.ts`: everything public. */
function entryFile(plan: ConnectorPlan, files: readonly GeneratedFile[]): GeneratedFile {
  return createFile("mod.gen.ts", plan.model, plan.names, plan.runtime, (writer) => {
    for (const { name } of files) {
      writer.writeLine(`export ${name === "types.gen.ts" ? "type " : ""}* from "./${name}";`);
    }
  });
}
