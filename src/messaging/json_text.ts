/** JSON in UTF-8, with errors that say what is wrong. */
import { DeserializationError, SerializationError } from "./errors.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function writeJson(value: unknown, what: string): Uint8Array {
  try {
    return encoder.encode(JSON.stringify(value));
  } catch (error) {
    throw new SerializationError(`The ${what} cannot be written as JSON: ${words(error)}`, error);
  }
}

export function readObject(bytes: Uint8Array, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new DeserializationError(`The ${what} is not JSON in UTF-8: ${words(error)}`, error);
  }
  if (isObject(value)) return value;
  throw new DeserializationError(`The ${what} is ${kind(value)}: it must be a JSON object`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object at the name, which may be missing. */
export function objectAt(value: JsonObject, name: string): JsonObject {
  const found = value[name] ?? {};
  if (isObject(found)) return found;
  throw new DeserializationError(`\`${name}\` is ${kind(found)}: it must be a JSON object`);
}

export function kind(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
