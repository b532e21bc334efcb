/** `data.gen.ts`: the connector and its operations as the runtime reads them. Only the other generated files import it. */
import { operationData } from "../data/operation.ts";
import { connectorData } from "../data/connector.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { quote, writeLiteral } from "../literal.ts";
import { type ConnectorPlan, DATA_FILE } from "../plan.ts";

export function dataFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  return createFile(DATA_FILE.slice(2), model, plan.names, plan.runtime, (writer, imports) => {
    const connector = imports.type("ConnectorData");
    writer.write(`export const ${plan.dataName}: ${connector}<${quote(model.id)}> = `);
    writeLiteral(writer, connectorData(plan, imports));
    writer.write(";").newLine().newLine();
    for (const operation of plan.operations) {
      writer.write(`export const ${operation.dataName}: ${imports.type("OperationData")} = `);
      writeLiteral(writer, operationData(plan, operation, imports));
      writer.write(";").newLine();
    }
  });
}
