/** `sql`: what of it is a value, and what could never work. */
import {
  CONNECTION_WORDS,
  FILE_WORDS,
  MYSQL_FILE_WORDS,
  MYSQL_WRITES,
  READ_WORDS,
  TRANSACTION_WORDS,
} from "../../../src/core/database/refused.ts";
import { closest } from "../../../src/core/suggest.ts";
import type { Cursor } from "../../load/cursor.ts";
import type { SessionModel } from "../../model/database.ts";
import type { Context } from "../context.ts";
import { readText } from "../fields/fields.ts";
import { reportWithin } from "./place.ts";
import { type Dialect, type Mistake, readStatement, type Statement } from "./sql.ts";

const WRITE_WORDS: ReadonlySet<string> = new Set([...MYSQL_WRITES, "merge"]);

export interface ReadSql extends Statement {
  readonly cursor: Cursor;
  readonly written: string;
  /** As far as the text says: undefined if it does not. */
  readonly returnsRows: boolean | undefined;
}

export function readSql(
  ctx: Context,
  cursor: Cursor,
  dialect: Dialect,
  session: SessionModel,
): ReadSql | undefined {
  const written = readText(ctx.report, cursor)?.trim();
  if (written === undefined) return undefined;
  const statement = readStatement(String(cursor.value), dialect);
  for (const mistake of statement.mistakes) tell(ctx, cursor, dialect, mistake);
  if (statement.mistakes.length > 0) return undefined;
  const [verb] = statement.words;
  if (verb === undefined) {
    ctx.report.add("VC2603", cursor, "This is not a statement.", "Write one, such as `select 1`.");
    return undefined;
  }
  // As it is written: in capitals, perhaps.
  const text = String(cursor.value).slice(statement.begins, statement.begins + verb.length);
  const place = { text, at: statement.begins };
  const refused = dialect === "mysql"
    ? whyRefusedByMysql(verb, statement)
    : whyRefused(verb, dialect);
  if (refused !== undefined) {
    reportWithin(ctx.report, cursor, place, "VC2606", ...refused);
    return undefined;
  }
  if (session.readOnly === true && WRITE_WORDS.has(verb)) {
    const message = `The session only reads, so the server refuses every \`${verb}\`.`;
    const help = "Say `session: { readOnly: false }` in this operation.";
    reportWithin(ctx.report, cursor, place, "VC2606", message, help);
  }
  const returns = statement.words.includes("returning");
  return {
    ...statement,
    cursor,
    written,
    returnsRows: returns ||
      (verb === "with"
        ? undefined
        : READ_WORDS.has(verb)
        ? true
        : WRITE_WORDS.has(verb)
        ? false
        : undefined),
  };
}

type Refused = readonly [message: string, help: string];

/** Of MySQL the words are listed that may begin a statement. */
function whyRefusedByMysql(verb: string, { words }: Statement): Refused | undefined {
  if (words.some((word) => MYSQL_FILE_WORDS.has(word))) {
    return ["The server would write a file.", "Take the rows, with `stream: rows`."];
  }
  if (READ_WORDS.has(verb) || MYSQL_WRITES.has(verb)) return undefined;
  const known = [...READ_WORDS, ...MYSQL_WRITES].join(", ");
  return [
    `\`${verb}\` may change the connection, which is shared by calls.`,
    `Statements begin with ${known}; what holds for a call is in \`session\`: readOnly, isolation.`,
  ];
}

/** What the runtime would refuse, too, or end. */
function whyRefused(
  verb: string,
  dialect: Exclude<Dialect, "mysql">,
): Refused | undefined {
  if (CONNECTION_WORDS[dialect].has(verb) || TRANSACTION_WORDS[dialect].has(verb)) {
    return [
      `\`${verb}\` would change the connection, which is shared by calls.`,
      dialect === "sqlite"
        ? "Say with `session` whether calls only read; each is a transaction of its own."
        : "Say with `session` what holds for a call: readOnly, role, isolation, set.",
    ];
  }
  if (!FILE_WORDS[dialect].has(verb)) return undefined;
  return dialect === "sqlite"
    ? [`\`${verb}\` reaches for other files.`, "A connector has the one file of its `url`."]
    : [
      `\`${verb}\` is not a call with an answer.`,
      "Write a `select` with `stream: rows`, or an `insert`.",
    ];
}

function tell(ctx: Context, cursor: Cursor, dialect: Dialect, mistake: Mistake): void {
  const [message, help] = MISTAKES[mistake.kind](mistake.text, dialect);
  reportWithin(ctx.report, cursor, mistake, "VC2603", message, help);
}

const MISTAKES: Readonly<
  Record<
    Mistake["kind"],
    (text: string, dialect: Dialect) => readonly [message: string, help: string]
  >
> = {
  open: (text) => [
    `What begins with \`${text}\` does not end.`,
    /^\$.+\$$/.test(text)
      ? "Text between `$name$` and `$name$` is a string in PostgreSQL; put a space behind a value."
      : "Close it.",
  ],
  number: (text) => [
    `\`${text}\` is not the name of a value.`,
    "Name it: `$customer`, with `input: { customer: integer }`.",
  ],
  paste: (text) => [
    `\`${text}\` would be pasted into the statement.`,
    "Values are bound: write `$name`, without braces. Names of tables and columns are fixed; make an operation for each.",
  ],
  executed: (text) => [
    `MySQL executes what is in \`${text} … */\`.`,
    "Write it without the comment, or remove it.",
  ],
  foreign: (text) => [
    `\`${text}\` is how other tools mark a value.`,
    `Write \`$${text.replace(/^[:@?]+/, "") || "name"}\`.`,
  ],
  several: () => ["There is more than one statement.", "Make an operation of each."],
  dollar: (text) => [
    `\`${text}\` is not the name of a value.`,
    "Names have letters of the alphabet, digits and _, such as `$customer`.",
  ],
};

/** Every value must be an input, and every input a value. */
export function matchInputs(
  ctx: Context,
  { cursor, names, places }: ReadSql,
  inputs: readonly NamedInput[],
  declared: boolean,
): void {
  for (const [index, name] of names.entries()) {
    if (inputs.some((one) => one.name === name)) continue;
    tellUnknownInput(ctx, cursor, name, places[index] ?? 0, inputs, declared ? "" : OR_ASK);
  }
  for (const { name, at } of inputs) if (!names.includes(name)) tellUnusedInput(ctx, name, at);
}

const OR_ASK = ", or let `vastar generate --database URL` ask the server";

interface NamedInput {
  readonly name: string;
  readonly at: Cursor;
}

export function tellUnknownInput(
  ctx: Context,
  cursor: Cursor,
  name: string,
  at: number,
  inputs: readonly NamedInput[],
  otherwise = "",
): void {
  const near = closest(name, inputs.map((one) => one.name));
  const help = near === undefined
    ? `Add it with its type: \`input: { ${name}: string }\`${otherwise}.`
    : `Did you mean \`$${near}\`?`;
  reportWithin(
    ctx.report,
    cursor,
    { text: `$${name}`, at },
    "VC2604",
    `There is no input \`${name}\`.`,
    help,
  );
}

export function tellUnusedInput(ctx: Context, name: string, at: Cursor): void {
  const help = `Write \`$${name}\` where it belongs, or remove it.`;
  ctx.report.add("VC2605", at, `The input \`${name}\` is not used.`, help, "key");
}
