/** `operations.gen.ts`: for each operation what it is, as data, and the function that calls it. */
import { writeDoc } from "../doc.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { quote, writeLiteral } from "../literal.ts";
import { operationData } from "../data/operation.ts";
import type { ConnectorPlan } from "../plan.ts";
import { operationDoc, type Overload, signature } from "../types/signature.ts";

export const OPERATIONS_FILE = "./operations.gen.ts";

export function operationsFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  return createFile("operations.gen.ts", model, plan.names, plan.runtime, (writer, imports) => {
    for (const operation of plan.operations) {
      const { functionName, id } = operation.model;
      const { maker, overloads, implementation, inputRequired } = signature(
        plan,
        operation,
        imports,
      );
      writeDoc(writer, { text: `\`${id}\` as data.` });
      writer.write(`export const ${operation.dataName}: ${imports.type("OperationData")} = `);
      writeLiteral(writer, operationData(plan, operation, imports));
      writer.write(";").newLine().blankLine();

      const head = ({ input, options, returns }: Overload): string =>
        `export function ${functionName}(client: ${imports.type("ConnectorClient")}<${
          quote(model.id)
        }>, input${
          inputRequired || options.startsWith("options:") ? "" : "?"
        }: ${input}, ${options}): ${returns}`;
      const body = `return ${imports.value(maker)}(client, ${operation.dataName}, input, options);`;
      for (const [index, overload] of overloads.entries()) {
        writeDoc(writer, operationDoc(plan, operation, index));
        if (overloads.length > 1) writer.writeLine(`${head(overload)};`);
      }
      writer.write(head(implementation)).block(() => writer.writeLine(body));
      writer.blankLine();
    }
  });
}
