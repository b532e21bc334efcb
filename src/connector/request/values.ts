/** Callers' values, as text and by kind. */
import { invalidRequest } from "../../core/errors.ts";

export function scalar(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The text, unless it contains a lone surrogate: URLs cannot carry one, and UTF-8 would replace it. */
export function sound(text: string, name: string, code = "request.parameter"): string {
  if (text.isWellFormed()) return text;
  throw invalidRequest(
    code,
    `${name.toWellFormed()} contains half of a surrogate pair, which is not a character: give well-formed text`,
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !(value instanceof Date) &&
    !Array.isArray(value);
}
