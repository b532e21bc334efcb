/**
 * multipart/form-data (RFC 7578). Written here because the runtimes' own encoders differ: in the types and file names they
 * give to parts, and in whether a large file is read into memory.
 */
import { checkHeaders } from "../../http/syntax.ts";
import { flatten, isFile, isNamedFile } from "./flatten.ts";
import { scalar, sound } from "./values.ts";
import type { BinaryInput, BodyEncoder, FileInput } from "../data/request.ts";

interface Part {
  readonly head: string;
  readonly content: Uint8Array | Blob | ReadableStream<Uint8Array>;
}

/** Bodies up to this size are sent as bytes, with a length, and can be sent again; larger ones and streams are streamed. */
const WHOLE_BYTES = 1024 * 1024;

const encoder = new TextEncoder();

export const multipartBody: BodyEncoder = async (value, data) => {
  const parts: Part[] = [];
  flatten(value, data, true, (name, item, property, own) => {
    const type = data.parts?.[property] ?? own;
    const headers = data.partHeaders?.[property];
    if (isFile(item)) parts.push(filePart(name, item, { type, property, headers }));
    else {parts.push({
        head: partHead(name, undefined, type, headers),
        content: encoder.encode(sound(scalar(item), name)),
      });}
  });
  const boundary = `vastar-${crypto.randomUUID()}`;
  const contentType = `multipart/form-data; boundary=${boundary}`;
  const chunks = encode(parts, boundary);
  const size = parts.reduce((sum, { content }) => sum + sizeOf(content), 0);
  if (size > WHOLE_BYTES) return { body: streamOf(chunks), contentType };
  const whole: Uint8Array[] = [];
  for await (const chunk of chunks) whole.push(chunk);
  return {
    body: new Uint8Array(await new Blob(whole as Uint8Array<ArrayBuffer>[]).arrayBuffer()),
    contentType,
  };
};

function sizeOf(content: Part["content"]): number {
  if (content instanceof Uint8Array) return content.length;
  return content instanceof Blob ? content.size : Infinity;
}

interface Stated {
  readonly type: string | undefined;
  readonly property: string;
  readonly headers: PartHeaders | undefined;
}

type PartHeaders = Readonly<Record<string, string>>;

function filePart(name: string, file: FileInput, { type, property, headers }: Stated): Part {
  if (isNamedFile(file)) {
    const own = file.type ?? type ?? typeOf(file.data);
    return {
      head: partHead(name, file.name ?? nameOf(file.data, property), own, {
        ...headers,
        ...file.headers,
      }),
      content: contentOf(file.data, name),
    };
  }
  return {
    head: partHead(name, nameOf(file, property), type ?? typeOf(file), headers),
    content: contentOf(file, name),
  };
}

function nameOf(data: BinaryInput, property: string): string {
  return data instanceof File ? data.name : property;
}

function typeOf(data: BinaryInput): string {
  return data instanceof Blob && data.type !== "" ? data.type : "application/octet-stream";
}

function contentOf(data: BinaryInput, name: string): Part["content"] {
  if (typeof data === "string") return encoder.encode(sound(data, name));
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function partHead(
  name: string,
  file: string | undefined,
  type: string | undefined,
  headers: PartHeaders = {},
): string {
  const fileName = file === undefined ? "" : `; filename="${quoted(sound(file, name))}"`;
  const contentType = type === undefined ? "" : `\r\nContent-Type: ${type.replace(/[\r\n]/g, "")}`;
  checkHeaders(Object.entries(headers));
  const more = Object.entries(headers).map(([key, value]) => `\r\n${key}: ${value}`).join("");
  return `Content-Disposition: form-data; name="${
    quoted(sound(name, name))
  }"${fileName}${contentType}${more}\r\n\r\n`;
}

/** As browsers do: a quote or a line end in a name cannot end the header. */
function quoted(text: string): string {
  return text.replace(/["\r\n]/g, (char) => char === '"' ? "%22" : char === "\r" ? "%0D" : "%0A");
}

async function* encode(
  parts: readonly Part[],
  boundary: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { head, content } of parts) {
    yield encoder.encode(`--${boundary}\r\n${head}`);
    if (content instanceof Uint8Array) yield content;
    else yield* content instanceof Blob ? content.stream() : content;
    yield encoder.encode("\r\n");
  }
  yield encoder.encode(`--${boundary}--\r\n`);
}

/** Reads a chunk on demand: a large file is never in memory as a whole. */
function streamOf(chunks: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return();
    },
  });
}
