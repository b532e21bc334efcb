/** Requests as programs write them: relative to a base, with one of four kinds of body. */
import { invalidRequest } from "../core/errors.ts";
import type { HeaderList } from "../core/call.ts";
import { staysAtHome } from "../http/credentials.ts";
import type { BodyInput, HeadersInput, HTTPRequest } from "../client/mod.ts";
import { toHeaderList } from "../client/headers.ts";

type Scalar = string | number | boolean | null | undefined;

/** Names and values; a list repeats the name, null and undefined are left out. */
export type Fields =
  | URLSearchParams
  | Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** Content of a file: bytes are sent as they are, text as UTF-8. */
export type FileInput = Blob | Uint8Array | string | {
  readonly content: Blob | Uint8Array | string;
  /** Default: the name of the field. */
  readonly filename?: string | undefined;
  /** Default: the Blob's type, else `application/octet-stream`. */
  readonly contentType?: string | undefined;
};

export interface ApiRequest {
  /** Default: `GET`. */
  readonly method?: string | undefined;
  /** Appended to the client's `baseURL`: with `https://api.example.com/v1` and `/users` it is `https://api.example.com/v1/users`. */
  readonly path?: string | undefined;
  /** Absolute; replaces `path`. The client's headers are only sent to the origin of its `baseURL`. */
  readonly url?: string | URL | undefined;
  /** Added to the URL's query. */
  readonly params?: Fields | undefined;
  /** Override the client's. */
  readonly headers?: HeadersInput | undefined;
  /** The body as JSON. */
  readonly json?: unknown;
  /** The body as form fields; with `files`, as `multipart/form-data`. */
  readonly form?: Fields | undefined;
  /** By field name. */
  readonly files?: Readonly<Record<string, FileInput | readonly FileInput[]>> | undefined;
  /** The body, sent as it is. */
  readonly content?: BodyInput;
}

/** How the request is sent; the client fills in what is left out. */
export type ApiRequestOptions = Pick<
  HTTPRequest,
  | "timeoutMs"
  | "signal"
  | "retries"
  | "tenantId"
  | "workspaceId"
  | "traceId"
  | "traceparent"
  | "idempotencyKey"
>;

export interface ApiDefaults {
  readonly baseURL: string | undefined;
  readonly headers: HeaderList;
}

/** Throws an InvalidRequest for contradictory requests. */
export function toHttpRequest(request: ApiRequest, defaults: ApiDefaults): HTTPRequest {
  const url = addParams(targetOf(request, defaults.baseURL), request.params);
  const own = toHeaderList(request.headers);
  const body = bodyOf(request);
  const usual = defaultHeaders(request, defaults);
  const method = request.method ?? "GET";
  // Most have none of their own and no body.
  if (own.length === 0 && body === NO_BODY) return { method, url, headers: usual, body: undefined };
  const headers = [...usual, ...own];
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  const kept = headers.filter(([name], index) =>
    index >= headers.length - own.length || !names.has(name.toLowerCase())
  );
  const isTyped = kept.some(([name]) => name.toLowerCase() === "content-type");
  if (body.contentType !== undefined && !isTyped) kept.push(["content-type", body.contentType]);
  return { method, url, headers: kept, body: body.body };
}

/** A different origin gets none of the headers meant for the base URL; without a base URL, no credentials are sent. */
function defaultHeaders({ url }: ApiRequest, { baseURL, headers }: ApiDefaults): HeaderList {
  if (headers.length === 0 || url === undefined) return headers;
  if (baseURL === undefined) {
    return headers.filter(([name]) => !staysAtHome(name.toLowerCase(), []));
  }
  return new URL(url).origin === new URL(baseURL).origin ? headers : [];
}

function targetOf({ path, url }: ApiRequest, baseURL: string | undefined): string {
  if (path !== undefined && url !== undefined) {
    throw invalidRequest("request.url", "The request has a path and a url: give one of them");
  }
  if (url !== undefined) return absolute(url, "url");
  if (baseURL === undefined) {
    throw invalidRequest(
      "request.url",
      `The request has ${
        path === undefined ? "no url" : "a path"
      } and the client has no baseURL: give an absolute url`,
    );
  }
  return path === undefined || path === "" ? baseURL : join(baseURL, path);
}

