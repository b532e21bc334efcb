/** `usage`: where the API reports what a call used. */
import type { Cursor } from "../../load/cursor.ts";
import type { ResultModel, UsageModel } from "../../model/operation.ts";
import type { Context } from "../context.ts";
import { defined, Fields } from "../fields/fields.ts";
import { readSelectorIn } from "../selector/selector_in.ts";

export function readUsage(
  ctx: Context,
  cursor: Cursor,
  result: ResultModel,
): UsageModel | undefined {
  const fields = Fields.read(ctx.report, cursor, "usage");
  if (fields === undefined) return undefined;
  const pick = (key: string): ReturnType<typeof readSelectorIn> => {
    const at = fields.at(key);
    return at &&
      readSelectorIn(ctx, at, result.kind === "json" ? result.schema : undefined, {
        kinds: ["number"],
      });
  };
  return defined({
    input: pick("input"),
    output: pick("output"),
    total: pick("total"),
    cached: pick("cached"),
  }) as UsageModel;
}
