/** `client.gen.ts`: the class, and one per group of operations, created on first use. */
import type { Writer } from "../writer.ts";
import { CONNECTOR_FILE, needsBaseURL } from "./connector.ts";
import { writeDoc } from "../doc.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { propertyKey, quote } from "../literal.ts";
import { OPERATIONS_FILE } from "./operations.ts";
import { type ConnectorPlan, DATA_FILE, type Group, type OperationPlan } from "../plan.ts";
import type { Imports } from "../scope.ts";
import { operationDoc, type Overload, signature } from "../types/signature.ts";
import { WEBHOOKS_FILE } from "./webhooks.ts";

export function clientFile(plan: ConnectorPlan): GeneratedFile {
  const { model } = plan;
  const { root } = plan;
  return createFile("client.gen.ts", model, plan.names, plan.runtime, (writer, imports) => {
    for (const group of [...root.groups.values()]) writeGroup(writer, plan, group, imports);
    writeClient(writer, plan, root, imports);
  });
}

/** Inner ones first, as outer ones use them. */
function writeGroup(
  writer: Writer,
  plan: ConnectorPlan,
  group: Group,
  imports: Imports,
): void {
  for (const inner of group.groups.values()) writeGroup(writer, plan, inner, imports);
  const client = `${imports.type("ConnectorClient")}<${quote(plan.model.id)}>`;
  writer.write(`export class ${group.className}`).block(() => {
    writer.writeLine(`readonly #client: ${client};`);
    writeGroupFields(writer, group);
    writer.writeLine(`constructor(client: ${client}) { this.#client = client; }`);
    writeMembers(writer, plan, group, imports, "this.#client");
  }).blankLine();
}

function writeClient(
  writer: Writer,
  plan: ConnectorPlan,
  root: Group,
  imports: Imports,
): void {
  const { model, className } = plan;
  const id = quote(model.id);
  writeDoc(writer, {
    text: [model.title, model.doc].filter((part) => part !== undefined && part !== "").join("\n\n"),
    link: model.link,
  });
  writer.write(`export class ${className} extends ${imports.value("ConnectorClient")}<${id}>`)
    .block(
      () => {
        writeGroupFields(writer, root);
        if (root.groups.size > 0) writer.blankLine();
        writeDoc(writer, {
          text:
            "Throws an InvalidRequest that names all configuration that is missing or wrong. Nothing is opened before the first call.",
        });
        const options = imports.local(CONNECTOR_FILE, plan.optionsName, "type");
        writer.write(`constructor(options: ${options}${needsOptions(plan) ? "" : " = {}"})`).block(
          () => {
            const data = imports.local(DATA_FILE, plan.dataName, "value");
            writer.writeLine(`super(${data}, options, ${imports.value("runtimeDefaults")});`);
          },
        );
        writeMembers(writer, plan, root, imports, "this");
        writeWithOptions(writer, plan, imports);
        writeCheck(writer, plan, imports);
        if (model.webhooks !== undefined) writeWebhooks(writer, plan, imports);
      },
    );
}

/** Where something can come from nowhere else. */
function needsOptions({ model, demandedByCalls }: ConnectorPlan): boolean {
  return needsBaseURL(model) ||
    model.config.some((field) =>
      !field.optional && field.default === undefined && field.env === undefined &&
      !demandedByCalls.has(field.name)
    );
}

function writeGroupFields(writer: Writer, group: Group): void {
  for (const [name, inner] of group.groups) {
    writer.writeLine(`#${name}: ${inner.className} | undefined;`);
  }
}

function writeMembers(
  writer: Writer,
  plan: ConnectorPlan,
  group: Group,
  imports: Imports,
  client: string,
): void {
  for (const [name, inner] of group.groups) {
    writer.writeLine(
      `get ${
        propertyKey(name)
      }(): ${inner.className} { return this.#${name} ??= new ${inner.className}(${client}); }`,
    );
  }
  for (const { member, operation } of group.operations) {
    writer.blankLine();
    writeMethod(writer, plan, member, operation, imports, client);
  }
}

function writeMethod(
  writer: Writer,
  plan: ConnectorPlan,
  member: string,
  operation: OperationPlan,
  imports: Imports,
  client: string,
): void {
  const { overloads, implementation, maker } = signature(plan, operation, imports);
  const head = ({ input, needsInput, options, returns }: Overload): string =>
    `${propertyKey(member)}(input${needsInput ? "" : "?"}: ${input}, ${options}): ${returns}`;
  if (overloads.length > 1) {
    for (const [index, overload] of overloads.entries()) {
      writeDoc(writer, operationDoc(plan, operation, index));
      writer.writeLine(`${head(overload)};`);
    }
  } else {
    writeDoc(writer, operationDoc(plan, operation));
  }
  const { model, dataName } = operation;
  // An overloaded function cannot be called with a union of its inputs.
  const isGeneral = overloads.includes(implementation);
  const [callee, data] = isGeneral
    ? [imports.local(OPERATIONS_FILE, model.functionName, "value"), ""]
    : [imports.value(maker), `${imports.local(DATA_FILE, dataName, "value")}, `];
  writer.write(head(implementation)).block(() =>
    writer.writeLine(`return ${callee}(${client}, ${data}input, options);`)
  );
}

function writeWithOptions(writer: Writer, plan: ConnectorPlan, imports: Imports): void {
  const { className } = plan;
  const options = imports.local(CONNECTOR_FILE, plan.optionsName, "type");
  writer.blankLine();
  writeDoc(writer, {
    text:
      "A client with these options changed, on the same runtime, which stays this client's to close.",
  });
  writer.write(`withOptions(options: ${options}): ${className}`).block(() =>
    writer.writeLine(`return new ${className}(${imports.value("changedOptions")}(this, options));`)
  );
}

function writeCheck(writer: Writer, plan: ConnectorPlan, imports: Imports): void {
  const { check } = plan.model;
  const operation = check && plan.operations.find(({ model }) => model.id === check.operation);
  if (check === undefined || operation === undefined) return;
  writer.blankLine();
  writeDoc(writer, {
    text:
      `Resolves when the API can be used with this configuration: calls \`${check.operation}\`.`,
  });
  writer.write(`async check(options?: ${imports.type("CallOptions")}): Promise<void>`).block(() => {
    const name = imports.local(OPERATIONS_FILE, operation.model.functionName, "value");
    writer.writeLine(`await ${name}(this, ${JSON.stringify(check.input)}, options);`);
  });
}

function writeWebhooks(writer: Writer, plan: ConnectorPlan, imports: Imports): void {
  const name = imports.local(WEBHOOKS_FILE, plan.webhooksName, "type");
  const create = imports.local(WEBHOOKS_FILE, plan.createWebhooksName, "value");
  writer.blankLine();
  writeDoc(writer, { text: "Verifies and reads what the API sends to your endpoint." });
  writer.write(`get webhooks(): ${name}`).block(() => writer.writeLine(`return ${create}(this);`));
}
