/** Lint: what is declared but never used. */
import type { Schema } from "../model/schema.ts";
import type { Context } from "./context.ts";
import type { Cursor } from "../load/cursor.ts";
import { reach } from "./types/graph.ts";

export function checkUnused(ctx: Context, roots: readonly Schema[]): void {
  // Anything that mistakes keep from being read would wrongly look unused.
  if (ctx.report.hasErrors) return;
  const used = reach(ctx.types, roots);
  for (const entry of ctx.types.entries.values()) {
    if (!entry.declared || used.has(entry.name) || !ctx.own.has(entry.cursor.doc)) continue;
    ctx.report.add(
      "VC2201",
      entry.cursor,
      `The type \`${entry.name}\` is never used.`,
      "Remove it, or use it.",
      "key",
    );
  }
  unusedNames(ctx, "config", ctx.config.keys(), ctx.usedConfig, "VC2202", "config field");
  unusedNames(ctx, "hooks", ctx.hooks.keys(), ctx.usedHooks, "VC2203", "hook");
}

function unusedNames(
  ctx: Context,
  section: string,
  names: Iterable<string>,
  used: ReadonlySet<string>,
  code: "VC2202" | "VC2203",
  what: string,
): void {
  const parent: Cursor | undefined = ctx.root.at(section);
  for (const name of names) {
    const at = parent?.at(name);
    if (used.has(name) || at === undefined) continue;
    ctx.report.add(
      code,
      at,
      `The ${what} \`${name}\` is never used.`,
      "Remove it, or use it.",
      "key",
    );
  }
}
