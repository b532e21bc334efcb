/** `hooks`: named functions in a module beside the spec, the one escape hatch. */
import type { Cursor } from "../load/cursor.ts";
import type { HookModel } from "../model/ir.ts";
import type { Context } from "./context.ts";
import { defined, entriesOf, Fields, isKind } from "./fields.ts";
import { isIdentifier, isReservedWord } from "./names.ts";
import { didYouMean } from "./suggest.ts";

const KINDS: readonly HookModel["kind"][] = ["auth", "request", "response", "accumulate", "verify"];

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
    ctx.report.add("VC2403", moduleAt, `\`${module}\` is no module beside the spec.`, help);
  }
  const member = fields.text("export");
  const memberAt = fields.at("export");
  if (
    member !== undefined && memberAt !== undefined &&
    (!isIdentifier(member) || isReservedWord(member))
  ) {
    const help = "Give the name of an exported function, such as `signRequest`.";
    ctx.report.add("VC2403", memberAt, `\`${member}\` cannot be a named export.`, help);
  }
  if (kind === undefined || module === undefined || member === undefined) return undefined;
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

/** The name of a hook of that kind, or undefined after telling. */
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
  const message =
    `The hook \`${name}\` is of kind ${hook.kind}; here one of kind ${kind} is called.`;
  ctx.report.add("VC2402", cursor, message, `Define a hook with \`kind: ${kind}\`.`);
  return undefined;
}
