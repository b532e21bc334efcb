/** The input of a call, assembled from `--input`, `--field` and `--stream`. */
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type {
  ConnectorDefinition,
  JsonSchema,
  OperationDefinition,
} from "../../src/connector/definition/definition.ts";
import type { NamedFile } from "../../src/connector/data/request.ts";
import { invalidRequest } from "../../src/core/errors.ts";
import { explain } from "../../src/schema/explain.ts";
import { createChecker } from "../../src/schema/check.ts";
import { type CommandArgs, UsageError } from "../command.ts";

type Input = Record<string, unknown>;

const STDIN = 0;

/** Throws `input.invalid` with every mistake and its path. */
export function readCallInput(
  args: CommandArgs,
  definition: ConnectorDefinition,
  operation: OperationDefinition,
  cwd: string,
): Input {
  const input = parseObject(inputText(args.string("input"), cwd));
  const files = new Map<string, NamedFile>();
  for (const field of args.list("field")) {
    const [name = "", text] = field.split(/=(.*)/s);
    if (text === undefined || name === "") {
      throw new UsageError(`--field must be NAME=VALUE, found "${field}".`);
    }
    if (!text.startsWith("@")) input[name] = jsonOrText(text, definition, operation, name);
    else if (isBytes(schemaOf(definition, operation, name))) {
      const path = text.slice(1);
      files.set(name, { data: readBytes(path, cwd), name: basename(path) });
      input[name] = "";
    } else input[name] = readText(text.slice(1), cwd);
  }
  if (args.flag("stream")) startStream(operation, input);
  // Bytes are not JSON: the check sees an empty text instead.
  check(definition, operation, input);
  for (const [name, file] of files) input[name] = file;
  return input;
}

function inputText(given: string | undefined, cwd: string): string {
  if (given === undefined) return "{}";
  if (given === "-") return decode(readFileSync(STDIN), "standard input");
  return given.startsWith("@") ? readText(given.slice(1), cwd) : given;
}

function parseObject(text: string): Input {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--input is not JSON (${reason}); a file is given as @FILE.`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Input;
  throw new UsageError(
    `--input must be a JSON object of parameters and body, found ${JSON.stringify(value)}.`,
  );
}

/** Text stays text even if it looks like a number: an id of `007`. */
function jsonOrText(
  text: string,
  definition: ConnectorDefinition,
  operation: OperationDefinition,
  name: string,
): unknown {
  const schema = schemaOf(definition, operation, name);
  if (typeof schema === "object" && schema["type"] === "string") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Sets the input that makes the operation stream. */
function startStream(operation: OperationDefinition, input: Input): void {
  if (operation.stream === undefined) {
    throw new UsageError(`${operation.id} does not stream: leave --stream out.`);
  }
  for (const { path, oneOf } of operation.stream.when) {
    let at: Input = input;
    for (const key of path.slice(0, -1)) {
      const inner = at[key];
      at = (typeof inner === "object" && inner !== null ? inner : at[key] = {}) as Input;
    }
    const last = path.at(-1);
    if (last !== undefined && !oneOf.includes(at[last] as never)) at[last] = oneOf[0];
  }
}

function check(
  definition: ConnectorDefinition,
  operation: OperationDefinition,
  input: Input,
): void {
  const checked = createChecker(definition.types)(operation.id, operation.input, input);
  const mistakes = explain(checked, input);
  if (mistakes.length === 0) return;
  const list = mistakes.map(({ path, message }) => `\n  ${path} ${message}`).join("");
  throw invalidRequest(
    "input.invalid",
    `The input does not fit ${definition.id} ${operation.id}:${list}`,
  );
}

/** The schema of an input property, through references. */
function schemaOf(
  { types }: ConnectorDefinition,
  { input }: OperationDefinition,
  name: string,
): JsonSchema | undefined {
  const seen = new Set<unknown>();
  const resolved = (schema: JsonSchema | undefined): JsonSchema | undefined => {
    let at = schema;
    while (typeof at === "object" && typeof at["$ref"] === "string" && !seen.has(at)) {
      seen.add(at);
      at = types[decodeURIComponent(at["$ref"].replace("#/$defs/", ""))];
    }
    return at;
  };
  const within = (schema: JsonSchema | undefined): JsonSchema | undefined => {
    const at = resolved(schema);
    if (typeof at !== "object") return undefined;
    const properties = at["properties"] as Record<string, JsonSchema> | undefined;
    if (properties !== undefined && Object.hasOwn(properties, name)) {
      return resolved(properties[name]);
    }
    const members = (at["allOf"] ?? []) as readonly JsonSchema[];
    return members.map(within).find((found) => found !== undefined);
  };
  return within(input);
}

function isBytes(schema: JsonSchema | undefined): boolean {
  return typeof schema === "object" && schema["contentMediaType"] !== undefined;
}

function readText(path: string, cwd: string): string {
  return decode(readBytes(path, cwd), path);
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalidRequest("input.encoding", `${what} is not valid UTF-8.`, error);
  }
}

function readBytes(path: string, cwd: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(resolve(cwd, path)));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidRequest("input.not_readable", `${path} cannot be read: ${reason}`, error);
  }
}
