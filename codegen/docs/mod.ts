/** The documentation of a connector as one Markdown page. */
import type { ConnectorModel, TypeModel } from "../model/mod.ts";
import { fieldTable, objectFields, typeCell, type TypeLink } from "./fields.ts";
import { codeBlock, Headings, inlineCode, prose, table } from "./markdown.ts";
import { errorsOf, operationSection } from "./operation.ts";
import { setUp } from "./snippet.ts";
import { literal, typeText } from "./type_text.ts";

export interface DocsOptions {
  /** What the examples import the client from. Default: `./<id>/mod.gen.ts`. */
  readonly specifier?: string | undefined;
}

/** The same text for the same model, on every machine. */
export function documentConnector(model: ConnectorModel, options: DocsOptions = {}): string {
  // Links may point forward: the first pass collects the headings.
  const headings = new Headings();
  page(model, options, headings, () => undefined);
  return page(model, options, new Headings(), (name) => headings.link(`type ${name}`));
}

function page(
  model: ConnectorModel,
  options: DocsOptions,
  headings: Headings,
  link: TypeLink,
): string {
  const specifier = options.specifier ?? `./${model.id}/mod.gen.ts`;
  const heading = (level: number, text: string, key = text): string =>
    headings.add(level, text, key);
  const parts = [
    heading(1, model.title),
    model.doc === undefined ? "" : prose(model.doc),
    `Connector ${inlineCode(model.id)}, version ${model.version}.${
      model.link === undefined ? "" : ` [Documentation of the API](${model.link}).`
    }`,
    codeBlock("ts", setUp(model, specifier)),
    ...section(heading(2, "Configuration"), configTable(model, link)),
    ...(model.protocol === undefined ? section(heading(2, "Servers"), serverTable(model)) : []),
    ...section(heading(2, "Errors"), errorsOf(model.errors.rules, link)),
    heading(2, "Operations"),
    ...model.operations.flatMap((operation) => [
      heading(3, inlineCode(operation.id), `operation ${operation.id}`),
      ...operationSection(model, operation, link),
    ]),
  ];
  if (model.webhooks !== undefined) {
    const events = table(
      ["event", "payload", "description"],
      model.webhooks.events.map(({ name, schema, doc, deprecated }) => [
        inlineCode(name),
        typeCell(schema, link),
        [deprecated ? "**Deprecated.**" : "", doc === undefined ? "" : prose(doc)].join(" ").trim(),
      ]),
    );
    parts.push(...section(heading(2, "Webhooks"), events));
  }
  if (model.types.length > 0) {
    parts.push(heading(2, "Types"));
    for (const type of model.types) {
      parts.push(heading(3, type.name, `type ${type.name}`), ...typeSection(type, link));
    }
  }
  return parts.filter((part) => part !== "").join("\n\n") + "\n";
}

function section(title: string, content: string): string[] {
  return content === "" ? [] : [title, content];
}

function configTable(model: ConnectorModel, link: TypeLink): string {
  return table(
    ["option", "type", "environment", "default", "description"],
    model.config.map((field) => [
      `${inlineCode(field.name)}${field.secret ? " (secret)" : ""}`,
      typeCell(field.schema, link),
      field.env === undefined ? "" : inlineCode(field.env),
      field.default !== undefined
        ? inlineCode(literal(field.default))
        : field.optional
        ? "none"
        : "needed",
      field.doc === undefined ? "" : prose(field.doc),
    ]),
  );
}

function serverTable(model: ConnectorModel): string {
  return table(
    ["server", "address", "variables", "description"],
    model.servers.map(({ name, url, variables, doc }) => [
      inlineCode(name),
      inlineCode(url),
      variables.map((variable) => {
        const allowed = variable.enum ?? (variable.pattern === undefined ? [] : [variable.pattern]);
        const values = allowed.length === 0 ? "" : `: ${allowed.map(inlineCode).join(", ")}`;
        return inlineCode(variable.name) + values;
      }).join("; "),
      doc === undefined ? "" : prose(doc),
    ]),
  );
}

function typeSection({ schema }: TypeModel, link: TypeLink): string[] {
  const { deprecated } = schema;
  const head = [
    deprecated
      ? `**Deprecated.**${typeof deprecated === "string" ? ` ${prose(deprecated)}` : ""}`
      : "",
    schema.doc === undefined ? "" : prose(schema.doc),
  ];
  if (schema.kind === "object") {
    const fields = fieldTable(objectFields(schema), link);
    return [...head, fields === "" ? inlineCode(typeText(schema)) : fields];
  }
  if (schema.kind === "enum" && schema.valueDocs?.some((doc) => doc !== "")) {
    const docs = schema.valueDocs;
    const rows = schema.values.map((value, at) => [
      inlineCode(literal(value)),
      prose(docs[at] ?? ""),
    ]);
    return [...head, table(["value", "description"], rows)];
  }
  if (schema.kind === "union" && schema.members.length > 1) {
    return [...head, "One of:", schema.members.map((one) => `- ${typeCell(one, link)}`).join("\n")];
  }
  return [...head, typeCell(schema, link)];
}
