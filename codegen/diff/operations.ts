/** Compares two versions of an operation, part by part. */
import type {
  BodyForm,
  BodyModel,
  ExampleModel,
  OperationModel,
  StreamModel,
} from "../model/mod.ts";
import { resultSchema } from "../emit/plan.ts";
import { pairs, type Places, same, shape } from "./changes.ts";
import type { Comparison } from "./comparison.ts";
import { compareErrorRules } from "./errors.ts";
import type { RuleCode } from "./rules.ts";

export function compareOperations(
  old: readonly OperationModel[],
  now: readonly OperationModel[],
  ctx: Comparison,
): void {
  const all = pairs(old, now, (operation) => operation.id);
  const gone = all.flatMap((pair) => pair.new === undefined ? [pair.old as OperationModel] : []);
  const renamed = new Set<OperationModel>();
  for (const { key, old: before, new: after } of all) {
    if (before === undefined && after !== undefined) {
      const earlier = gone.find((one) => !renamed.has(one) && requestOf(one) === requestOf(after));
      if (earlier === undefined) {
        const message = `was added: ${after.method} ${after.pathText}`;
        ctx.changes.add("operation.added", key, message, { old: undefined, new: after.at });
        continue;
      }
      renamed.add(earlier);
      const message = `is called \`${after.id}\` now`;
      ctx.changes.add("operation.renamed", earlier.id, message, { old: earlier.at, new: after.at });
      compareOperation(earlier, after, ctx);
    } else if (before !== undefined && after !== undefined) compareOperation(before, after, ctx);
  }
  for (const operation of gone) {
    if (renamed.has(operation)) continue;
    const places = { old: operation.at, new: undefined };
    ctx.changes.add("operation.removed", operation.id, "was removed", places);
  }
}

function requestOf(operation: OperationModel): string {
  return `${operation.method} ${operation.pathText}`;
}

function compareOperation(old: OperationModel, now: OperationModel, ctx: Comparison): void {
  const { changes } = ctx;
  const places = { old: old.at, new: now.at };
  const tell = (code: RuleCode, message: string): void =>
    changes.add(code, now.id, message, places);
  const differ = (code: RuleCode, part: (of: OperationModel) => unknown, message: string): void => {
    if (!same(part(old), part(now))) tell(code, message);
  };
  if (old.id === now.id && !same(names(old), names(now))) {
    tell("operation.name", `is ${now.members.join(".")} and ${now.functionName} in the client now`);
  }
  if (requestOf(old) !== requestOf(now) || old.server !== now.server) {
    const server = old.server === now.server ? "" : ` on the server \`${now.server}\``;
    tell("operation.request", `is ${requestOf(now)}${server} now, was ${requestOf(old)}`);
  }
  const asked = ({ query }: OperationModel): unknown => query && { ...query, session: undefined };
  differ("operation.query", asked, "asks something else");
  differ("operation.session", (of) => of.query?.session, "runs in another session");
  compareParameters(old, now, ctx);
  compareBodies(old, now, ctx);
  compareResults(old, now, ctx);
  compareStreams(old.stream, now.stream, now.id, ctx, places);
  comparePages(old, now, ctx);
  compareErrorRules(old.errors, now.errors, `${now.id} error`, ctx);
  if (!old.waitFor !== !now.waitFor) {
    if (now.waitFor) tell("wait.added", "can be waited for now");
    else tell("wait.removed", "can no longer be waited for");
  } else differ("wait.wire", (of) => of.waitFor, "is waited for differently");
  if (!old.deprecated !== !now.deprecated) {
    if (now.deprecated) {
      const why = typeof now.deprecated === "string" ? `: ${now.deprecated}` : "";
      tell("operation.deprecated", `is deprecated${why}`);
    } else tell("operation.restored", "is no longer deprecated");
  }
  differ("auth.changed", (of) => of.auth, "is authenticated differently");
  differ("operation.idempotency", (of) => of.idempotency, "has a different idempotency key");
  differ("operation.headers", (of) => of.headers, "sends different headers");
  // Inherited settings are reported for the connector.
  const inherited = same(old.policy, ctx.old.policy) && same(now.policy, ctx.new.policy);
  if (!inherited) {
    differ("operation.policy", (of) => of.policy, "has different timeouts, retries or rate limits");
  }
  differ("operation.hooks", (of) => of.hooks, "has other hooks");
  differ("operation.usage", (of) => of.usage, "reads its usage from elsewhere");
  differ(
    "operation.text",
    ({ summary, doc, link, tags }) => ({ summary, doc, link, tags }),
    "has a different summary, description, link or tags",
  );
  differ("operation.examples", (of) => of.examples.map(plainExample), "has other examples");
}

