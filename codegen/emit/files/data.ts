/** `data.gen.ts`: the connector and its operations as the runtime reads them. Only the other generated files import it. */
import { typesOf } from "../../model/types/resolve.ts";
import { Digits } from "../data/digits.ts";
import type { Imports } from "../scope.ts";
import type { Writer } from "../writer.ts";
import { operationData } from "../data/operation.ts";
import { connectorData } from "../data/connector.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { quote, writeLiteral } from "../literal.ts";
import { type ConnectorPlan, DATA_FILE } from "../plan.ts";

export function dataFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  return createFile(DATA_FILE.slice(2), model, plan.names, plan.runtime, (writer, imports) => {
    const digits = new Digits(typesOf(model), () => plan.names.claim("digits"));
    const connector = connectorData(plan, digits, imports);
    const operations = plan.operations.map((one) => operationData(plan, one, digits, imports));
    writeDigits(writer, digits, imports);
    writer.write(
      `export const ${plan.dataName}: ${imports.type("ConnectorData")}<${quote(model.id)}> = `,
    );
    writeLiteral(writer, connector);
    writer.write(";").newLine().newLine();
    for (const [index, operation] of plan.operations.entries()) {
      writer.write(`export const ${operation.dataName}: ${imports.type("OperationData")} = `);
      writeLiteral(writer, operations[index]);
      writer.write(";").newLine();
    }
  });
}

/** What the calls that `digits` made refer to: it comes before them. */
export function writeDigits(writer: Writer, digits: Digits, imports: Imports): void {
  if (digits.table === undefined) return;
  writer.write(`const ${digits.table.name}: ${imports.type("DigitTable")} = `);
  writeLiteral(writer, digits.table.nodes);
  writer.write(";").newLine().newLine();
}
