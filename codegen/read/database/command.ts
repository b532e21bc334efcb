/** `command` of redis: its name, and its arguments with the values in them. */
import type { Cursor } from "../../load/cursor.ts";
import type { CommandModel, SessionModel } from "../../model/database.ts";
import type { Schema } from "../../model/schema.ts";
import { resolve } from "../../model/types/resolve.ts";
import type { Context } from "../context.ts";
import { describe, isKind } from "../fields/fields.ts";
import { factsOf, isOfConnection } from "./commands.ts";
import { boundInputs, type Input } from "./inputs.ts";
import { reportWithin } from "./place.ts";
import { tellUnknownInput, tellUnusedInput } from "./statement.ts";

export interface ReadCommand {
  readonly model: CommandModel;
  /** Undefined: nothing is known of it. */
  readonly result: Schema | undefined;
}

type Part = string | { readonly name: string; readonly at: number };

interface Word {
  readonly cursor: Cursor;
  readonly parts: readonly Part[];
}

const HELP = 'Write its name and its arguments: `command: [GET, "user:$id"]`.';

export function readCommand(
  ctx: Context,
  cursor: Cursor,
  inputs: readonly Input[],
  session: SessionModel,
): ReadCommand | undefined {
  if (!isKind(ctx.report, cursor, "list", HELP)) return undefined;
  const [first, ...rest] = cursor.items();
  if (first === undefined) {
    ctx.report.add("VC2607", cursor, "There is no command.", HELP);
    return undefined;
  }
  const name = readName(ctx, first, session);
  const words = rest.flatMap((at) => readWord(ctx, at) ?? []);
  const names = usedIn(ctx, words, inputs);
  for (const input of inputs) checkInput(ctx, input, names);
  if (name === undefined || words.length < rest.length) return undefined;
  const facts = factsOf(name);
  const model: CommandModel = {
    kind: "command",
    written: [name, ...rest.map((at) => String(at.value))].join(" "),
    words: [
      { parts: [name], each: false },
      ...words.map((word) => wordModel(ctx, word, names, inputs)),
    ],
    inputs: boundInputs(ctx, names, inputs),
    session,
    pairs: facts?.pairs ?? false,
  };
  return { model, result: facts?.result };
}

function readName(ctx: Context, at: Cursor, session: SessionModel): string | undefined {
  if (!isKind(ctx.report, at, "text", HELP)) return undefined;
  const name = String(at.value).toUpperCase();
  const tell = (message: string, help: string): undefined => {
    ctx.report.add("VC2607", at, message, help);
    return undefined;
  };
  if (name.includes("$")) {
    return tell("The name of a command is fixed.", "Make an operation of each command.");
  }
  if (!/^[A-Z][\w.]*$/.test(name)) {
    return tell(
      `${describe(at)} is not a command.`,
      /\s/.test(name) ? HELP : `Write one such as \`GET\`.`,
    );
  }
  if (isOfConnection(name)) {
    return tell(
      `\`${name}\` acts upon the connection, which is shared by calls.`,
      "Choose a command that answers at once and leaves the connection as it is.",
    );
  }
  const facts = factsOf(name);
  if (session.readOnly === true && facts?.reads === false) {
    const help = "Say `session: { readOnly: false }` in this operation.";
    ctx.report.add(
      "VC2606",
      at,
      `The session only reads, and Redis does not say so of \`${name}\`.`,
      help,
    );
  }
  return name;
}

function readWord(ctx: Context, cursor: Cursor): Word | undefined {
  if (cursor.kind === "number") return { cursor, parts: [String(cursor.value)] };
  if (!isKind(ctx.report, cursor, "text")) return undefined;
  const text = String(cursor.value);
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(/\$(?:\$|\{[^}]*\}?|([A-Za-z_]\w*))/g)) {
    const [found, name] = match;
    if (found.startsWith("${")) {
      const help = "Write `$name`, without braces.";
      const part = { text: found, at: match.index };
      reportWithin(
        ctx.report,
        cursor,
        part,
        "VC2603",
        `\`${found}\` is not how a value is marked.`,
        help,
      );
      return undefined;
    }
    if (match.index > from) parts.push(text.slice(from, match.index));
    parts.push(name === undefined ? "$" : { name, at: match.index });
    from = match.index + found.length;
  }
  if (from < text.length || parts.length === 0) parts.push(text.slice(from));
  return { cursor, parts };
}

/** Names of the values, in the order of their first use. */
function usedIn(ctx: Context, words: readonly Word[], inputs: readonly Input[]): string[] {
  const names: string[] = [];
  for (const { cursor, parts } of words) {
    for (const part of parts) {
      if (typeof part === "string") continue;
      if (!inputs.some(({ name }) => name === part.name)) {
        tellUnknownInput(ctx, cursor, part.name, part.at, inputs);
      } else if (!names.includes(part.name)) names.push(part.name);
    }
  }
  return names;
}

function checkInput(
  ctx: Context,
  { name, at, required, schema }: Input,
  names: readonly string[],
): void {
  if (!names.includes(name)) tellUnusedInput(ctx, name, at);
  else if (!required && schema.default === undefined) {
    const help = "Give it a `default`, or make a second operation without it.";
    ctx.report.add("VC2607", at.at("optional") ?? at, "An argument cannot be left out.", help);
  }
}

function wordModel(
  ctx: Context,
  { cursor, parts }: Word,
  names: readonly string[],
  inputs: readonly Input[],
): CommandModel["words"][number] {
  const isList = (name: string): boolean => {
    const schema = inputs.find((one) => one.name === name)?.schema;
    return schema !== undefined && resolve(ctx.types, schema).kind === "array";
  };
  const lists = parts.flatMap((part) =>
    typeof part !== "string" && isList(part.name) ? [part] : []
  );
  const [list] = lists;
  if (list !== undefined && parts.length > 1) {
    const help = `Let \`$${list.name}\` be an argument of its own: each item becomes one.`;
    const part = { text: `$${list.name}`, at: list.at };
    reportWithin(ctx.report, cursor, part, "VC2607", "A list cannot be part of an argument.", help);
  }
  return {
    parts: parts.map((part) => typeof part === "string" ? part : names.indexOf(part.name)),
    each: list !== undefined,
  };
}
