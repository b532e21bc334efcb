/** `config`: what a client is constructed with. */
import type { Cursor } from "../load/cursor.ts";
import type { ConfigField } from "../model/ir.ts";
import type { Context } from "./context.ts";
import { defined, entriesOf, isKind } from "./fields/fields.ts";
import { camelCase, CLIENT_OPTIONS, isIdentifier, UNSAFE_MEMBERS } from "./names.ts";

export const CONFIG_KEYS: readonly string[] = ["secret", "env", "optional"];
const SECRET_NAME = /(key|token|secret|password|passphrase|credential)s?$/i;
const SCALARS = new Set(["string", "number", "integer", "boolean", "enum", "const"]);

export function readConfig(ctx: Context, cursor: Cursor): void {
  for (const [name, at] of entriesOf(ctx.report, cursor)) {
    checkName(ctx, name, at);
    ctx.config.set(name, readField(ctx, name, at));
  }
}

function checkName(ctx: Context, name: string, at: Cursor): void {
  if (!isIdentifier(name) || UNSAFE_MEMBERS.has(name)) {
    const help = `Use letters, digits and _, such as \`${camelCase(name) || "apiKey"}\`.`;
    ctx.report.add("VC2101", at, `\`${name}\` cannot be the name of a config field.`, help, "key");
  } else if (CLIENT_OPTIONS.has(name)) {
    const help = `Choose another name, such as \`api${name[0]?.toUpperCase()}${name.slice(1)}\`.`;
    ctx.report.add("VC2103", at, `\`${name}\` is an option that every client has.`, help, "key");
  }
}

function readField(ctx: Context, name: string, cursor: Cursor): ConfigField {
  const schema = ctx.readSchema(ctx, cursor, { extra: CONFIG_KEYS });
  if (!SCALARS.has(schema.kind)) {
    const message = `A config field is one value, but this is of kind ${schema.kind}.`;
    ctx.report.add("VC1513", cursor, message, "Use a string, number, boolean or enum.");
  }
  const flag = (key: string): boolean => {
    const at = cursor.at(key);
    return at !== undefined && isKind(ctx.report, at, "boolean") && at.value === true;
  };
  const secret = flag("secret");
  const secretAt = cursor.at("secret");
  if (
    secretAt === undefined && cursor.kind === "mapping" && schema.kind === "string" &&
    SECRET_NAME.test(name)
  ) {
    const help = "Add `secret: true`, or `secret: false` if it is not one.";
    ctx.report.add(
      "VC1509",
      cursor,
      `\`${name}\` looks like a secret but is not marked as one.`,
      help,
      "key",
    );
  }
  if (secret && schema.default !== undefined) {
    const at = cursor.at("default") ?? cursor;
    ctx.report.add(
      "VC1511",
      at,
      `The secret \`${name}\` has its value in the spec.`,
      "Supply it through `env` or as an option.",
    );
  }
  const env = cursor.at("env");
  if (
    env !== undefined && isKind(ctx.report, env, "text") &&
    !/^[A-Z_][A-Z0-9_]*$/.test(String(env.value))
  ) {
    const help = "Use uppercase letters, digits and _, such as `OPENAI_API_KEY`.";
    ctx.report.add(
      "VC1508",
      env,
      `\`${String(env.value)}\` is not the name of an environment variable.`,
      help,
    );
  }
  return defined({
    name,
    schema,
    secret,
    env: typeof env?.value === "string" ? env.value : undefined,
    optional: flag("optional"),
    default: schema.default,
    doc: schema.doc,
    at: ctx.report.position(cursor),
  }) as ConfigField;
}
