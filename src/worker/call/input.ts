/** Reads the input of a call: checks its type, size and encoding. */
import type { BodyDefinition } from "../../connector/definition/definition.ts";
import { mediaType } from "../../core/headers.ts";
import { readRequest } from "../../core/read_limited.ts";

/** A refusal with its HTTP status. */
export class InputRefused extends Error {
  override readonly name = "InputRefused";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What a body may be besides JSON. */
export interface BodyKinds {
  readonly forms: boolean;
  /** Any other type is the bytes themselves. */
  readonly bytes: boolean;
  /** The form of the API's own body that the request's type names. */
  readonly named?: BodyDefinition["kind"] | undefined;
  /** The types of those that there are, for a refusal. */
  readonly declared: () => readonly string[];
}

/** The body as JSON, form data or bytes; `{}` when there is none. Rejects with {@link InputRefused}. */
export async function readInput(
  request: Request,
  maxBytes: number,
  kinds: BodyKinds,
): Promise<unknown> {
  const bytes = await bodyOf(request, maxBytes).catch(incomplete);
  if (bytes.length === 0) return {};
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "") {
    const detail = `The body is compressed (${encoding.slice(0, 100)}): send it as it is.`;
    throw new InputRefused(415, "input.content_encoding", detail);
  }
  const contentType = request.headers.get("content-type") ?? "";
  const type = mediaType(contentType);
  if (kinds.forms && type === "multipart/form-data") return await readForm(bytes, contentType);
  if (kinds.named === "form") return await readForm(bytes, contentType);
  if (
    kinds.named === "json" || type === "application/json" ||
    /^application\/[\w.-]+\+json$/.test(type)
  ) {
    return readJson(bytes);
  }
  if (kinds.bytes && type !== "" && type !== "application/x-www-form-urlencoded") {
    return new Blob([new Uint8Array(bytes)], { type: contentType });
  }
  const found = type === ""
    ? "There is no content-type"
    : `The content-type is ${type.slice(0, 100)}`;
  const right = ["application/json", ...kinds.declared()];
  if (kinds.forms) right.push("multipart/form-data");
  if (kinds.bytes) right.push("the bytes of the body as their own type");
  throw new InputRefused(
    415,
    "input.content_type",
    `${found}: send the input as ${[...new Set(right)].join(" or ")}.`,
  );
}

/**
 * A server lets no more through than a request announced, so a body that may be read is read as one: a stream of it would cost
 * more than everything else here.
 */
async function bodyOf(request: Request, maxBytes: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get("content-length") ?? NaN);
  return announced <= maxBytes
    ? new Uint8Array(await request.arrayBuffer())
    : await readRequest(request, maxBytes, () => tooLarge(maxBytes));
}

/** Deeper than any meaningful input, but far from overflowing the stack of recursive code. */
const MAX_DEPTH = 500;

/** Refuses input that would break later code. */
export function checkSound(input: unknown, depth = 0): void {
  if (typeof input !== "object" || input === null || input instanceof Blob) return;
  if (depth > MAX_DEPTH) {
    throw new InputRefused(400, "input.too_deep", "The input is nested too deeply.");
  }
  if (Array.isArray(input)) {
    for (const item of input) if (typeof item === "object") checkSound(item, depth + 1);
    return;
  }
  for (const name in input) {
    if (!name.isWellFormed()) {
      const detail = `The property name ${
        JSON.stringify(name.slice(0, 60))
      } is not well-formed Unicode.`;
      throw new InputRefused(400, "input.encoding", detail);
    }
    const inner = (input as Record<string, unknown>)[name];
    if (typeof inner === "object") checkSound(inner, depth + 1);
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function readJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new InputRefused(400, "input.encoding", "The body is not valid UTF-8.");
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unreadable";
    throw new InputRefused(400, "input.json", `The body is not JSON: ${reason}.`);
  }
}

async function readForm(bytes: Uint8Array, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } })
      .formData();
  } catch {
    throw new InputRefused(
      400,
      "input.form",
      "The body is not the form data that its content-type announces.",
    );
  }
}

/** A client that left in the middle of an upload does not read the answer, and there is nothing to log. */
function incomplete(error: unknown): never {
  if (error instanceof InputRefused) throw error;
  throw new InputRefused(400, "input.incomplete", "The body ended early.");
}

function tooLarge(maxBytes: number): InputRefused {
  return new InputRefused(413, "input.too_large", `The body is larger than ${maxBytes} bytes.`);
}
