/** Nested objects and lists as flat names for forms, as the spec says. */
import { invalidRequest } from "../../core/errors.ts";
import { isRecord, scalar } from "./values.ts";
import type { BodyEncoding, FileInput, FormJson, NamedFile } from "../data/request.ts";

/** The property of the body, and the names within it. */
type Path = readonly [property: string, ...(string | number)[]];

/** `type`: media type that the form gives to the value. */
type Emit = (name: string, value: unknown, property: string, type?: string) => void;

const JSON_TYPE = "application/json";

interface Form {
  readonly data: BodyEncoding;
  /** In multipart a file becomes a part itself. In other forms `{ data, type }` is an ordinary object. */
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
  for (const [name, item] of Object.entries(value)) walk(name, item, [name], { data, files, emit });
}

// Takes one argument: `JSON.stringify` would take the path for the names of the properties to write.
const plainJson: FormJson = (value) => JSON.stringify(value);

function walk(name: string, value: unknown, path: Path, form: Form): void {
  const { data, files, emit } = form;
  const [property] = path;
  const write = data.json ?? plainJson;
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
    return emit(name, write(value, path), property);
  }
  if (Array.isArray(value)) return walkList(name, value, path, form);
  if (!isRecord(value)) return emit(name, value, property);
  // Only for multipart: an object is one part, and so is each object of a list.
  if (json) return emit(name, write(value, path), property, JSON_TYPE);
  for (const [key, item] of Object.entries(value)) {
    const inner = data.nested === "dots" ? `${name}.${key}` : `${name}[${key}]`;
    walk(inner, item, [...path, key], form);
  }
}

const JOINTS: { readonly [style: string]: string } = { comma: ",", space: " ", pipe: "|" };

function walkList(
  name: string,
  items: readonly unknown[],
  path: Path,
  form: Form,
): void {
  const { data, emit } = form;
  const [property] = path;
  const style = items.some((item) => hasNames(item, form))
    ? data.nested === "json" ? "repeat" : "indices"
    : data.arraysOf?.[property] ?? data.arrays;
  const joint = style && JOINTS[style];
  if (joint) return emit(name, items.map(scalar).join(joint), property);
  items.forEach((item, index) => {
    const suffix = style === "brackets" ? "[]" : style === "indices" ? `[${index}]` : "";
    walk(name + suffix, item, [...path, index], form);
  });
}

/** Without an index in front, the names of nested values would not show which item they belong to. */
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
