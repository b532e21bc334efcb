/** Nested objects and lists as flat names, in the way the spec says; for forms. */
import { invalidRequest } from "../../core/errors.ts";
import { isRecord, scalar } from "./values.ts";
import type { BodyEncoding, FileInput, NamedFile } from "../data/request.ts";

/** `type`: media type that the form itself gives to the value. */
type Emit = (name: string, value: unknown, property: string, type?: string) => void;

const JSON_TYPE = "application/json";

interface Form {
  readonly data: BodyEncoding;
  /** Multipart: what is a file is a part as it is. In other forms `{ data, type }` is an object like any. */
  readonly files: boolean;
  readonly emit: Emit;
}

export function flatten(value: unknown, data: BodyEncoding, files: boolean, emit: Emit): void {
  if (!isRecord(value)) {
    throw invalidRequest(
      "request.body",
      `A form body is made from an object, not from ${value === null ? "null" : typeof value}`,
    );
  }
  for (const [name, item] of Object.entries(value)) walk(name, item, name, { data, files, emit });
}

function walk(name: string, value: unknown, property: string, form: Form): void {
  const { data, files, emit } = form;
  if (value === undefined || value === null) return;
  if (files && isFile(value)) return emit(name, value, property);
  if (isFileData(value)) {
    throw invalidRequest(
      "request.body",
      `${name} is bytes or a file, which only a multipart form can carry`,
    );
  }
  const nested = typeof value === "object" && !(value instanceof Date);
  const json = data.nested === "json";
  if (nested && ((json && !files) || data.parts?.[property] === JSON_TYPE)) {
    return emit(name, JSON.stringify(value), property);
  }
  if (Array.isArray(value)) return walkList(name, value, property, form);
  if (!isRecord(value)) return emit(name, value, property);
  // Only multipart comes here: an object is one part of it, and so is each of a list.
  if (json) return emit(name, JSON.stringify(value), property, JSON_TYPE);
  for (const [key, item] of Object.entries(value)) {
    walk(data.nested === "dots" ? `${name}.${key}` : `${name}[${key}]`, item, property, form);
  }
}

const JOINTS: { readonly [style: string]: string } = { comma: ",", space: " ", pipe: "|" };

function walkList(
  name: string,
  items: readonly unknown[],
  property: string,
  form: Form,
): void {
  const { data, emit } = form;
  const style = items.some((item) => hasNames(item, form))
    ? data.nested === "json" ? "repeat" : "indices"
    : data.arraysOf?.[property] ?? data.arrays;
  const joint = style && JOINTS[style];
  if (joint) return emit(name, items.map(scalar).join(joint), property);
  items.forEach((item, index) => {
    const suffix = style === "brackets" ? "[]" : style === "indices" ? `[${index}]` : "";
    walk(name + suffix, item, property, form);
  });
}

/** Of what has names of its own nobody could tell which item it belongs to, unless its place stands before them. */
function hasNames(item: unknown, { files }: Form): boolean {
  return Array.isArray(item) ||
    (isRecord(item) && !(item instanceof Date) && !(files && isFile(item)));
}

export function isFile(value: unknown): value is FileInput {
  return isFileData(value) || isNamedFile(value);
}

const FILE_KEYS: ReadonlySet<string> = new Set(["data", "name", "type", "headers"]);

export function isNamedFile(value: unknown): value is NamedFile {
  return isRecord(value) && "data" in value &&
    (typeof value["data"] === "string" || isFileData(value["data"])) &&
    Object.keys(value).every((key) => FILE_KEYS.has(key));
}

function isFileData(value: unknown): boolean {
  return value instanceof Blob || value instanceof Uint8Array || value instanceof ArrayBuffer ||
    value instanceof ReadableStream;
}
