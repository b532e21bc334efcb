/** The section of one operation. */
import type {
  ConnectorModel,
  ErrorRule,
  ExampleModel,
  OperationModel,
  Schema,
} from "../model/mod.ts";
import { type Field, fieldTable, objectFields, typeCell, type TypeLink } from "./fields.ts";
import { codeBlock, inlineCode, prose, table } from "./markdown.ts";
import { callSnippet } from "./snippet.ts";

export function operationSection(
  model: ConnectorModel,
  operation: OperationModel,
  link: TypeLink,
): string[] {
  const { deprecated } = operation;
  return [
    deprecated
      ? `**Deprecated.**${typeof deprecated === "string" ? ` ${prose(deprecated)}` : ""}`
      : "",
    operation.summary === undefined ? "" : prose(operation.summary),
    operation.doc === undefined ? "" : prose(operation.doc),
    ...requestParts(operation),
    ...inputParts(operation, link),
    ...outputParts(operation, link),
    errorsOf(operation.errors, link),
    ...operation.examples.flatMap((example) => exampleParts(model, operation, example)),
    ...(operation.examples.length === 0
      ? [codeBlock("ts", callSnippet(model, operation, undefined))]
      : []),
  ];
}

function requestParts(operation: OperationModel): string[] {
  const { query, method, pathText, link } = operation;
  const about = link === undefined ? "" : `([documentation of the API](${link}))`;
  if (query !== undefined) {
    const held = query.session.readOnly === true ? "The database refuses to change anything." : "";
    return [codeBlock(query.kind === "sql" ? "sql" : "text", query.written), held, about];
  }
  return [`${inlineCode(`${method} ${pathText}`)}${server(operation)} ${about}`.trim()];
}

function server({ server: name }: OperationModel): string {
  return name === "default" ? "" : ` on the server ${inlineCode(name)}`;
}

function inputParts({ parameters, body }: OperationModel, link: TypeLink): string[] {
  const fields: Field[] = parameters.map((parameter) => ({
    name: parameter.name,
    schema: parameter.schema,
    required: parameter.required,
    doc: parameter.doc,
    deprecated: parameter.deprecated,
    place: parameter.in,
  }));
  let note = "";
  if (body !== undefined) {
    if (body.mode === "key") {
      const { key, schema, required } = body;
      fields.push({ name: key, schema, required, place: "body" });
    } else if (body.schema.kind === "object") {
      fields.push(...objectFields(body.schema).map((field) => ({ ...field, place: "body" })));
    } else {
      const besides = parameters.length === 0 ? "" : ", beside the parameters";
      note = `Input: the properties of ${typeCell(body.schema, link)}${besides}.`;
    }
    if (body.kind !== "json") {
      note = `${note} The body is sent as ${inlineCode(body.contentType)}.`.trim();
    }
  }
  return [note, fieldTable(fields, link)];
}

function outputParts(operation: OperationModel, link: TypeLink): string[] {
  const { result, stream, pagination } = operation;
  const parts: string[] = [];
  if (stream === undefined || stream.when.length > 0) {
    parts.push(resultText(operation, link), unnamed(result.schema, link));
  }
  if (stream !== undefined) {
    const when = stream.when.map(({ selector, oneOf }) =>
      `${inlineCode(selector.text.replace(/^\$(body|input)\./, ""))} is ${
        oneOf.map((value) => inlineCode(JSON.stringify(value))).join(" or ")
      }`
    ).join(" and ");
    const extras = [
      stream.text === undefined ? "" : `${inlineCode(".textStream")} gives its text`,
      stream.accumulate === undefined
        ? ""
        : `${inlineCode(".finalResult()")} gives ${typeCell(stream.accumulate.result, link)}`,
    ].filter((extra) => extra !== "").join(", ");
    parts.push(
      `${when === "" ? "Streams" : `Streams when ${when}:`} ${
        typeCell(stream.item, link)
      } (${stream.format})${extras === "" ? "" : `; ${extras}`}.`,
    );
  }
  if (pagination !== undefined && stream === undefined) {
    const item = typeCell(pagination.itemSchema, link);
    const further = pagination.style === "single" ? "" : " of all pages";
    parts.push(`Iterating gives the items${further}: ${item}.`);
  }
  if (operation.waitFor !== undefined) {
    const target = inlineCode(operation.waitFor.operation);
    parts.push(
      `Goes on after the answer: ${inlineCode(".waitFor()")} asks ${target} until it is over.`,
    );
  }
  if (operation.idempotency !== undefined) {
    const made = operation.idempotency.generate ? "; a call without one gets one" : "";
    parts.push(`Takes an ${inlineCode("idempotencyKey")}${made}.`);
  }
  return result.kind === "none" && parts.length === 0 ? [] : parts;
}

/** The properties of an answer whose type has no name to link to. */
function unnamed(schema: Schema, link: TypeLink): string {
  const object = schema.kind === "array" ? schema.items : schema;
  if (object.kind !== "object") return "";
  return fieldTable(objectFields(object, schema.kind === "array" ? "[]." : ""), link);
}

function resultText({ result }: OperationModel, link: TypeLink): string {
  const may = result.mayBeEmpty ? ", or nothing" : "";
  switch (result.kind) {
    case "none":
      return "Result: nothing.";
    case "text":
      return `Result: text${may}.`;
    case "binary":
      return `Result: bytes${may}.`;
    case "json":
      return `Result: ${typeCell(result.schema, link)}${may}.`;
  }
}

export function errorsOf(rules: readonly ErrorRule[], link: TypeLink): string {
  return table(
    ["error", "when", "body", "description"],
    rules.map((rule) => [
      inlineCode(rule.className),
      whenOf(rule),
      rule.schema === undefined ? "" : typeCell(rule.schema, link),
      [rule.doc === undefined ? "" : prose(rule.doc), retryText(rule)].filter(Boolean).join(" "),
    ]),
  );
}

function whenOf({ status, body, headers }: ErrorRule): string {
  const parts = [
    status.map(({ from, to }) => from === to ? `${from}` : `${from}–${to}`).join(", "),
    ...body.map(({ selector, oneOf }) => `${inlineCode(selector.text)} is ${valuesOf(oneOf)}`),
    ...headers.map(({ name, oneOf }) => `header ${inlineCode(name)} is ${valuesOf(oneOf)}`),
  ];
  return parts.filter((part) => part !== "").join("; ") || "any failure";
}

function valuesOf(values: readonly unknown[]): string {
  return values.map((value) => inlineCode(JSON.stringify(value))).join(" or ");
}

function retryText({ retry }: ErrorRule): string {
  switch (retry) {
    case "never":
      return "Never retried.";
    case "always":
      return "Always retried.";
    case "idempotent":
      return "Retried where that is safe.";
    case "default":
      return "";
  }
}

function exampleParts(
  model: ConnectorModel,
  operation: OperationModel,
  example: ExampleModel,
): string[] {
  const json = (value: unknown): string => JSON.stringify(value, null, 2);
  return [
    `Example ${inlineCode(example.name)}${
      example.doc === undefined ? "" : `: ${prose(example.doc)}`
    }`,
    codeBlock("ts", callSnippet(model, operation, example)),
    example.output === undefined ? "" : codeBlock("json", json(example.output)),
    example.events === undefined
      ? ""
      : codeBlock("json", example.events.map((event) => JSON.stringify(event)).join("\n")),
  ];
}
