/** Limits within a type: lengths, bounds, patterns. A runtime that validates requests refuses violations. */
import type { Json, Schema } from "../model/mod.ts";
import { type Changes, type Places, same } from "./changes.ts";

/** How a limit becomes tighter: a lower bound by rising, an upper one by falling, the others by any change. */
const LIMITS: Readonly<Record<string, "up" | "down" | "any">> = {
  minLength: "up",
  maxLength: "down",
  minimum: "up",
  maximum: "down",
  exclusiveMinimum: "up",
  exclusiveMaximum: "down",
  minItems: "up",
  maxItems: "down",
  minProperties: "up",
  maxProperties: "down",
  multipleOf: "any",
  pattern: "any",
  uniqueItems: "any",
};

/** Formats are hints and do not change the type. */
export function compareLimits(
  old: Schema,
  now: Schema,
  direction: "request" | "response",
  subject: string,
  places: Places,
  changes: Changes,
): void {
  const formats = [limitOf(old, "format"), limitOf(now, "format")] as const;
  if (!same(...formats)) {
    changes.add("schema.format", subject, `format ${told(...formats)}`, places);
  }
  for (const [name, way] of Object.entries(LIMITS)) {
    const before = limitOf(old, name);
    const after = limitOf(now, name);
    if (same(before, after)) continue;
    const message = `${name} ${told(before, after)}`;
    if (direction === "response") changes.add("response.limit", subject, message, places);
    else {
      const code = isTighter(before, after, way) ? "request.limit.tighter" : "request.limit.looser";
      changes.add(code, subject, message, places);
    }
  }
}

function limitOf(schema: Schema, name: string): Json | undefined {
  const value: unknown = Reflect.get(schema, name);
  return value === false ? undefined : value as Json | undefined;
}

function isTighter(
  before: Json | undefined,
  after: Json | undefined,
  way: "up" | "down" | "any",
): boolean {
  if (after === undefined) return false;
  if (before === undefined || way === "any") return true;
  return way === "up" ? Number(after) > Number(before) : Number(after) < Number(before);
}

function told(before: Json | undefined, after: Json | undefined): string {
  if (after === undefined) return `(${JSON.stringify(before)}) was dropped`;
  const now = JSON.stringify(after);
  return before === undefined ? `${now} was added` : `was ${JSON.stringify(before)}, is ${now}`;
}
