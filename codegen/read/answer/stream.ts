/** `stream` of an operation. */
import type { Cursor } from "../../load/cursor.ts";
import type { BodyModel, ParameterModel } from "../../model/operation.ts";
import type { Schema } from "../../model/schema.ts";
import type { Condition, Selector } from "../../model/selector.ts";
import type { StreamModel } from "../../model/stream.ts";
import { readMediaType } from "../operation/body.ts";
import { readAccumulator } from "./accumulate.ts";
import { readCondition, readConditions } from "../selector/conditions.ts";
import { rootOf } from "../selector/selector.ts";
import { type Context, UNKNOWN } from "../context.ts";
import { defined, entriesOf, Fields, readText } from "../fields/fields.ts";
import { readSelectorIn } from "../selector/selector_in.ts";

const FORMATS: readonly StreamModel["format"][] = ["sse", "ndjson", "json-seq", "bytes"];

/** Keys that only some formats allow. */
const ONLY: Readonly<Record<string, readonly StreamModel["format"][]>> = {
  item: ["sse", "ndjson", "json-seq"],
  done: ["sse", "ndjson", "json-seq"],
  error: ["sse", "ndjson", "json-seq"],
  text: ["sse", "ndjson", "json-seq"],
  accumulate: ["sse", "ndjson", "json-seq"],
  events: ["sse"],
};

export function readStream(
  ctx: Context,
  cursor: Cursor,
  { body, parameters }: Request,
): StreamModel | undefined {
  const fields = Fields.read(ctx.report, cursor, "stream");
  const format = fields?.choice("format", FORMATS);
  if (fields === undefined || format === undefined) return undefined;
  for (const [key, formats] of Object.entries(ONLY)) {
    const at = fields.at(key);
    if (at === undefined || formats.includes(format)) continue;
    const message = `A stream of format ${format} has no \`${key}\`.`;
    ctx.report.add("VC1702", at, message, `It belongs to ${formats.join(", ")}.`, "key");
  }
  const when = readWhen(ctx, fields, { body, parameters });
  const at = ctx.report.position(cursor);
  const acceptAt = fields.at("accept");
  const accept = acceptAt && readMediaType(ctx, acceptAt);
  if (format === "bytes") {
    const item: Schema = { kind: "bytes" };
    return defined({ when, format, accept, item, events: [], errorWhen: [], at }) as StreamModel;
  }
  const itemAt = fields.at("item");
  if (itemAt === undefined) {
    const message = `A stream of format ${format} needs the type of its items.`;
    ctx.report.add("VC1703", cursor, message, "Add `item: TypeName`.", "key");
  }
  const item = itemAt === undefined ? UNKNOWN : ctx.readSchema(ctx, itemAt);
  ctx.readTypes();
  const done = readDone(ctx, fields, item, format);
  if (done === undefined && format === "sse" && fields.at("done") === undefined) {
    const help =
      'Add `done: "[DONE]"` or `done: { when: { $.type: message_stop } }`; otherwise a stream that was cut off looks complete.';
    ctx.report.add("VC1705", cursor, "Nothing marks the end of this stream.", help, "key");
  }
  const textAt = fields.at("text");
  const accumulateAt = fields.at("accumulate");
  return defined({
    when,
    format,
    accept,
    item,
    done,
    events: fields.texts("events"),
    ...readError(ctx, fields, item, format),
    ...(textAt === undefined ? {} : readItemText(ctx, textAt, item)),
    accumulate: accumulateAt && readAccumulator(ctx, accumulateAt, item),
    at,
  }) as StreamModel;
}

interface Request {
  readonly body: BodyModel | undefined;
  readonly parameters: readonly ParameterModel[];
}