function names({ members, functionName, typeName }: OperationModel): unknown {
  return { members, functionName, typeName };
}

function plainExample({ at: _, ...example }: ExampleModel): unknown {
  return example;
}

function compareParameters(
  old: OperationModel,
  now: OperationModel,
  { changes, schemas }: Comparison,
): void {
  for (const pair of pairs(old.parameters, now.parameters, (parameter) => parameter.name)) {
    const subject = `${now.id} ${pair.key}`;
    const places = { old: pair.old?.at ?? old.at, new: pair.new?.at };
    const tell = (code: RuleCode, message: string): void =>
      changes.add(code, subject, message, places);
    if (pair.new === undefined) {
      // If the body now has the property, it is still accepted.
      if (bodyProperty(now, pair.key)) continue;
      tell("parameter.removed", "was removed");
      continue;
    }
    if (pair.old === undefined) {
      if (bodyProperty(old, pair.key)) continue;
      if (pair.new.required) tell("parameter.added.required", "was added and is required");
      else tell("parameter.added.optional", "was added");
      continue;
    }
    const [before, after] = [pair.old, pair.new];
    if (before.required !== after.required) {
      if (after.required) tell("parameter.required", "is required now");
      else tell("parameter.optional", "is optional now");
    }
    if (!same(before.send, after.send)) {
      const sent = after.send === undefined ? "nothing" : JSON.stringify(after.send);
      tell("parameter.sent", `if it is left out, ${sent} is sent now`);
    }
    const wire = ({ wire, in: place, style, explode, allowReserved }: typeof after): unknown => ({
      wire,
      place,
      style,
      explode,
      allowReserved,
    });
    if (!same(wire(before), wire(after))) {
      tell(
        "parameter.wire",
        `is sent as ${after.in} \`${after.wire}\` in style ${after.style} now`,
      );
    }
    if (before.doc !== after.doc) tell("schema.text", "has another description");
    if (!before.deprecated !== !after.deprecated) {
      tell("schema.deprecated", after.deprecated ? "is deprecated" : "is no longer deprecated");
    }
    schemas.compare(before.schema, after.schema, "request", subject, places);
  }
}

/** Whether an inline body has the property. */
function bodyProperty(operation: OperationModel, name: string): boolean {
  const { body } = operation;
  return body?.mode === "spread" && body.schema.kind === "object" &&
    body.schema.properties.some((property) => property.name === name);
}

function compareBodies(old: OperationModel, now: OperationModel, ctx: Comparison): void {
  const [before, after] = [old.body, now.body];
  const places = { old: before?.at ?? old.at, new: after?.at ?? now.at };
  const tell = (code: RuleCode, message: string): void =>
    ctx.changes.add(code, `${now.id} body`, message, places);
  if (before === undefined || after === undefined) {
    if (after !== undefined) {
      if (after.required) tell("body.added.required", "was added and is required");
      else tell("body.added.optional", "was added");
    } else if (before !== undefined) tell("body.removed", "was removed");
    return;
  }
  if (before.required !== after.required) {
    if (after.required) tell("body.required", "is required now");
    else tell("body.optional", "is optional now");
  }
  if (before.mode !== after.mode || (after.mode === "key" && before.key !== after.key)) {
    const where = after.mode === "key"
      ? `the property \`${after.key}\` of the input`
      : "all properties of the input that are not parameters";
    tell("body.place", `is ${where} now`);
  }
  const wire = ({ kind, contentType, nested, arrays, parts }: BodyForm): unknown => ({
    kind,
    contentType,
    nested,
    arrays,
    parts,
  });
  if (!same(wire(before), wire(after))) tell("body.wire", `is sent as ${after.contentType} now`);
  const others = (body: BodyModel): Map<string, BodyForm> =>
    new Map(body.alternatives.map((one) => [one.contentType, one]));
  const [had, has] = [others(before), others(after)];
  for (const [type, one] of had) {
    const kept = has.get(type) ?? (after.contentType === type ? after : undefined);
    if (kept === undefined) tell("body.alternative.removed", `can no longer be sent as ${type}`);
    else ctx.schemas.compare(one.schema, kept.schema, "request", `${now.id} body ${type}`, places);
  }
  for (const type of has.keys()) {
    if (!had.has(type) && before.contentType !== type) {
      tell("body.alternative.added", `can be sent as ${type} too`);
    }
  }
  ctx.schemas.compare(before.schema, after.schema, "request", `${now.id} body`, places);
}

