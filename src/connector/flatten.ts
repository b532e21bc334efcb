/** Nested objects and lists as flat names, in the way the spec says; for forms. */
import { invalidRequest } from "../core/errors.ts";
import type { FileInput, NamedFile } from "./bodies.ts";
import type { BodySpec } from "./spec.ts";
import { isRecord, scalar } from "./values.ts";

type Emit = (name: string, value: unknown, property: string) => void;

export function flatten(value: unknown, spec: BodySpec, emit: Emit): void {
  if (!isRecord(value)) {
    throw invalidRequest(
      "request.body",
      `A form body is made from an object, not from ${value === null ? "null" : typeof value}`,
    );
  }
  for (const [name, item] of Object.entries(value)) walk(name, item, name, spec, emit);
}

function walk(name: string, value: unknown, property: string, spec: BodySpec, emit: Emit): void {
  if (value === undefined || value === null) return;
  if (isFile(value)) return emit(name, value, property);
  const nested = typeof value === "object" && !(value instanceof Date);
  if (nested && (spec.nested === "json" || spec.parts?.[property] === "application/json")) {
    return emit(name, JSON.stringify(value), property);
  }
  if (Array.isArray(value)) return walkList(name, value, property, spec, emit);
  if (!isRecord(value)) return emit(name, value, property);
  for (const [key, item] of Object.entries(value)) {
    walk(spec.nested === "dots" ? `${name}.${key}` : `${name}[${key}]`, item, property, spec, emit);
  }
}

function walkList(
  name: string,
  items: readonly unknown[],
  property: string,
  spec: BodySpec,
  emit: Emit,
): void {
  if (spec.arrays === "comma") return emit(name, items.map(scalar).join(","), property);
  items.forEach((item, index) => {
    const suffix = spec.arrays === "brackets"
      ? "[]"
      : spec.arrays === "indices"
      ? `[${index}]`
      : "";
    walk(name + suffix, item, property, spec, emit);
  });
}

export function isFile(value: unknown): value is FileInput {
  return isFileData(value) || isNamedFile(value);
}

export function isNamedFile(value: unknown): value is NamedFile {
  return isRecord(value) && "data" in value &&
    (typeof value["data"] === "string" || isFileData(value["data"])) &&
    Object.keys(value).every((key) => key === "data" || key === "name" || key === "type");
}

function isFileData(value: unknown): boolean {
  return value instanceof Blob || value instanceof Uint8Array || value instanceof ArrayBuffer ||
    value instanceof ReadableStream;
}
