/** `servers`: named addresses with checked variables. */
import type { Cursor } from "../load/cursor.ts";
import type { ServerModel, ServerVariable } from "../model/ir.ts";
import type { Context } from "./context.ts";
import { defined, entriesOf, Fields, isKind, readText } from "./fields/fields.ts";
import { isIdentifier } from "./names.ts";
import { matches } from "../model/types/pattern.ts";
import { checkPattern } from "./schema/scalar.ts";
import { didYouMean } from "./report/suggest.ts";

const HELP = "Give each address a name: `servers: { default: https://api.example.com }`.";

export function readServers(ctx: Context, cursor: Cursor): void {
  for (const [name, at] of entriesOf(ctx.report, cursor, HELP)) {
    const server = readServer(ctx, name, at);
    if (server !== undefined) ctx.servers.set(name, server);
  }
  if (cursor.kind === "mapping" && cursor.at("default") === undefined) {
    const help = "Name the server that is used unless an operation names another `default`.";
    ctx.report.add("VC1505", cursor, "No server is named `default`.", help, "key");
  }
}

function readServer(ctx: Context, name: string, cursor: Cursor): ServerModel | undefined {
  if (!isIdentifier(name)) {
    const help = "Use letters, digits and _, starting with a letter.";
    ctx.report.add("VC2101", cursor, `\`${name}\` cannot be the name of a server.`, help, "key");
  }
  const at = ctx.report.position(cursor);
  if (cursor.kind === "text") {
    const url = readUrl(ctx, cursor, new Map());
    return url === undefined ? undefined : { name, url, variables: [], at };
  }
  const fields = Fields.read(ctx.report, cursor, "server");
  if (fields === undefined) return undefined;
  const variables = new Map(
    fields.entries("variables").map((
      [key, child],
    ) => [key, { at: child, model: readVariable(ctx, key, child) }]),
  );
  const url = fields.at("url") && readUrl(ctx, fields.at("url") ?? cursor, variables);
  const doc = fields.text("description");
  if (url === undefined) return undefined;
  return defined({
    name,
    url,
    variables: [...variables.values()].map((one) => one.model),
    doc,
    at,
  }) as ServerModel;
}

function readVariable(ctx: Context, name: string, cursor: Cursor): ServerVariable {
  const fields = Fields.read(ctx.report, cursor, "serverVariable");
  if (fields === undefined) return { name };
  const pattern = fields.text("pattern");
  const patternAt = fields.at("pattern");
  if (pattern !== undefined && patternAt !== undefined) checkPattern(ctx, patternAt, pattern);
  const config = fields.text("config");
  const configAt = fields.at("config");
  if (config !== undefined && configAt !== undefined) useConfig(ctx, configAt, config);
  const values = fields.at("enum") === undefined ? undefined : fields.texts("enum");
  const fallback = fields.text("default");
  const anchored = pattern === undefined ? undefined : `^(?:${pattern})$`;
  const legal = fallback === undefined ||
    ((values === undefined || values.includes(fallback)) &&
      (anchored === undefined || matches(anchored, fallback)));
  const fallbackAt = fields.at("default");
  if (!legal && fallbackAt !== undefined) {
    const help = "Use a default that is one of the values and matches the pattern.";
    ctx.report.add(
      "VC1206",
      fallbackAt,
      `The default \`${fallback}\` is not allowed for this variable.`,
      help,
    );
  }
  const doc = fields.text("description");
  return defined({
    name,
    pattern: anchored,
    enum: values,
    default: fallback,
    config,
    doc,
  }) as ServerVariable;
}

function useConfig(ctx: Context, at: Cursor, name: string): void {
  const field = ctx.config.get(name);
  if (field === undefined) {
    const help = didYouMean(name, [...ctx.config.keys()], "config fields");
    ctx.report.add("VC1303", at, `There is no config field \`${name}\`.`, help);
    return;
  }
  ctx.usedConfig.add(name);
  if (!field.secret) return;
  ctx.report.add(
    "VC1306",
    at,
    `The secret \`${name}\` would be part of an address.`,
    "Send it in a header or a body.",
  );
}

type Variables = ReadonlyMap<string, { readonly at: Cursor; readonly model: ServerVariable }>;

function readUrl(ctx: Context, cursor: Cursor, variables: Variables): string | undefined {
  const text = readText(ctx.report, cursor);
  if (text === undefined) return undefined;
  const used = [...text.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
  let sound = checkUrl(ctx, cursor, text);
  for (const name of used) {
    const variable = variables.get(name)?.model;
    if (variable === undefined) {
      const help = `Add \`variables: { ${name}: { pattern: "[a-z0-9-]+" } }\`.`;
      ctx.report.add("VC1503", cursor, `The server variable \`{${name}}\` is not defined.`, help);
      sound = false;
    } else if (variable.pattern === undefined && variable.enum === undefined) {
      const at = variables.get(name)?.at ?? cursor;
      const help =
        'Add `pattern: "[a-z0-9-]+"` or an `enum`, so that no value can lead to another host.';
      ctx.report.add("VC1502", at, `The server variable \`${name}\` takes any text.`, help, "key");
    }
  }
  for (const [name, { at }] of variables) {
    if (used.includes(name)) continue;
    ctx.report.add(
      "VC1504",
      at,
      `The variable \`${name}\` does not occur in the address.`,
      "Remove it.",
      "key",
    );
  }
  return sound ? text.replace(/\/+$/, "") || "/" : undefined;
}

function checkUrl(ctx: Context, cursor: Cursor, text: string): boolean {
  const bad = (message: string, help: string): false => {
    ctx.report.add("VC1501", cursor, message, help);
    return false;
  };
  if (text.includes("${")) {
    return bad(
      "`${…}` cannot stand in a server address.",
      "Use `{name}` and `variables: { name: { config: field } }`.",
    );
  }
  // Only a path: the host is unknown, and whoever creates a client supplies it.
  const absolute = /^\/(?!\/)/.test(text) ? `https://x${text}` : text;
  let url: URL;
  try {
    // A number in place of the port.
    url = new URL(absolute.replace(/:\{[^{}]*\}/g, ":1").replace(/\{[^{}]*\}/g, "x"));
  } catch {
    return bad(
      `\`${text}\` is not an address.`,
      "Write a full address, `https://api.example.com/v1`, or a path where every client gives its own host: `/v1`.",
    );
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return bad(`\`${url.protocol}\` is not supported.`, "Use https (or http).");
  }
  if (url.username !== "" || url.password !== "") {
    return bad("The address contains a user or a password.", "Use `auth`.");
  }
  if (url.search !== "" || url.hash !== "" || /[?#]/.test(text)) {
    return bad(
      "A server address has no query and no fragment.",
      "Keep only scheme, host, port and path.",
    );
  }
  const local = /^(localhost|127\.|\[::1\]|x$)/.test(url.hostname);
  if (url.protocol === "http:" && !local) {
    ctx.report.add("VC1506", cursor, "This server is used without encryption.", "Use https.");
  }
  return true;
}

export function readServerName(ctx: Context, cursor: Cursor): string {
  if (!isKind(ctx.report, cursor, "text")) return "default";
  const name = String(cursor.value);
  if (ctx.servers.has(name)) return name;
  const help = didYouMean(name, [...ctx.servers.keys()], "servers");
  ctx.report.add("VC1507", cursor, `There is no server \`${name}\`.`, help);
  return "default";
}
