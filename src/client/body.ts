/** Turns request bodies of every shape that callers use into bytes or a stream, with a content type. */
import { invalidRequest } from "../core/errors.ts";
import type { Body } from "../core/call.ts";

/** Strings are sent as UTF-8. A Blob or FormData brings its content type, which an explicit header overrides. */
export type BodyInput =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | FormData
  | URLSearchParams
  | ReadableStream<Uint8Array>
  | null
  | undefined;

export interface PreparedBody {
  readonly body: Body;
  /** Sent when the caller gave no content type. */
  readonly contentType: string | undefined;
}

/** Blobs and forms up to this are read before sending, so that they are sent with a length and can be sent again. */
const READ_AHEAD_BYTES = 1024 * 1024;

const encoder = new TextEncoder();
const NO_BODY: PreparedBody = { body: null, contentType: undefined };

/** Only Blob and FormData need a promise; everything else is ready at once. */
export function prepareBody(input: BodyInput): PreparedBody | Promise<PreparedBody> {
  if (input === null || input === undefined) return NO_BODY;
  if (typeof input === "string") {
    return { body: encoder.encode(input), contentType: "text/plain;charset=UTF-8" };
  }
  if (input instanceof Uint8Array) return { body: input, contentType: undefined };
  if (input instanceof ReadableStream) return { body: input, contentType: undefined };
  if (input instanceof URLSearchParams) {
    return {
      body: encoder.encode(input.toString()),
      contentType: "application/x-www-form-urlencoded;charset=UTF-8",
    };
  }
  if (input instanceof ArrayBuffer) return { body: new Uint8Array(input), contentType: undefined };
  if (ArrayBuffer.isView(input)) return { body: viewBytes(input), contentType: undefined };
  if (input instanceof Blob) return blob(input, input.type === "" ? undefined : input.type);
  if (input instanceof FormData) return form(input);
  throw invalidRequest(
    "request.body",
    `The body is ${
      describe(input)
    }: give a string, bytes, Blob, FormData, URLSearchParams or a ReadableStream of bytes`,
  );
}

function viewBytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

async function blob(input: Blob, contentType: string | undefined): Promise<PreparedBody> {
  const body = input.size <= READ_AHEAD_BYTES
    ? new Uint8Array(await input.arrayBuffer())
    : input.stream();
  return { body, contentType };
}

/** The platform's own multipart encoder, reached through Response. */
async function form(input: FormData): Promise<PreparedBody> {
  const encoded = new Response(input);
  const contentType = encoded.headers.get("content-type") ?? undefined;
  let bytes = 0;
  input.forEach((value: string | Blob) => {
    bytes += typeof value === "string" ? value.length : value.size;
  });
  if (bytes > READ_AHEAD_BYTES && encoded.body !== null) return { body: encoded.body, contentType };
  return { body: new Uint8Array(await encoded.arrayBuffer()), contentType };
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return `of type ${typeof value}`;
  return `an object (${
    value.constructor?.name ?? "without a prototype"
  }), which must be encoded first, as with JSON.stringify`;
}
