/** `webhooks`: events that the API sends, and how they are verified. */
import type { Cursor } from "../load/cursor.ts";
import type { Schema } from "../model/schema.ts";
import type { WebhookEvent, WebhooksModel } from "../model/webhook.ts";
import type { Context } from "./context.ts";
import { defined, entriesOf, Fields, isKind } from "./fields/fields.ts";
import { checkHeaderName } from "./headers.ts";
import { pascalCase } from "./names.ts";
import { readSelector } from "./selector/selector.ts";
import { kindsOf, select } from "./selector/selector_type.ts";
import { tellMisfits, ValueCheck } from "./value/value.ts";
import { readVerification } from "./verification.ts";

export function readWebhooks(ctx: Context, cursor: Cursor): WebhooksModel | undefined {
  const fields = Fields.read(ctx.report, cursor, "webhooks");
  if (fields === undefined) return undefined;
  const nameAt = fields.at("name");
  const name = nameAt && readName(ctx, nameAt);
  const verifyAt = fields.at("verify");
  const verify = verifyAt && readVerification(ctx, verifyAt);
  const eventsAt = fields.at("events");
  const entries = eventsAt === undefined ? [] : entriesOf(ctx.report, eventsAt);
  if (eventsAt?.kind === "mapping" && entries.length === 0) {
    const help = 'Add one: `events: { "item.created": { type: ItemEvent } }`.';
    ctx.report.add("VC2404", eventsAt, "There are no webhook events.", help, "key");
  }
  const typeNames = new Map<string, string>();
  const events = entries.flatMap(([key, at]): WebhookEvent[] => {
    const event = readEvent(ctx, key, at, typeNames);
    if (event === undefined) return [];
    if (name?.kind === "body" && nameAt !== undefined) {
      checkName(ctx, nameAt, at, name.selector, event);
    }
    return [event];
  });
  if (name === undefined || verify === undefined) return undefined;
  return { verify, name, events, at: ctx.report.position(cursor) };
}

function readName(ctx: Context, at: Cursor): WebhooksModel["name"] | undefined {
  if (at.kind !== "mapping") {
    const selector = readSelector(ctx.report, at, at.value);
    return selector && { kind: "body", selector };
  }
  const header = at.at("header");
  if (header === undefined || at.keys().length > 1) {
    const help = "Write `name: $.type` or `name: { header: X-Event }`.";
    ctx.report.add("VC2405", at, "This does not say where an event's name is.", help);
    return undefined;
  }
  if (!isKind(ctx.report, header, "text")) return undefined;
  checkHeaderName(ctx.report, header, String(header.value), "value");
  return { kind: "header", header: String(header.value).toLowerCase() };
}

function readEvent(
  ctx: Context,
  key: string,
  cursor: Cursor,
  typeNames: Map<string, string>,
): WebhookEvent | undefined {
  const short = cursor.kind === "text";
  const fields = short ? undefined : Fields.read(ctx.report, cursor, "webhookEvent");
  const typeAt = short ? cursor : fields?.at("type");
  if (typeAt === undefined) return undefined;
  const schema = ctx.readSchema(ctx, typeAt);
  ctx.readTypes();
  const typeName = pascalCase(key);
  const other = typeNames.get(typeName);
  if (other !== undefined || typeName === "") {
    const message = other === undefined
      ? `\`${key}\` has no letters.`
      : `\`${key}\` and \`${other}\` both become \`${typeName}\`.`;
    ctx.report.add("VC2102", cursor, message, "Rename one of them.", "key");
  }
  typeNames.set(typeName, key);
  const exampleAt = fields?.at("example");
  if (exampleAt !== undefined) {
    const check = new ValueCheck(ctx.types, { direction: "response" });
    check.check(schema, exampleAt.json(), []);
    tellMisfits(ctx, exampleAt, "VC2301", check.misfits, "The event does not fit: ");
  }
  const deprecatedAt = fields?.at("deprecated");
  return defined({
    name: key,
    typeName,
    schema,
    doc: fields?.text("description"),
    deprecated: deprecatedAt?.kind === "text"
      ? String(deprecatedAt.value)
      : fields?.boolean("deprecated"),
    example: exampleAt?.json(),
    at: ctx.report.position(cursor),
  }) as WebhookEvent;
}

/** The event's own type must allow its name at the place from which it is read. */
function checkName(
  ctx: Context,
  nameAt: Cursor,
  at: Cursor,
  selector: Parameters<typeof select>[2],
  event: WebhookEvent,
): void {
  const found = select(ctx.types, event.schema, selector);
  if (found.problem !== undefined) {
    ctx.report.add(
      "VC2405",
      at,
      `The name of \`${event.name}\` cannot be determined: ${found.problem}`,
      found.help,
    );
    return;
  }
  const problem = misfit(ctx, found.schema, event.name);
  if (problem !== undefined) {
    const help = "Let the type's property be that name: `type: { const: item.created }`.";
    ctx.report.add(
      "VC2405",
      at,
      `The type of \`${event.name}\` does not allow that name: ${problem}`,
      help,
    );
  }
  const kinds = kindsOf(ctx.types, found.schema);
  if (!kinds.has("string") && !kinds.has("unknown")) {
    ctx.report.add("VC1403", nameAt, `\`${selector.text}\` is not text.`, "Select a text.");
  }
}

function misfit(ctx: Context, schema: Schema, value: string): string | undefined {
  const check = new ValueCheck(ctx.types, { direction: "request" });
  check.check(schema, value, []);
  return check.misfits[0]?.message;
}
