/** Reads and checks JSON request bodies, with the messages of the real API. */
import { readRequest } from "../core/read_limited.ts";
import { ApiError } from "./api_error.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses the body as a JSON object, reading at most `maxBytes`. */
export async function readBody(request: Request, maxBytes: number): Promise<JsonObject> {
  const text = await readText(request, maxBytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError({
      status: 400,
      message: "We could not parse the JSON body of your request. The API expects a JSON payload.",
    });
  }
  if (isObject(value)) return value;
  throw new ApiError({
    status: 400,
    message: `Invalid body: expected a JSON object, but got ${nameOf(value)} instead.`,
  });
}

/** The body as text; refused with 413 as soon as it is too long. */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes !== undefined) return new TextDecoder().decode(bytes);
  throw new ApiError({
    status: 413,
    message: `The request body is larger than ${maxBytes} bytes.`,
    code: "request_too_large",
  });
}

/** The body as bytes; undefined as soon as it is longer than `maxBytes`. */
export async function readBytes(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const tooLarge = new Error("too large");
  try {
    return await readRequest(request, maxBytes, () => tooLarge);
  } catch (error) {
    if (error === tooLarge) return undefined;
    throw error;
  }
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  return `a ${typeof value}`;
}

export function missing(param: string): ApiError {
  return new ApiError({
    status: 400,
    message: `Missing required parameter: '${param}'.`,
    code: "missing_required_parameter",
    param,
  });
}

export function wrongType(param: string, expected: string, value: unknown): ApiError {
  return new ApiError({
    status: 400,
    message: `Invalid type for '${param}': expected ${expected}, but got ${nameOf(value)} instead.`,
    code: "invalid_type",
    param,
  });
}

export function wrongValue(param: string, message: string): ApiError {
  return new ApiError({
    status: 400,
    message: `Invalid value for '${param}': ${message}`,
    code: "invalid_value",
    param,
  });
}

export function requiredString(body: JsonObject, name: string): string {
  const value = body[name];
  if (value === undefined) throw missing(name);
  if (typeof value !== "string") throw wrongType(name, "a string", value);
  if (value === "") throw wrongValue(name, "it must not be empty.");
  return value;
}

/** An optional boolean; null counts as absent, as in the real API. */
export function optionalBoolean(body: JsonObject, name: string): boolean {
  const value = body[name] ?? false;
  if (typeof value !== "boolean") throw wrongType(name, "a boolean", value);
  return value;
}

/** An optional number between two bounds. */
export function optionalNumber(
  body: JsonObject,
  name: string,
  least: number,
  most: number,
  whole: boolean,
): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number") throw wrongType(name, whole ? "an integer" : "a number", value);
  if (whole && !Number.isInteger(value)) throw wrongType(name, "an integer", value);
  if (value < least || value > most) {
    throw wrongValue(name, `expected a value from ${least} to ${most}, but got ${value} instead.`);
  }
  return value;
}

/** Text of a message's content: a string, or the text parts of an array of parts. */
export function contentText(content: unknown, param: string): string {
  if (typeof content === "string") return content;
  if (content === null || content === undefined) return "";
  if (!Array.isArray(content)) throw wrongType(param, "a string or an array of parts", content);
  return content.map((part: unknown, at) => {
    if (!isObject(part)) throw wrongType(`${param}[${at}]`, "an object", part);
    if (typeof part["type"] !== "string") throw missing(`${param}[${at}].type`);
    return typeof part["text"] === "string" ? part["text"] : "";
  }).filter((text) => text !== "").join("\n");
}
