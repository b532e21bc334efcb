/** Webhooks and callbacks → `webhooks`. */
import type { Conversion } from "./conversion.ts";
import type { CandidateOperation } from "./operation/operation.ts";
import { isWanted, type OperationFilter } from "./operation/filter.ts";
import { mediaOf } from "./operation/media.ts";
import { propertyAt, propertyNamesOf } from "./schema/properties.ts";
import type { Out, OutObject } from "./schema/out.ts";
import { pascalCase } from "../../read/names.ts";
import { list, type Obj, object, strings, text } from "./value.ts";

/** Something that the API sends. */
interface Message {
  readonly where: string;
  readonly operation: Obj;
  readonly schema: unknown;
  readonly parameters: readonly Obj[];
}

/** Tried first where events can be told apart by several properties. */
const USUAL = ["type", "event", "event_type", "eventType", "kind", "name", "topic", "action"];

export function importWebhooks(
  ctx: Conversion,
  document: Obj,
  operations: readonly CandidateOperation[],
  filter: OperationFilter,
): OutObject | undefined {
  const hooks = Object.entries(object(document["webhooks"] ?? document["x-webhooks"])).flatMap(
    ([name, item]) =>
      messagesOf(ctx, ctx.refs.follow(item, `webhooks.${name}`), `webhooks.${name}`, filter),
  );
  const callbacks = operations.flatMap((one) => callbacksOf(ctx, one));
  const all = [...hooks, ...callbacks];
  for (const messages of [all, hooks, callbacks]) {
    const named = messages.length === 0
      ? undefined
      : byProperty(ctx, messages) ?? byHeader(ctx, messages);
    if (named === undefined) continue;
    for (const { where } of all.filter((one) => !messages.includes(one))) lose(ctx, where);
    const why =
      "How they are signed is not in the document, so nothing is verified: say it as `webhooks.verify` in the overlay.";
    ctx.losses.add("webhook", "webhooks", why);
    return { verify: { type: "none" }, name: named.name, events: eventsOf(ctx, named.groups) };
  }
  for (const { where } of all) lose(ctx, where);
  return undefined;
}

function lose(
  ctx: Conversion,
  where: string,
  why = "nothing in it says which event it is",
): void {
  const kind = where.startsWith("webhooks.") ? "webhook" : "callback";
  ctx.losses.add(kind, where, `Left out: ${why}.`);
}

function messagesOf(ctx: Conversion, item: Obj, where: string, filter: OperationFilter): Message[] {
  return ["post", "put", "patch"].flatMap((method): Message[] => {
    const operation = object(item[method]);
    const id = where.replace(/^webhooks\./, "");
    const candidate = {
      operationId: text(operation["operationId"]),
      id,
      path: id,
      tags: strings(operation["tags"]),
    };
    const body = ctx.refs.follow(operation["requestBody"] ?? {}, where);
    const json = mediaOf(ctx.refs, body["content"]).find((one) => one.kind === "json");
    if (item[method] === undefined || !isWanted(candidate, filter)) return [];
    if (json === undefined) {
      lose(ctx, where, "it has no JSON body");
      return [];
    }
    const parameters = [...list(item["parameters"]), ...list(operation["parameters"])];
    return [{
      where,
      operation,
      schema: json.schema,
      parameters: parameters.map((one) => ctx.refs.follow(one, where)),
    }];
  });
}

/** What is sent to the address that a call gives. */
function callbacksOf(ctx: Conversion, { operation, where }: CandidateOperation): Message[] {
  return Object.entries(object(operation["callbacks"])).flatMap(([name, stated]) => {
    const at = `${where} ${name}`;
    return Object.values(ctx.refs.follow(stated, at)).flatMap((item) =>
      messagesOf(ctx, ctx.refs.follow(item, at), at, {})
    );
  });
}

interface Named {
  readonly name: unknown;
  readonly groups: ReadonlyMap<string, readonly Message[]>;
}

/** A property that has one fixed text in each of them. */
function byProperty(ctx: Conversion, messages: readonly Message[]): Named | undefined {
  const [first] = messages;
  const names = propertyNamesOf(ctx.refs, first?.schema).filter((name) =>
    /^[A-Za-z_]\w*$/.test(name)
  );
  const order = (name: string): number => USUAL.includes(name) ? USUAL.indexOf(name) : USUAL.length;
  for (const name of names.toSorted((a, b) => order(a) - order(b))) {
    const groups = grouped(
      messages,
      ({ schema }) => fixed(ctx.refs.schema(propertyAt(ctx.refs, schema, name))),
    );
    // One value for all of them says nothing, unless there is one of them.
    if (groups !== undefined && (groups.size > 1 || messages.length === 1)) {
      return { name: `$.${name}`, groups };
    }
  }
  return undefined;
}

/** A header that says it in each of them, by its value or its example. */
function byHeader(ctx: Conversion, messages: readonly Message[]): Named | undefined {
  const headers = new Set(
    messages.flatMap(({ parameters }) =>
      parameters.flatMap((one) => one["in"] === "header" ? [String(one["name"])] : [])
    ),
  );
  for (const header of [...headers].filter((name) => /event|topic|type|action/i.test(name))) {
    const groups = grouped(messages, ({ parameters }) => {
      const one = parameters.find((parameter) => parameter["name"] === header);
      const schema = ctx.refs.schema(one?.["schema"]);
      return fixed(schema) ?? text(one?.["example"]) ?? text(schema["example"]);
    });
    if (groups !== undefined) return { name: { header }, groups };
  }
  return undefined;
}

function fixed(schema: Obj): string | undefined {
  const values = list(schema["enum"]);
  return text(schema["const"]) ?? (values.length === 1 ? text(values[0]) : undefined);
}

/** Undefined when one of them has no name. */
function grouped(
  messages: readonly Message[],
  nameOf: (message: Message) => string | undefined,
): ReadonlyMap<string, readonly Message[]> | undefined {
  const groups = new Map<string, Message[]>();
  for (const message of messages) {
    const name = nameOf(message);
    if (name === undefined) return undefined;
    const group = groups.get(name) ?? [];
    group.push(message);
    groups.set(name, group);
  }
  return groups;
}

function eventsOf(ctx: Conversion, groups: Named["groups"]): OutObject {
  const events: OutObject = {};
  const taken = new Set<string>();
  for (const [name, messages] of groups) {
    const [first] = messages;
    const typeName = pascalCase(name);
    if (first === undefined || typeName === "" || taken.has(typeName)) {
      ctx.losses.add("webhook", `webhooks.${name}`, "Left out: its name cannot be one of a type.");
      continue;
    }
    taken.add(typeName);
    const types = new Map<string, Out>();
    for (const { schema, where } of messages) {
      const out = ctx.schema(schema ?? {}, where);
      types.set(JSON.stringify(out), out);
    }
    const [type = "unknown", ...more] = types.values();
    const description = text(first.operation["description"]) ?? text(first.operation["summary"]);
    events[name] = {
      type: more.length === 0 ? type : { anyOf: [type, ...more] },
      ...(description === undefined || messages.length > 1 ? {} : { description }),
      ...(messages.every(({ operation }) => operation["deprecated"] === true)
        ? { deprecated: true }
        : {}),
    };
  }
  return events;
}
