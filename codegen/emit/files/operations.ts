/** `operations.gen.ts`: for each operation what it is, as data, and the function that calls it. */
import { writeDoc } from "../doc.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { quote, writeLiteral } from "../literal.ts";
import { operationData } from "../data/operation.ts";
import type { ConnectorPlan } from "../plan.ts";
import { operationDoc, signature } from "../types/signature.ts";

export const OPERATIONS_FILE = "./operations.gen.ts";

export function operationsFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  return createFile("operations.gen.ts", model, plan.names, plan.runtime, (writer, imports) => {
    for (const operation of plan.operations) {
      const { functionName, id } = operation.model;
      const { maker, overloads, inputRequired, inputType } = signature(plan, operation, imports);
      writeDoc(writer, { text: `\`${id}\` as data.` });
      writer.write(`export const ${operation.dataName}: ${imports.type("OperationData")} = `);
      writeLiteral(writer, operationData(plan, operation, imports));
      writer.write(";").newLine().blankLine();

      const head = (input: string): string =>
        `client: ${imports.type("ConnectorClient")}<${quote(model.id)}>, ` +
        `input${inputRequired ? "" : "?"}: ${input}, options?: ${imports.type("CallOptions")}`;
      const body = `return ${imports.value(maker)}(client, ${operation.dataName}, input, options);`;
      const [first] = overloads;
      if (first !== undefined && overloads.length === 1) {
        writeDoc(writer, operationDoc(plan, operation));
        writer.write(`export function ${functionName}(${head(inputType)}): ${first.returns}`).block(
          () => writer.writeLine(body),
        );
      } else {
        const general = overloads.at(-1)?.returns ?? "never";
        for (const [index, overload] of overloads.entries()) {
          writeDoc(writer, operationDoc(plan, operation, index));
          writer.writeLine(
            `export function ${functionName}(${head(overload.input)}): ${overload.returns};`,
          );
        }
        writer.write(`export function ${functionName}(${head(inputType)}): ${general}`).block(() =>
          writer.writeLine(body)
        );
      }
      writer.blankLine();
    }
  });
}
