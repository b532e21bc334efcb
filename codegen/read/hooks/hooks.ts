/** `hooks`: named functions in a module beside the spec, the only escape hatch. */
import type { Cursor } from "../../load/cursor.ts";
import type { HookModel } from "../../model/ir.ts";
import type { Context } from "../context.ts";
import type { HookExport, HookModule } from "./module.ts";
import { defined, entriesOf, Fields, isKind } from "../fields/fields.ts";
import { isIdentifier, isReservedWord } from "../names.ts";
import { didYouMean } from "../report/suggest.ts";

const KINDS: readonly HookModel["kind"][] = ["auth", "request", "response", "accumulate", "verify"];

/** The arguments that the runtime passes to each kind of hook, and the name of its type. */
const CALLED_WITH: Readonly<Record<HookModel["kind"], readonly [string, readonly string[]]>> = {
  auth: ["AuthHook", ["request", "config"]],
  request: ["RequestHook", ["request", "input", "config"]],
  response: ["ResponseHook", ["value", "reply"]],
  accumulate: ["AccumulateHook", ["value", "item"]],
  verify: ["VerifyHook", ["message", "config"]],
};

export function readHooks(ctx: Context, cursor: Cursor): void {
  for (const [name, at] of entriesOf(ctx.report, cursor)) {
    const hook = readHook(ctx, name, at);
    if (hook !== undefined) ctx.hooks.set(name, hook);
  }
}

function readHook(ctx: Context, name: string, cursor: Cursor): HookModel | undefined {
  const fields = Fields.read(ctx.report, cursor, "hook");
  if (fields === undefined) return undefined;
  if (!isIdentifier(name)) {
    const help = "Use letters, digits and _, starting with a letter.";
    ctx.report.add("VC2101", cursor, `\`${name}\` cannot be the name of a hook.`, help, "key");
  }
  const kind = fields.choice("kind", KINDS);
  const module = fields.text("module");
  const moduleAt = fields.at("module");
  const inFolder = module === undefined ||
    (/^\.\/[\w./-]+\.(ts|js|mjs)$/.test(module) && !module.split("/").includes(".."));
  if (!inFolder && moduleAt !== undefined) {
    const help = "Give a module of this folder, relative to the spec: `./hooks.ts`.";
    ctx.report.add("VC2403", moduleAt, `\`${module}\` is not a module beside the spec.`, help);
  }
  const member = fields.text("export");
  const memberAt = fields.at("export");
  if (member === undefined || memberAt === undefined) return undefined;
  const isName = isIdentifier(member) && !isReservedWord(member);
  if (!isName) {
    const help = "Give the name of an exported function, such as `signRequest`.";
    ctx.report.add("VC2403", memberAt, `\`${member}\` cannot be a named export.`, help);
  }
  if (kind === undefined || module === undefined || moduleAt === undefined) return undefined;
  if (inFolder && isName) {
    const found = ctx.hookModules?.(module, (message, help) => {
      ctx.report.add("VC2407", moduleAt, message, help);
    });
    if (found !== undefined) checkExport(ctx, memberAt, member, kind, module, found);
  }
  const doc = fields.text("description");
  return defined({
    name,
    kind,
    module,
    export: member,
    doc,
    at: ctx.report.position(cursor),
  }) as HookModel;
}

function checkExport(
  ctx: Context,
  cursor: Cursor,
  member: string,
  kind: HookModel["kind"],
  path: string,
  module: HookModule,
): void {
  const found = module.exports.get(member);
  if (found === undefined) {
    if (module.open) return;
    const functions = [...module.exports].filter(([, { is }]) => is === "function");
    const help = didYouMean(member, functions.map(([name]) => name), "exported functions");
    ctx.report.add("VC2408", cursor, `\`${path}\` exports no \`${member}\`.`, help);
    return;
  }
  const [type, given] = CALLED_WITH[kind];
  const wrong = wrongExport(found, given.length);
  if (wrong === undefined) return;
  const help = `Export a function of type \`${type}\`, which takes (${given.join(", ")}).`;
  ctx.report.add("VC2409", cursor, `\`${member}\` of \`${path}\` ${wrong}.`, help);
}

function wrongExport({ is, required }: HookExport, given: number): string | undefined {
  if (is === "function") {
    return required <= given
      ? undefined
      : `must be given ${required} arguments, and a hook of this kind gets ${given}`;
  }
  return is === "unknown" ? undefined : `is a ${is}, not a function`;
}

/** The name of a hook of that kind, or undefined after reporting it. */
export function useHook(ctx: Context, cursor: Cursor, kind: HookModel["kind"]): string | undefined {
  if (!isKind(ctx.report, cursor, "text")) return undefined;
  const name = String(cursor.value);
  const hook = ctx.hooks.get(name);
  if (hook === undefined) {
    const help = didYouMean(name, [...ctx.hooks.keys()], "hooks");
    ctx.report.add("VC2401", cursor, `There is no hook \`${name}\`.`, help);
    return undefined;
  }
  ctx.usedHooks.add(name);
  if (hook.kind === kind) return name;
  const message = `The hook \`${name}\` is of kind ${hook.kind}; this needs one of kind ${kind}.`;
  ctx.report.add("VC2402", cursor, message, `Define a hook with \`kind: ${kind}\`.`);
  return undefined;
}