function readWhen(ctx: Context, fields: Fields, { body, parameters }: Request): Condition[] {
  const at = fields.at("when");
  if (at === undefined) return [];
  const input: Schema = { kind: "object", properties: parameters, additional: false };
  return entriesOf(ctx.report, at).flatMap((entry): Condition[] => {
    const [text, value] = entry;
    if (rootOf(text) === "input") return readCondition(ctx, entry, input, { root: "input" });
    if (body?.kind === "json") return readCondition(ctx, entry, body.schema, { root: "body" });
    const help =
      "Remove `when` if the operation always streams, declare the JSON body that it looks into, or name a parameter: `$input.watch`.";
    ctx.report.add("VC1701", value, "This operation has no JSON body to look into.", help, "key");
    return [];
  });
}

function readDone(
  ctx: Context,
  fields: Fields,
  item: Schema,
  format: StreamModel["format"],
): StreamModel["done"] {
  const at = fields.at("done");
  if (at === undefined) return undefined;
  if (at.kind !== "mapping") {
    const text = readText(ctx.report, at);
    if (text !== undefined && format === "json-seq") {
      const help = "Use `done: { when: { $.type: end } }`.";
      ctx.report.add("VC1702", at, "A JSON sequence has no text to compare with.", help);
    }
    return text === undefined ? undefined : { kind: "data", text };
  }
  const when = at.at("when");
  const event = at.at("event");
  if (event !== undefined && at.keys().length === 1) {
    const name = isNamed(ctx, at, format) ? readText(ctx.report, event) : undefined;
    return name === undefined ? undefined : { kind: "event", event: name };
  }
  if (when === undefined || at.keys().length > 1) {
    ctx.report.add(
      "VC1103",
      at,
      "`done` is text, `{ when: … }` or `{ event: … }`.",
      "Write `done: { when: { $.type: message_stop } }` or `done: { event: end }`.",
      "key",
    );
    return undefined;
  }
  return { kind: "item", when: readConditions(ctx, when, item, { listed: true }) };
}

/** A selector, or `{ from, when }` if the same place has a different meaning in other items. */
function readItemText(
  ctx: Context,
  at: Cursor,
  item: Schema,
): { text?: Selector; textWhen?: Condition[] } {
  const fields = at.kind === "mapping" ? Fields.read(ctx.report, at, "streamText") : undefined;
  if (at.kind === "mapping" && fields === undefined) return {};
  const from = fields === undefined ? at : fields.at("from");
  const text = from && readSelectorIn(ctx, from, item, { kinds: ["string"] });
  const when = fields?.at("when");
  if (text === undefined) return {};
  return when === undefined ? { text } : { text, textWhen: readConditions(ctx, when, item) };
}

/** Only server-sent events have names. */
function isNamed(ctx: Context, at: Cursor, format: StreamModel["format"]): boolean {
  if (format === "sse") return true;
  const message = `The parts of a stream of format ${format} have no event names.`;
  ctx.report.add("VC1702", at, message, "Name a value of the item with a selector.", "key");
  return false;
}

type ErrorMarks = Pick<StreamModel, "errorEvents" | "errorMessage" | "error" | "errorWhen">;

/** A selector (a value there is the error), conditions on the item, or event names. */
function readError(
  ctx: Context,
  fields: Fields,
  item: Schema,
  format: StreamModel["format"],
): ErrorMarks {
  const at = fields.at("error");
  if (at === undefined) return { errorWhen: [] };
  if (at.at("event") !== undefined) {
    const named = Fields.read(ctx.report, at, "streamError");
    if (named === undefined || !isNamed(ctx, at, format)) return { errorWhen: [] };
    const messageAt = named.at("message");
    const errorMessage = messageAt && readSelectorIn(ctx, messageAt, undefined);
    return defined({ errorWhen: [], errorEvents: named.texts("event"), errorMessage });
  }
  if (at.kind === "mapping") return { errorWhen: readConditions(ctx, at, item) };
  // An error inside the stream usually has a different type than an item, so its selector is only parsed.
  const error = readSelectorIn(ctx, at, undefined);
  return error === undefined ? { errorWhen: [] } : { error, errorWhen: [] };
}
