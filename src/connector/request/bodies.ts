/** Request bodies: a value and how it is written. */
import { invalidRequest } from "../../core/errors.ts";
import { flatten } from "./flatten.ts";
import { scalar, sound } from "./values.ts";
import type { BodyEncoder } from "../data/request.ts";

const encoder = new TextEncoder();

export const jsonBody: BodyEncoder = (value, { contentType }) => ({
  body: encoder.encode(JSON.stringify(value)),
  contentType,
});

export const textBody: BodyEncoder = (value, { contentType }) => ({
  body: encoder.encode(sound(scalar(value), "The body")),
  contentType,
});

export const binaryBody: BodyEncoder = (value, { contentType, others = {} }) => {
  if (value instanceof Uint8Array || value instanceof ReadableStream) {
    return { body: value, contentType };
  }
  if (typeof value === "string") {
    return { body: encoder.encode(sound(value, "The body")), contentType };
  }
  if (value instanceof ArrayBuffer) return { body: new Uint8Array(value), contentType };
  if (value instanceof Blob) {
    const known = contentType === "application/octet-stream" || Object.hasOwn(others, value.type);
    const type = known && value.type !== "" ? value.type : contentType;
    return { body: value.stream() as ReadableStream<Uint8Array>, contentType: type };
  }
  throw invalidRequest(
    "request.body",
    "The body must be bytes: a Uint8Array, ArrayBuffer, Blob, ReadableStream or text",
  );
};

export const formBody: BodyEncoder = (value, data) => {
  const pairs: string[] = [];
  flatten(
    value,
    data,
    false,
    (name, item) =>
      pairs.push(`${formEscape(sound(name, name))}=${formEscape(sound(scalar(item), name))}`),
  );
  return { body: encoder.encode(pairs.join("&")), contentType: data.contentType };
};

/** Encoded for application/x-www-form-urlencoded. */
function formEscape(text: string): string {
  return encodeURIComponent(text).replace(/%20/g, "+").replace(
    /[!'()~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
