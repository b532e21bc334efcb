/** `errors.gen.ts`: one class per rule, derived from one for the connector. */
import { writeDoc } from "../doc.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import type { ConnectorPlan } from "../plan.ts";
import { type TypeScope, typeText } from "../types/type_writer.ts";
import { TYPES_FILE } from "./types.ts";

export const ERRORS_FILE = "./errors.gen.ts";

export function errorsFile(plan: ConnectorPlan): GeneratedFile {
  const { model, errorName } = plan;
  return createFile("errors.gen.ts", model, plan.names, plan.runtime, (writer, imports) => {
    const types: TypeScope = {
      model,
      names: plan.types,
      flavour: "response",
      imports,
      typesFile: TYPES_FILE,
    };
    const body = model.errors.schema === undefined
      ? "unknown"
      : typeText(model.errors.schema, types);
    writeDoc(writer, {
      text: `${model.title} answered that something went wrong. \`body\` is its parsed answer.`,
    });
    const base = imports.value("ApiError");
    writer.writeLine(
      `export class ${errorName}<Body = ${body}> extends ${base}<Body> { ${nameField(errorName)} }`,
    );
    for (const rule of plan.errors) {
      const name = errorClassName(plan, rule.className);
      const own = rule.schema === undefined ? "" : typeText(rule.schema, types);
      const argument = own === "" || own === body ? "" : `<${own}>`;
      writeDoc(writer, { text: rule.doc ?? statusText(rule.status) });
      writer.writeLine(
        `export class ${name} extends ${errorName}${argument} { ${nameField(name)} }`,
      );
    }
  });
}

/** Minifying a bundle loses class names. */
function nameField(name: string): string {
  return `override readonly name: string = "${name}";`;
}

/** The name that a class of the model has in the code. */
export function errorClassName(plan: ConnectorPlan, name: string): string {
  return plan.errorNames.get(name) ?? plan.errorName;
}

function statusText(
  status: readonly { readonly from: number; readonly to: number }[],
): string | undefined {
  if (status.length === 0) return undefined;
  return `Status ${
    status.map(({ from, to }) => from === to ? `${from}` : `${from}–${to}`).join(", ")
  }.`;
}