function compareResults(old: OperationModel, now: OperationModel, ctx: Comparison): void {
  const places = { old: old.result.at, new: now.result.at };
  const subject = `${now.id} result`;
  const tell = (code: RuleCode, message: string): void =>
    ctx.changes.add(code, subject, message, places);
  if (old.result.kind !== now.result.kind) {
    tell("result.kind", `is ${now.result.kind} now, was ${old.result.kind}`);
    return;
  }
  if (old.result.mayBeEmpty !== now.result.mayBeEmpty) {
    if (now.result.mayBeEmpty) tell("result.empty", "may be missing now");
    else tell("result.present", "is always there now");
  }
  const place = ({ select, accept }: OperationModel["result"]): unknown => [select?.text, accept];
  if (!same(place(old.result), place(now.result))) {
    tell("result.place", "is taken from another place or content type");
  }
  const [before, after] = [resultSchema(ctx.old, old), resultSchema(ctx.new, now)];
  ctx.schemas.compare(before, after, "response", subject, places);
}

function compareStreams(
  old: StreamModel | undefined,
  now: StreamModel | undefined,
  id: string,
  { changes, schemas }: Comparison,
  outer: Places,
): void {
  const places = { old: old?.at ?? outer.old, new: now?.at ?? outer.new };
  const tell = (code: RuleCode, message: string): void =>
    changes.add(code, `${id} stream`, message, places);
  if (old === undefined || now === undefined) {
    if (now !== undefined) {
      if (now.when.length > 0) tell("stream.added", "was added");
      else tell("stream.always", "is what the operation always answers with now");
    } else if (old !== undefined) tell("stream.removed", "was removed");
    return;
  }
  if (conditions(old) !== conditions(now)) tell("stream.when", "starts with different input");
  const wire = ({ format, done, events, error, errorWhen }: StreamModel): unknown => [
    format,
    done,
    events,
    error?.text,
    errorWhen,
  ];
  if (!same(wire(old), wire(now))) tell("stream.wire", "is read differently");
  if (!old.text !== !now.text) {
    if (now.text) tell("stream.text.added", "has text now");
    else tell("stream.text.removed", "no longer has text");
  }
  if (!old.accumulate !== !now.accumulate) {
    if (now.accumulate) tell("stream.result.added", "has a final result now");
    else tell("stream.result.removed", "no longer has a final result");
  }
  schemas.compare(old.item, now.item, "response", `${id} stream item`, places);
  if (old.accumulate !== undefined && now.accumulate !== undefined) {
    const subject = `${id} final result`;
    schemas.compare(old.accumulate.result, now.accumulate.result, "response", subject, places);
  }
}

function conditions(stream: StreamModel): string {
  return shape(stream.when.map(({ selector, oneOf }) => [selector.text, oneOf]));
}

function comparePages(old: OperationModel, now: OperationModel, ctx: Comparison): void {
  const [before, after] = [old.pagination, now.pagination];
  const places = { old: before?.at ?? old.at, new: after?.at ?? now.at };
  const tell = (code: RuleCode, message: string): void =>
    ctx.changes.add(code, `${now.id} pages`, message, places);
  if (before === undefined || after === undefined) {
    if (after !== undefined) tell("pages.added", "give the result now, instead of one value");
    else if (before !== undefined) {
      tell("pages.removed", "were removed: the result is one value now");
    }
    return;
  }
  const { itemSchema: oldItem, ...oldRest } = before;
  const { itemSchema: newItem, ...newRest } = after;
  if (!same(oldRest, newRest)) tell("pages.wire", `are found by style ${after.style} now`);
  ctx.schemas.compare(oldItem, newItem, "response", `${now.id} page item`, places);
}
