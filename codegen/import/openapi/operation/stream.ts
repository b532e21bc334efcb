/** Media types that are streams of items → `stream`. */
import type { Conversion } from "../conversion.ts";
import { concrete, type Media } from "./media.ts";
import { propertyAt, propertyNamesOf } from "../schema/properties.ts";
import type { Out, OutObject } from "../schema/out.ts";
import { list, object, text } from "../value.ts";

/** Asked for where the spec says no more than the format. */
const USUAL: Readonly<Record<string, string>> = {
  sse: "text/event-stream",
  ndjson: "application/x-ndjson",
  "json-seq": "application/json-seq",
};

/** `others`: all media types of the answer. */
export function importStream(
  ctx: Conversion,
  media: Media,
  others: readonly Media[],
  where: string,
): OutObject {
  const at = `${where} stream`;
  const type = concrete(media.type, USUAL[media.kind] ?? media.type);
  const accept = type === USUAL[media.kind] ? {} : { accept: type };
  const common = { format: media.kind, ...accept };
  if (media.kind === "sse" && media.item !== undefined) {
    return { ...common, ...events(ctx, media.item, at) };
  }
  const all = ctx.refs.schema(media.schema);
  // Without a schema of items, that of all of them is a list.
  const item = media.item ?? (all["type"] === "array" ? all["items"] : media.schema);
  if (media.kind === "sse" && membersOf(ctx, item).every((one) => isEvent(ctx, one))) {
    return { ...common, ...events(ctx, item, at) };
  }
  // What is the whole answer elsewhere is not an item of it.
  const isWhole = /;\s*stream=/.test(media.type) &&
    others.some((one) =>
      one.kind === "json" && JSON.stringify(one.schema) === JSON.stringify(media.schema)
    );
  return { ...common, item: isWhole ? "unknown" : ctx.schema(item ?? {}, at) };
}

function membersOf(ctx: Conversion, item: unknown): readonly unknown[] {
  const whole = ctx.refs.schema(item);
  const members = [...list(whole["oneOf"]), ...list(whole["anyOf"])];
  return members.length === 0 ? [item] : members.flatMap((one) => membersOf(ctx, one));
}

/** Documents from before OpenAPI 3.2 describe events with their fields, too, which then are all that they describe. */
function isEvent(ctx: Conversion, schema: unknown): boolean {
  const names = propertyNamesOf(ctx.refs, schema);
  return names.includes("data") && names.length > 1 && names.every((name) => FIELDS.has(name));
}

const FIELDS: ReadonlySet<string> = new Set(["id", "event", "data", "retry"]);

interface EventKind {
  readonly names: readonly string[];
  /** Undefined: a text. */
  readonly content: unknown;
  /** Its data is always this. */
  readonly fixed: string | undefined;
}

/** OpenAPI 3.2 describes an event with its fields; what callers get is its data. */
function events(ctx: Conversion, item: unknown, where: string): OutObject {
  const all = membersOf(ctx, item).map((one) => kindOf(ctx, one));
  const kinds = all.filter((one) => one !== undefined);
  // Documents from before that have the data itself there.
  if (kinds.length < all.length || kinds.length === 0) return { item: ctx.schema(item, where) };
  const end = kinds.find(({ fixed, names }) => fixed !== undefined && !names.includes("error"));
  const items = kinds.filter((one) => one !== end && !isError(one));
  const data = items.filter(({ content }) => content !== undefined);
  const kept = data.length === 0 ? items : data;
  if (data.length > 0 && data.length < items.length) {
    ctx.losses.add("stream", where, "Events with a text beside those with JSON are left out.");
  }
  const types = new Map<string, Out>();
  for (const { content } of kept) {
    const out = content === undefined ? "string" : ctx.schema(content, where);
    types.set(JSON.stringify(out), out);
  }
  const [only = "unknown", ...more] = types.values();
  const named = kept.every(({ names }) => names.length > 0);
  return {
    item: more.length === 0 ? only : { anyOf: [only, ...more] },
    ...(named && kept.length > 0 ? { events: kept.flatMap(({ names }) => names) } : {}),
    ...(end === undefined
      ? {}
      : { done: end.names[0] === undefined ? end.fixed : { event: end.names[0] } }),
  };
}

/** The runtime takes it for an error by its name. */
function isError({ names }: EventKind): boolean {
  return names.length === 1 && names[0] === "error";
}

/** Undefined for what does not describe an event. */
function kindOf(ctx: Conversion, schema: unknown): EventKind | undefined {
  const stated = propertyAt(ctx.refs, schema, "data");
  const event = ctx.refs.schema(propertyAt(ctx.refs, schema, "event"));
  if (stated === undefined && event["const"] === undefined) return undefined;
  const names = event["const"] === undefined ? list(event["enum"]) : [event["const"]];
  const data = ctx.refs.schema(stated);
  // By its name, if it has one.
  const own = isText(data) ? isJson(text(data["contentMediaType"])) ? {} : undefined : stated;
  return {
    names: names.filter((name) => typeof name === "string"),
    content: data["contentSchema"] ?? (stated === undefined ? undefined : own),
    fixed: stated === undefined ? "" : text(data["const"]),
  };
}

function isText(schema: unknown): boolean {
  const { type } = object(schema);
  return type === undefined || type === "string";
}

function isJson(type: string | undefined): boolean {
  return type !== undefined && /^application\/(?:[\w.-]+\+)?json\b/i.test(type);
}
