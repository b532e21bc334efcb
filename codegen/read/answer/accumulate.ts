/** `accumulate` of a stream: how its items become one result. */
import type { Cursor } from "../../load/cursor.ts";
import type { Schema } from "../../model/schema.ts";
import type { Json, Selector } from "../../model/selector.ts";
import type { Accumulator, AccumulatorRule } from "../../model/stream.ts";
import { readConditions } from "../selector/conditions.ts";
import { type Context, UNKNOWN } from "../context.ts";
import { defined, Fields, isKind, readChoice, readText } from "../fields/fields.ts";
import { useHook } from "../hooks/hooks.ts";
import { readSelectorIn } from "../selector/selector_in.ts";
import { propertyOf } from "../../model/types/resolve.ts";
import type { ShapeName } from "../fields/shapes.ts";

const SHAPES: Readonly<Record<Accumulator["style"], ShapeName>> = {
  merge: "accumulateMerge",
  event: "accumulateEvent",
  rules: "accumulateRules",
  hook: "accumulateHook",
};
const STYLES = Object.keys(SHAPES) as Accumulator["style"][];
const ACTIONS = ["set", "merge", "concat", "push", "parse"] as const;

export function readAccumulator(
  ctx: Context,
  cursor: Cursor,
  item: Schema,
): Accumulator | undefined {
  if (!isKind(ctx.report, cursor, "mapping")) return undefined;
  const styleAt = cursor.at("style");
  if (styleAt === undefined) {
    const help = `Add \`style:\`, one of ${STYLES.join(", ")}.`;
    ctx.report.add("VC1103", cursor, "An accumulator needs the key `style`.", help, "key");
    return undefined;
  }
  const style = readChoice(ctx.report, styleAt, STYLES);
  const fields = style && Fields.read(ctx.report, cursor, SHAPES[style]);
  if (style === undefined || fields === undefined) return undefined;
  const resultAt = fields.at("result");
  const result = resultAt === undefined ? UNKNOWN : ctx.readSchema(ctx, resultAt);
  ctx.readTypes();
  switch (style) {
    case "merge":
      return readMerge(ctx, fields, item, result);
    case "event":
      return readEvent(ctx, fields, item, result);
    case "rules":
      return {
        style,
        result,
        rules: fields.list("rules").flatMap((at) => readRule(ctx, at, item, result) ?? []),
      };
    default: {
      const at = fields.at("hook");
      const hook = at && useHook(ctx, at, "accumulate");
      return hook === undefined ? undefined : { style, hook, result };
    }
  }
}

function readMerge(ctx: Context, fields: Fields, item: Schema, result: Schema): Accumulator {
  const concat = fields.list("concat").flatMap((at): Selector[] => {
    const one = readSelectorIn(ctx, at, item, { each: true, kinds: ["string", "array"] });
    return one === undefined ? [] : [one];
  });
  const rename = fields.entries("rename").flatMap(([from, at]) => {
    const to = readText(ctx.report, at);
    return to === undefined ? [] : [{ from, to }];
  });
  const set = fields.entries("set").map(([key, at]) => {
    checkKey(ctx, at, result, key);
    return { key, value: at.json() as Json };
  });
  const index = fields.text("index") ?? "index";
  return { style: "merge", concat, index, rename, set, result };
}

function checkKey(ctx: Context, at: Cursor, result: Schema, key: string): void {
  if (propertyOf(ctx.types, result, key) !== undefined) return;
  const help = "Set properties of the `result` type.";
  ctx.report.add("VC1704", at, `The result has no property \`${key}\`.`, help, "key");
}

function readEvent(ctx: Context, fields: Fields, item: Schema, result: Schema): Accumulator {
  const when = fields.at("when");
  const take = fields.at("take");
  const selector = take && readSelectorIn(ctx, take, item);
  return {
    style: "event",
    when: when === undefined ? [] : readConditions(ctx, when, item),
    take: selector ?? { root: "value", segments: [], text: "$" },
    result,
  };
}

function readRule(
  ctx: Context,
  cursor: Cursor,
  item: Schema,
  result: Schema,
): AccumulatorRule | undefined {
  const fields = Fields.read(ctx.report, cursor, "accumulateRule");
  if (fields === undefined) return undefined;
  const actions = ACTIONS.filter((one) => fields.at(one) !== undefined);
  const [action] = actions;
  if (action === undefined || actions.length > 1) {
    const help = `Write one of ${ACTIONS.join(", ")} with the place in the result.`;
    ctx.report.add(
      "VC1704",
      cursor,
      `A rule does one thing, but ${actions.length} were found.`,
      help,
      "key",
    );
    return undefined;
  }
  const fromAt = fields.at("from");
  if ((fromAt === undefined) !== (action === "parse")) {
    const message = action === "parse"
      ? "`parse` reads what stands in the result."
      : `\`${action}\` needs \`from\`.`;
    const help = action === "parse"
      ? "Remove `from`."
      : "Add `from: $.delta.text`, a selector into the item.";
    ctx.report.add("VC1704", fromAt ?? cursor, message, help, "key");
  }
  const whenAt = fields.at("when");
  const targetAt = fields.at(action) ?? cursor;
  const target = readSelectorIn(ctx, targetAt, result, { lookup: true });
  const when = whenAt === undefined ? [] : readConditions(ctx, whenAt, item);
  const from = fromAt && readSelectorIn(ctx, fromAt, item);
  if (target === undefined) return undefined;
  return defined({ when, action, target, from }) as AccumulatorRule;
}
