import type { ApiRequest } from "../api/mod.ts";
import { fromBase64, toBase64 } from "../core/bytes.ts";
import { DeserializationError, SerializationError } from "./errors.ts";
import { isObject, type JsonObject, kind, objectAt, readObject, writeJson } from "./json_text.ts";
import type { Message } from "./message.ts";

export interface HttpMessageFile {
  readonly content: Uint8Array;
  readonly filename?: string | undefined;
  readonly contentType?: string | undefined;
}

/** Parts of a request, or of a response (`status`, `content`), as JSON values. */
export interface HttpMessageParts {
  /** Default: `GET`. */
  readonly method?: string | undefined;
  /** Absolute, or relative to the base of whatever sends it. */
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly params?: JsonObject | undefined;
  readonly json?: unknown;
  readonly form?: JsonObject | undefined;
  readonly files?: Readonly<Record<string, HttpMessageFile>> | undefined;
  /** Text is sent as UTF-8. */
  readonly content?: Uint8Array | string | undefined;
  /** Status of a response. */
  readonly status?: number | undefined;
}

/**
 * An HTTP request or answer as JSON: `{"headers":{…},"payload":{"method":…,"url":…,"params":…,"json":…,"data":…,"files":…,
 * "content":…,"content_encoding":"base64"}}`, where `data` is the form. Bytes are base64.
 */
export class HttpMessage implements Message {
  static readonly contentType: string = "application/json";
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Omit<HttpMessageParts, "headers" | "content"> & { content?: Uint8Array };

  constructor(parts: HttpMessageParts = {}) {
    const { headers = {}, content, ...rest } = parts;
    this.headers = headers;
    const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const request = parts.status === undefined ? { method: "GET", url: "" } : {};
    this.payload = { ...request, ...rest, ...(body !== undefined && { content: body }) };
  }

  static deserialize(bytes: Uint8Array): HttpMessage {
    const value = readObject(bytes, "message");
    const payload = objectAt(value, "payload");
    const { data, content, content_encoding, files, status, ...rest } = payload;
    const headers = objectAt(value, "headers");
    for (const [name, header] of Object.entries(headers)) text(header, `headers.${name}`);
    return new HttpMessage({
      ...rest,
      ...(payload["method"] !== undefined && { method: text(payload["method"], "method") }),
      ...(payload["url"] !== undefined && { url: text(payload["url"], "url") }),
      headers: headers as Record<string, string>,
      ...(payload["params"] !== undefined && { params: objectAt(payload, "params") }),
      ...(status !== undefined && { status: wholeNumber(status, "status") }),
      ...(data !== undefined && { form: objectAt(payload, "data") }),
      ...(files !== undefined && { files: readFiles(objectAt(payload, "files")) }),
      ...(content !== undefined && { content: readContent(content, content_encoding) }),
    });
  }

  serialize(): Uint8Array {
    const { form, files, content, ...rest } = this.payload;
    const payload = {
      ...rest,
      ...(form !== undefined && { data: form }),
      ...(files !== undefined && { files: writeFiles(files) }),
      ...(content !== undefined && { content: toBase64(content), content_encoding: "base64" }),
    };
    return writeJson({ headers: this.headers, payload }, "message");
  }

  /** The request for an ApiClient. */
  toRequest(): ApiRequest {
    const { method = "GET", url = "", params, json, form, files, content } = this.payload;
    const isAbsolute = /^[a-z][a-z\d+.-]*:/i.test(url);
    return {
      method,
      ...(isAbsolute ? { url } : { path: url }),
      headers: this.headers,
      params: params as ApiRequest["params"],
      json,
      form: form as ApiRequest["form"],
      files,
      content,
    };
  }
}

function text(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new DeserializationError(`\`${name}\` is ${kind(value)}: it must be text`);
}

function wholeNumber(value: unknown, name: string): number {
  if (Number.isInteger(value)) return value as number;
  throw new DeserializationError(`\`${name}\` must be a whole number`);
}

function readContent(content: unknown, encoding: unknown): Uint8Array | string {
  if (encoding === undefined) return text(content, "content");
  if (encoding === "base64") {
    const bytes = fromBase64(text(content, "content"));
    if (bytes === undefined) throw new DeserializationError("`content` is not base64");
    return bytes;
  }
  throw new DeserializationError(
    `\`content_encoding\` is ${JSON.stringify(encoding)}: use "base64"`,
  );
}

function writeFiles(files: Readonly<Record<string, HttpMessageFile>>): JsonObject {
  return Object.fromEntries(
    Object.entries(files).map(([name, { content, filename, contentType }]) => {
      if (!(content instanceof Uint8Array)) {
        throw new SerializationError(`The file ${name} has no bytes: give its \`content\``);
      }
      return [name, {
        content: toBase64(content),
        content_encoding: "base64",
        filename,
        content_type: contentType,
      }];
    }),
  );
}

function readFiles(files: JsonObject): Record<string, HttpMessageFile> {
  return Object.fromEntries(
    Object.entries(files).map(([name, file]) => {
      if (!isObject(file)) {
        throw new DeserializationError(`The file ${name} is ${kind(file)}: it must be an object`);
      }
      const { content, content_encoding, filename, content_type } = file;
      const body = readContent(content, content_encoding);
      return [name, {
        content: typeof body === "string" ? new TextEncoder().encode(body) : body,
        ...(filename !== undefined && { filename: text(filename, "filename") }),
        ...(content_type !== undefined && { contentType: text(content_type, "content_type") }),
      }];
    }),
  );
}
