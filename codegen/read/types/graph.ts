/** Which types are reachable from where, and which refer to themselves. */
import { partsOf } from "../../model/schema_parts.ts";
import type { OperationModel } from "../../model/operation.ts";
import type { ErrorsModel } from "../../model/error_rule.ts";
import type { Schema, TypeModel } from "../../model/schema.ts";
import type { WebhooksModel } from "../../model/webhook.ts";
import type { Context } from "../context.ts";
import type { TypeEntry, TypeTable } from "./table.ts";

interface Roots {
  readonly request: Schema[];
  readonly response: Schema[];
}

export function rootsOf(
  operations: readonly OperationModel[],
  errors: ErrorsModel,
  webhooks: WebhooksModel | undefined,
): Roots {
  const roots: Roots = { request: [], response: [] };
  const rules = [...errors.rules, ...operations.flatMap((operation) => operation.errors)];
  for (const operation of operations) {
    for (const parameter of operation.parameters) roots.request.push(parameter.schema);
    if (operation.body !== undefined) {
      const { body } = operation;
      roots.request.push(body.schema, ...body.alternatives.map(({ schema }) => schema));
    }
    roots.response.push(operation.result.schema);
    if (operation.stream === undefined) continue;
    roots.response.push(operation.stream.item);
    if (operation.stream.accumulate !== undefined) {
      roots.response.push(operation.stream.accumulate.result);
    }
  }
  if (errors.schema !== undefined) roots.response.push(errors.schema);
  for (const rule of rules) if (rule.schema !== undefined) roots.response.push(rule.schema);
  for (const event of webhooks?.events ?? []) roots.response.push(event.schema);
  return roots;
}

/** Names of all reachable types. */
export function reach(types: TypeTable, roots: readonly Schema[]): Set<string> {
  const seen = new Set<string>();
  const open = [...roots];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.kind !== "ref") {
      open.push(...partsOf(at));
      continue;
    }
    if (seen.has(at.name)) continue;
    seen.add(at.name);
    const target = types.entries.get(at.name)?.schema;
    if (target !== undefined) open.push(target);
  }
  return seen;
}

export function typeModels(ctx: Context, roots: Roots): TypeModel[] {
  const inRequest = reach(ctx.types, roots.request);
  const inResponse = reach(ctx.types, roots.response);
  const recursive = recursiveTypes(ctx.types);
  const models: TypeModel[] = [];
  for (const entry of ctx.types.entries.values()) {
    const used = inRequest.has(entry.name) || inResponse.has(entry.name);
    // Whole files of types are imported at once; only the needed ones are generated.
    if (entry.schema === undefined || (!used && !ctx.own.has(entry.cursor.doc))) continue;
    models.push({
      name: entry.name,
      schema: entry.schema,
      inRequest: inRequest.has(entry.name),
      inResponse: inResponse.has(entry.name),
      recursive: recursive.has(entry.name),
      at: ctx.report.position(entry.cursor),
    });
  }
  return models;
}

function namesIn(schema: Schema): string[] {
  const names: string[] = [];
  const open: Schema[] = [schema];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.kind === "ref") names.push(at.name);
    else open.push(...partsOf(at));
  }
  return names;
}

/** Types on a cycle of references: Tarjan's components, without recursion, as chains can be long. */
function recursiveTypes(types: TypeTable): Set<string> {
  const edges = new Map<string, string[]>();
  for (const { name, schema } of types.entries.values()) {
    edges.set(name, schema === undefined ? [] : namesIn(schema));
  }
  const result = new Set<string>();
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  for (const start of edges.keys()) {
    if (index.has(start)) continue;
    const work: { name: string; next: number }[] = [{ name: start, next: 0 }];
    for (let frame = work.at(-1); frame !== undefined; frame = work.at(-1)) {
      const { name } = frame;
      if (frame.next === 0) {
        index.set(name, index.size);
        low.set(name, index.get(name) ?? 0);
        stack.push(name);
        onStack.add(name);
      }
      const target = edges.get(name)?.[frame.next++];
      if (target !== undefined) {
        if (target === name) result.add(name);
        if (!index.has(target) && edges.has(target)) work.push({ name: target, next: 0 });
        else if (onStack.has(target)) {
          low.set(name, Math.min(low.get(name) ?? 0, index.get(target) ?? 0));
        }
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) {
        low.set(parent.name, Math.min(low.get(parent.name) ?? 0, low.get(name) ?? 0));
      }
      if (low.get(name) !== index.get(name)) continue;
      const component: string[] = [];
      let member: string | undefined;
      do {
        member = stack.pop();
        if (member === undefined) break;
        onStack.delete(member);
        component.push(member);
      } while (member !== name);
      if (component.length > 1) { for (const one of component) result.add(one); }
    }
  }
  return result;
}

/** True if a value of the type would have to contain itself endlessly, or the name only refers to itself. */
export function checkEndless(ctx: Context): void {
  const finite = new Set<string>();
  const entries = [...ctx.types.entries.values()];
  let grew = true;
  while (grew) {
    grew = false;
    for (const entry of entries) {
      if (finite.has(entry.name) || entry.schema === undefined || !ends(entry.schema, finite)) {
        continue;
      }
      finite.add(entry.name);
      grew = true;
    }
  }
  for (const entry of entries) {
    if (!finite.has(entry.name) && entry.schema !== undefined) tell(ctx, entry);
  }
}

function ends(schema: Schema, finite: ReadonlySet<string>): boolean {
  switch (schema.kind) {
    case "ref":
      return finite.has(schema.name);
    case "object":
      return schema.properties.every((one) =>
        !one.required || one.schema.nullable === true || ends(one.schema, finite)
      );
    case "tuple":
      return schema.items.slice(0, schema.required).every((item) =>
        item.nullable === true || ends(item, finite)
      );
    case "array":
      return (schema.minItems ?? 0) === 0 || ends(schema.items, finite);
    case "union":
      return schema.members.some((member) => ends(member, finite));
    case "intersection":
      return schema.members.every((member) => ends(member, finite));
    default:
      return true;
  }
}

function tell(ctx: Context, entry: TypeEntry): void {
  ctx.report.add(
    "VC1210",
    entry.cursor,
    `A value of \`${entry.name}\` would have to contain itself endlessly.`,
    "Make a property along the way optional, nullable or a list.",
    "key",
  );
}
