/** What is asked of a database, in place of a path: the statement or command with its values beside it, never inside it. */
import { toBase64 } from "../../core/bytes.ts";
import { invalidRequest } from "../../core/errors.ts";
import { passwordsIn } from "../../core/secrets/passwords.ts";
import type { OperationData, ParameterPlacer } from "../data/operation.ts";
import type { Input } from "../data/request.ts";
import { isRecord, scalar, sound } from "../request/values.ts";
import type { CommandData, InputData, StatementData, WordData } from "./query_data.ts";

export function statement(data: StatementData): ParameterPlacer {
  const { inputs = [], ...asked } = data;
  return query(inputs, (operation, input) => ({
    ...asked,
    parameters: inputs.map((one) => valueOf(operation, one, input)),
  }));
}

export function command(data: CommandData): ParameterPlacer {
  const { inputs = [], command: words, ...asked } = data;
  return query(inputs, (operation, input) => {
    const values = inputs.map((one) => valueOf(operation, one, input));
    const argument = (place: number): Argument =>
      argumentOf(operation, inputs[place], values[place]);
    return {
      ...asked,
      command: words.flatMap((word) => wordOf(operation, word, argument, values)),
    };
  });
}

/** A stand-in for the database is asked over HTTP, by the operation's name and with its input. */
function query(
  inputs: readonly InputData[],
  ask: (operation: OperationData, input: Input) => Input,
): ParameterPlacer {
  const known = new Set(inputs.map(({ name }) => name));
  return (request, operation, input) => {
    const other = Object.keys(input).find((name) => !known.has(name));
    if (other !== undefined) {
      throw wrong(
        operation,
        `takes no ${JSON.stringify(other)}: it takes ${[...known].join(", ") || "nothing"}`,
      );
    }
    if (!/^https?:/i.test(request.url)) {
      request.secrets.push(...passwordsIn(request.url));
      return ask(operation, input);
    }
    request.url += String(operation.path);
    return input;
  };
}

function valueOf(
  operation: OperationData,
  { name, fallback, bytes }: InputData,
  input: Input,
): unknown {
  const given = Object.hasOwn(input, name) ? input[name] : undefined;
  const value = given === undefined ? fallback : given;
  if (value === undefined) throw wrong(operation, `needs ${name}: it is undefined`);
  if (bytes && typeof value === "string") return { $bytes: value };
  return bound(operation, name, value);
}

/** JSON has no place for these values, and would turn some of them into null. */
function bound(operation: OperationData, name: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) {
    return value.map((one: unknown) => typeof one === "bigint" ? String(one) : one);
  }
  if (typeof value === "string") return sound(value, name);
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) };
  const refused = typeof value === "number" ? !Number.isFinite(value) : /^[fs]/.test(typeof value);
  if (refused) throw wrong(operation, `cannot be given ${String(value)} as ${name}`);
  return value;
}

type Argument = string | { readonly $bytes: string };

function argumentOf(
  operation: OperationData,
  input: InputData | undefined,
  value: unknown,
): Argument {
  if (isRecord(value) && typeof value["$bytes"] === "string") return { $bytes: value["$bytes"] };
  if (value !== null && value !== undefined) return scalar(value);
  throw wrong(operation, `needs ${input?.name}: it is ${String(value)}`);
}

function wordOf(
  operation: OperationData,
  word: WordData,
  argument: (place: number) => Argument,
  values: readonly unknown[],
): readonly Argument[] {
  if (typeof word === "string") return [word];
  if (typeof word === "number") return [argument(word)];
  if ("each" in word) {
    const list = values[word.each];
    return (Array.isArray(list) ? list : [list]).map((item) =>
      argumentOf(operation, undefined, bound(operation, "an item", item))
    );
  }
  return [
    word.map((part) => typeof part === "string" ? part : textOf(operation, argument(part))).join(
      "",
    ),
  ];
}

function textOf(operation: OperationData, argument: Argument): string {
  if (typeof argument === "string") return argument;
  throw wrong(operation, "cannot join bytes with text");
}

function wrong({ id }: OperationData, what: string): Error {
  return invalidRequest("request.parameter", `${id} ${what}`);
}
