/** Compares two versions of a connector. */
import type { ConfigField, ConnectorModel, ServerModel, ServerVariable } from "../model/mod.ts";
import { type Change, Changes, pairs, type Places, same } from "./changes.ts";
import { compareErrors } from "./errors.ts";
import type { Comparison } from "./comparison.ts";
import { compareOperations } from "./operations.ts";
import type { RuleCode } from "./rules.ts";
import { SchemaDiff } from "./schemas.ts";
import { compareWebhooks } from "./webhooks.ts";

/** Every noticeable change, the most severe first. The version itself is not one. */
export function diffConnectors(old: ConnectorModel, now: ConnectorModel): Change[] {
  const changes = new Changes();
  const ctx: Comparison = { old, new: now, changes, schemas: new SchemaDiff(old, now, changes) };
  compareHeads(old, now, changes);
  for (const pair of pairs(old.servers, now.servers, ({ name }) => name)) {
    compareServers(pair.key, pair.old, pair.new, changes);
  }
  for (const pair of pairs(old.config, now.config, ({ name }) => name)) {
    compareField(pair.key, pair.old, pair.new, ctx);
  }
  compareAuth(old, now, changes);
  compareErrors(old.errors, now.errors, ctx);
  compareOperations(old.operations, now.operations, ctx);
  compareWebhooks(old.webhooks, now.webhooks, ctx);
  for (const pair of pairs(old.types, now.types, ({ name }) => name)) {
    const places = { old: pair.old?.at, new: pair.new?.at };
    if (pair.old === undefined) changes.add("type.added", pair.key, "was added", places);
    else if (pair.new === undefined) changes.add("type.removed", pair.key, "was removed", places);
  }
  return changes.list();
}

function compareHeads(old: ConnectorModel, now: ConnectorModel, changes: Changes): void {
  const places = headPlaces(old, now);
  const tell = (code: RuleCode, message: string): void =>
    changes.add(code, now.id, message, places);
  if (old.id !== now.id) tell("connector.id", `was the id \`${old.id}\` before`);
  if (old.protocol !== now.protocol) {
    tell(
      "connector.protocol",
      `speaks ${now.protocol ?? "http"} now, was ${old.protocol ?? "http"}`,
    );
  }
  if (old.className !== now.className) {
    tell("connector.name", `has the class ${now.className} now, was ${old.className}`);
  }
  const differ = (code: RuleCode, part: (of: ConnectorModel) => unknown, message: string): void => {
    if (!same(part(old), part(now))) tell(code, message);
  };
  differ(
    "connector.text",
    ({ title, doc, link }) => ({ title, doc, link }),
    "has a different title, description or link",
  );
  differ("connector.headers", (of) => of.headers, "sends different headers with every call");
  differ("connector.policy", (of) => of.policy, "has different timeouts, retries or rate limits");
  differ("connector.check", (of) => of.check, "is checked by a different call");
  differ("connector.hooks", (of) => of.hooks, "has other hooks");
}

/** The first line of each spec, used for parts without a position of their own. */
function headPlaces(old: ConnectorModel, now: ConnectorModel): Places {
  const start = ({ files }: ConnectorModel) => ({ file: files[0] ?? "", line: 1, column: 1 });
  return { old: start(old), new: start(now) };
}

function compareServers(
  name: string,
  old: ServerModel | undefined,
  now: ServerModel | undefined,
  changes: Changes,
): void {
  const places = { old: old?.at, new: now?.at };
  const subject = `server ${name}`;
  if (old === undefined || now === undefined) {
    if (now !== undefined) changes.add("server.added", subject, `was added: ${now.url}`, places);
    else changes.add("server.removed", subject, "was removed", places);
    return;
  }
  if (old.url !== now.url) {
    changes.add("server.url", subject, `is ${now.url} now, was ${old.url}`, places);
  }
  for (const pair of pairs(old.variables, now.variables, (variable) => variable.name)) {
    const tell = (code: RuleCode, message: string): void =>
      changes.add(code, `${subject} variable ${pair.key}`, message, places);
    compareVariable(pair.old, pair.new, tell);
  }
}

function compareVariable(
  old: ServerVariable | undefined,
  now: ServerVariable | undefined,
  tell: (code: RuleCode, message: string) => void,
): void {
  const needed = (variable: ServerVariable): boolean =>
    variable.default === undefined && variable.config === undefined;
  if (old === undefined || now === undefined) {
    if (now === undefined) tell("server.variable.removed", "was removed");
    else if (needed(now)) tell("server.variable.required", "was added and is required");
    else tell("server.variable.added", "was added");
    return;
  }
  if (needed(old) !== needed(now)) {
    if (needed(now)) tell("server.variable.required", "is required now");
    else tell("server.variable.optional", "is optional now");
  }
  const lost = now.enum !== undefined &&
    (old.enum === undefined || old.enum.some((value) => !now.enum?.includes(value)));
  const gained = old.enum !== undefined &&
    (now.enum === undefined || now.enum.some((value) => !old.enum?.includes(value)));
  const other = now.pattern !== undefined && now.pattern !== old.pattern;
  if (lost || other) tell("server.variable.narrowed", "accepts different values now");
  if (gained || (now.pattern === undefined && old.pattern !== undefined)) {
    tell("server.variable.widened", "accepts more values now");
  }
}

function compareField(
  name: string,
  old: ConfigField | undefined,
  now: ConfigField | undefined,
  { changes, schemas }: Comparison,
): void {
  const places = { old: old?.at, new: now?.at };
  const subject = `config ${name}`;
  const tell = (code: RuleCode, message: string): void =>
    changes.add(code, subject, message, places);
  const needed = (field: ConfigField): boolean => !field.optional && field.default === undefined;
  if (old === undefined || now === undefined) {
    if (now === undefined) tell("config.removed", "was removed");
    else if (needed(now)) tell("config.added.required", "was added and is required");
    else tell("config.added.optional", "was added");
    return;
  }
  if (needed(old) !== needed(now)) {
    if (needed(now)) tell("config.required", "is required now");
    else tell("config.optional", "is optional now");
  }
  if (old.env !== now.env) {
    if (old.env === undefined) tell("config.env.added", `can come from ${now.env} now`);
    else tell("config.env.changed", `comes from ${now.env ?? "no variable"} now, was ${old.env}`);
  }
  if (!same(old.default, now.default)) {
    const value = now.default === undefined ? "none" : JSON.stringify(now.default);
    tell("config.default", now.secret ? "has a different default" : `has the default ${value} now`);
  }
  if (old.secret !== now.secret) {
    tell("config.secret", now.secret ? "is secret now" : "is no longer secret");
  }
  if (old.doc !== now.doc) tell("config.text", "has another description");
  // Description and default of the type are those of the field, which were compared.
  const { doc: _, default: __, ...before } = old.schema;
  const { doc: ___, default: ____, ...after } = now.schema;
  schemas.compare(before, after, "request", subject, places);
}

function compareAuth(old: ConnectorModel, now: ConnectorModel, changes: Changes): void {
  if (same(old.auth, now.auth)) return;
  const start = headPlaces(old, now);
  const places = { old: old.auth[0]?.at ?? start.old, new: now.auth[0]?.at ?? start.new };
  const kinds = ({ auth }: ConnectorModel): string =>
    auth.map(({ type }) => type).join(" and ") || "none";
  if (kinds(old) !== kinds(now)) {
    changes.add("auth.kind", "auth", `is ${kinds(now)} now, was ${kinds(old)}`, places);
  } else changes.add("auth.changed", "auth", "has other details", places);
}