/** Never leaves the base's origin: what is appended begins with a slash, a query or a fragment. */
function join(baseURL: string, path: string): string {
  if (/^[a-z][a-z\d+.-]*:/i.test(path)) {
    throw invalidRequest("request.url", "The path is an absolute URL: give it as `url`");
  }
  const query = baseURL.indexOf("?");
  const base = query < 0 ? baseURL : baseURL.slice(0, query);
  const joined = /^[?#]/.test(path)
    ? `${base}${path}`
    : `${base.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
  return query < 0 ? joined : addParams(joined, new URLSearchParams(baseURL.slice(query)));
}

export function absolute(url: string | URL, name: string): string {
  try {
    return new URL(url).href;
  } catch {
    throw invalidRequest("request.url", `${name} is not an absolute URL`);
  }
}

function addParams(target: string, params: Fields | undefined): string {
  if (params === undefined) return target;
  const url = new URL(target);
  for (const [name, value] of pairs(params)) url.searchParams.append(name, value);
  return url.href;
}

function* pairs(fields: Fields): Generator<[string, string]> {
  if (fields instanceof URLSearchParams) return yield* fields;
  for (const [name, values] of Object.entries(fields)) {
    for (const value of Array.isArray(values) ? values as readonly Scalar[] : [values as Scalar]) {
      if (value !== null && value !== undefined) yield [name, String(value)];
    }
  }
}

interface RequestBody {
  readonly body: BodyInput;
  readonly contentType?: string;
}

const NO_BODY: RequestBody = { body: undefined };

function bodyOf(request: ApiRequest): RequestBody {
  const { json, form, files, content } = request;
  if (json === undefined && form === undefined && files === undefined && content === undefined) {
    return NO_BODY;
  }
  const given = [
    json !== undefined && "json",
    (form ?? files) !== undefined && "form or files",
    content !== undefined && "content",
  ].filter((name) => name !== false);
  if (given.length > 1) {
    throw invalidRequest("request.body", `The request has ${given.join(" and ")}: give one body`);
  }
  if (json !== undefined) return { body: toJson(json), contentType: "application/json" };
  if (files !== undefined) return { body: multipart(form, files) };
  if (form !== undefined) return { body: new URLSearchParams([...pairs(form)]) };
  return { body: content };
}

function toJson(value: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch (error) {
    throw invalidRequest("request.body", `json cannot be written as JSON: ${String(error)}`, error);
  }
  throw invalidRequest(
    "request.body",
    `json is a ${typeof value}: give a value that JSON can represent`,
  );
}

function multipart(
  form: Fields | undefined,
  files: NonNullable<ApiRequest["files"]>,
): FormData {
  const data = new FormData();
  for (const [name, value] of pairs(form ?? {})) data.append(name, value);
  for (const [name, given] of Object.entries(files)) {
    for (
      const file of Array.isArray(given) ? given as readonly FileInput[] : [given as FileInput]
    ) {
      data.append(name, toFile(name, file));
    }
  }
  return data;
}

function toFile(name: string, file: FileInput): File {
  const { content, filename, contentType } = isPart(file)
    ? file
    : { content: file, filename: undefined, contentType: undefined };
  const isBlob = content instanceof Blob;
  const type = contentType ?? (isBlob && content.type !== "" ? content.type : OCTETS);
  // A File, since not every runtime keeps the type of a Blob that is given with a name.
  return new File([content as BlobPart], filename ?? nameOf(content) ?? name, { type });
}

const OCTETS = "application/octet-stream";

function isPart(file: FileInput): file is Extract<FileInput, { content: unknown }> {
  return typeof file === "object" && !(file instanceof Blob) && "content" in file;
}

function nameOf(content: Blob | Uint8Array | string): string | undefined {
  return content instanceof Blob && "name" in content && typeof content.name === "string"
    ? content.name
    : undefined;
}
