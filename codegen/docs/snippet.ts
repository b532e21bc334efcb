/** How an operation is called, as a program would write it. */
import { isIdentifier, isReservedWord } from "../read/names.ts";
import { withBigints } from "../model/types/bigints.ts";
import { typesOf } from "../model/types/resolve.ts";
import type { ConnectorModel, ExampleModel, OperationModel, Schema } from "../model/mod.ts";

const MAX_LINE = 100;
/** Marks the text of a `bigint`, which JSON has no notation for. */
const BIGINT = "\uE000";
const WRITTEN_BIGINT = /"\uE000(-?\d+)"/g;

/** `openai`, `googleMaps`. */
function clientName(model: ConnectorModel): string {
  const [first = "client", ...rest] = model.id.split("-");
  return first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** `import` and construction. */
export function setUp(model: ConnectorModel, specifier: string): string {
  const needed = model.config.filter((field) =>
    !field.optional && field.default === undefined && field.env === undefined
  );
  const variables = model.config.flatMap((field) =>
    !field.optional && field.default === undefined && field.env !== undefined ? [field.env] : []
  );
  const options = needed.length === 0
    ? ""
    : `{ ${needed.map(({ name }) => `${name}: "…"`).join(", ")} }`;
  const note = variables.length === 0 ? "" : ` // ${variables.join(", ")}`;
  return [
    `import { ${model.className} } from "${specifier}";`,
    "",
    `const ${clientName(model)} = new ${model.className}(${options});${note}`,
  ].join("\n");
}

export function callSnippet(
  model: ConnectorModel,
  operation: OperationModel,
  example: ExampleModel | undefined,
): string {
  const input = example?.input;
  const write = (literal: string): string =>
    statement(
      operation,
      example,
      `${clientName(model)}.${operation.members.join(".")}(${literal})`,
    );
  if (input === undefined) return write(needed(model, operation));
  if (Object.keys(input).length === 0) return write("");
  const marked = withBigints(typesOf(model), operation, input, (digits) => BIGINT + digits);
  const long = unquoted(JSON.stringify(marked, null, 2)).replace(WRITTEN_BIGINT, "$1n");
  const short = write(long.replace(/\n\s*/g, " "));
  return short.split("\n").every((line) => line.length <= MAX_LINE) ? short : write(long);
}

/** The required input of an operation without an example: `{ id, title }`. */
function needed(model: ConnectorModel, { parameters, body }: OperationModel): string {
  const names = parameters.filter(({ required, send }) => required && send === undefined)
    .map(({ name }) => name);
  if (body?.required && body.mode === "key") names.push(body.key);
  else if (body?.required) names.push(...requiredOf(model, body.schema));
  if (names.length === 0) return "";
  const pairs = names.map((name) =>
    isIdentifier(name) && !isReservedWord(name) ? name : `${JSON.stringify(name)}: value`
  );
  return `{ ${pairs.join(", ")} }`;
}

function requiredOf(model: ConnectorModel, schema: Schema): readonly string[] {
  const meant = schema.kind === "ref"
    ? model.types.find(({ name }) => name === schema.name)?.schema
    : schema;
  if (meant?.kind !== "object") return [];
  return meant.properties.filter(({ required, schema: { readOnly } }) => required && !readOnly)
    .map(({ name }) => name);
}

function statement(
  operation: OperationModel,
  example: ExampleModel | undefined,
  call: string,
): string {
  const { stream } = operation;
  if (stream !== undefined && streams(operation, example)) {
    return stream.text === undefined
      ? `for await (const item of ${call}) {\n  console.log(item);\n}`
      : `for await (const text of ${call}.textStream) {\n  console.log(text);\n}`;
  }
  if (stream === undefined && operation.pagination !== undefined) {
    return `for await (const item of ${call}) {\n  console.log(item);\n}`;
  }
  if (example !== undefined && example.status >= 400) {
    return `await ${call}; // fails with status ${example.status}`;
  }
  return operation.result.kind === "none" ? `await ${call};` : `const result = await ${call};`;
}

function streams(operation: OperationModel, example: ExampleModel | undefined): boolean {
  return operation.stream?.when.length === 0 || example?.events !== undefined;
}

/** JSON with keys as people write them. */
function unquoted(text: string): string {
  // Skips over strings, so that text that looks like a key is left alone.
  return text.replace(
    /"(?:[^"\\]|\\.)*"(:)?/g,
    (found, colon?: string) =>
      colon !== undefined && /^"[A-Za-z_$][\w$]*":$/.test(found) ? `${found.slice(1, -2)}:` : found,
  );
}
