/** Request bodies: a value and how it is written. */
import { invalidRequest } from "../core/errors.ts";
import { isRecord, scalar } from "./values.ts";
import type { BodySpec } from "./spec.ts";

export interface EncodedBody {
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
  readonly contentType: string;
}

export type BodyEncoder = (value: unknown, spec: BodySpec) => EncodedBody | Promise<EncodedBody>;

/** What is accepted where an API takes bytes. */
export type BinaryInput = Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array> | string;

/** What is accepted where a form takes a file; the last form gives it a name and a type. A File brings its own. */
export type FileInput = BinaryInput | NamedFile;

export interface NamedFile {
  readonly data: BinaryInput;
  readonly name?: string;
  readonly type?: string;
}

const encoder = new TextEncoder();

export const jsonBody: BodyEncoder = (value, { contentType }) => ({
  body: encoder.encode(JSON.stringify(value)),
  contentType,
});

export const textBody: BodyEncoder = (value, { contentType }) => ({
  body: encoder.encode(scalar(value)),
  contentType,
});

export const binaryBody: BodyEncoder = (value, { contentType }) => {
  if (value instanceof Uint8Array || value instanceof ReadableStream) {
    return { body: value, contentType };
  }
  if (typeof value === "string") return { body: encoder.encode(value), contentType };
  if (value instanceof ArrayBuffer) return { body: new Uint8Array(value), contentType };
  if (value instanceof Blob) {
    const type = contentType === "application/octet-stream" && value.type !== ""
      ? value.type
      : contentType;
    return { body: value.stream() as ReadableStream<Uint8Array>, contentType: type };
  }
  throw invalidRequest(
    "request.body",
    "The body must be bytes: a Uint8Array, ArrayBuffer, Blob, ReadableStream or text",
  );
};

export const formBody: BodyEncoder = (value, spec) => {
  const pairs: string[] = [];
  flatten(
    value,
    spec,
    (name, item) => pairs.push(`${formEscape(name)}=${formEscape(scalar(item))}`),
  );
  return { body: encoder.encode(pairs.join("&")), contentType: spec.contentType };
};

export const multipartBody: BodyEncoder = async (value, spec) => {
  const parts: [name: string, value: unknown, property: string][] = [];
  flatten(value, spec, (...part) => parts.push(part));
  const form = new FormData();
  for (const [name, item, property] of parts) {
    const type = spec.parts?.[property];
    if (isFile(item)) {
      const blob = await file(item, type);
      form.append(name, blob, blob instanceof File ? blob.name : property);
    } else if (type === undefined) form.append(name, scalar(item));
    // The only way to give a part a type; it gets the file name "blob" with it.
    else form.append(name, new Blob([scalar(item)], { type }));
  }
  const encoded = new Response(form);
  // The boundary is the encoder's, so the content type of the spec cannot be sent as it is.
  const contentType = encoded.headers.get("content-type") ?? spec.contentType;
  return { body: new Uint8Array(await encoded.arrayBuffer()), contentType };
};

function isFile(value: unknown): value is FileInput {
  return value instanceof Blob || value instanceof Uint8Array || value instanceof ArrayBuffer ||
    value instanceof ReadableStream || isNamedFile(value);
}

function isNamedFile(value: unknown): value is NamedFile {
  return isRecord(value) && "data" in value && isFileData(value["data"]) &&
    Object.keys(value).every((key) => key === "data" || key === "name" || key === "type");
}

function isFileData(value: unknown): boolean {
  return typeof value === "string" || (isFile(value) && !isNamedFile(value));
}

function file(value: FileInput, type: string | undefined): Blob | Promise<Blob> {
  if (typeof value === "string") return new Blob([value], { type: type ?? "text/plain" });
  if (value instanceof ReadableStream) {
    return new Response(value).arrayBuffer().then((bytes) => new Blob([bytes], typeOption(type)));
  }
  if (value instanceof Blob) {
    return type === undefined || value.type === type
      ? value
      : value instanceof File
      ? new File([value], value.name, { type })
      : new Blob([value], { type });
  }
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    return new Blob([value as Uint8Array<ArrayBuffer>], typeOption(type));
  }
  const name = value.name ?? "file";
  const named = (data: Blob): File => new File([data], name, { type: value.type ?? data.type });
  const data = file(value.data, type);
  return data instanceof Promise ? data.then(named) : named(data);
}

function typeOption(type: string | undefined): BlobPropertyBag {
  return type === undefined ? {} : { type };
}

type Emit = (name: string, value: unknown, property: string) => void;

/** Nested objects and lists as flat names, in the way the spec says. */
function flatten(value: unknown, spec: BodySpec, emit: Emit): void {
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

/** As application/x-www-form-urlencoded wants it. */
function formEscape(text: string): string {
  return encodeURIComponent(text).replace(/%20/g, "+").replace(
    /[!'()~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
