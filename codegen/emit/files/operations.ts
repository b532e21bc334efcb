/** `operations.gen.ts`: each operation as a function, so that a bundle only contains those that are used. */
import { writeDoc } from "../doc.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { quote } from "../literal.ts";
import { type ConnectorPlan, DATA_FILE, memberOf } from "../plan.ts";
import { type Overload, signature } from "../types/signature.ts";

export const OPERATIONS_FILE = "./operations.gen.ts";

export function operationsFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  return createFile("operations.gen.ts", model, plan.names, plan.runtime, (writer, imports) => {
    for (const operation of plan.operations) {
      const { functionName, deprecated } = operation.model;
      const { maker, overloads, implementation } = signature(plan, operation, imports);
      const head = ({ input, needsInput, options, returns }: Overload): string =>
        `export function ${functionName}(client: ${imports.type("ConnectorClient")}<${
          quote(model.id)
        }>, input${needsInput ? "" : "?"}: ${input}, ${options}): ${returns}`;
      const data = imports.local(DATA_FILE, operation.dataName, "value");
      // The class has the documentation.
      writeDoc(writer, { text: `As {@link ${memberOf(plan, operation)}}.`, deprecated });
      if (overloads.length > 1) {
        for (const overload of overloads) writer.writeLine(`${head(overload)};`);
      }
      writer.write(head(implementation)).block(() =>
        writer.writeLine(`return ${imports.value(maker)}(client, ${data}, input, options);`)
      ).blankLine();
    }
  });
}
