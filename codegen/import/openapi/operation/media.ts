/** Media types, and which of several is imported. */
import type { Refs } from "../refs.ts";
import { isFile } from "../schema/typed.ts";
import { isObject, type Obj, object } from "../value.ts";

export type MediaKind =
  | "json"
  | "multipart"
  | "form"
  | "binary"
  | "text"
  | "sse"
  | "ndjson"
  | "json-seq";

export interface Media {
  /** As the document writes it. */
  readonly type: string;
  readonly kind: MediaKind;
  readonly schema: unknown;
  /** Of one item, where the document says what they are (OpenAPI 3.2). */
  readonly item: unknown;
  readonly content: Obj;
}

export function mediaKind(type: string): MediaKind {
  const [essence = ""] = type.toLowerCase().split(";");
  const plain = essence.trim();
  // Kubernetes: a line for each event.
  if (plain === "application/json" && /;\s*stream=/.test(type)) return "ndjson";
  if (plain === "application/json-seq" || plain.endsWith("+json-seq")) return "json-seq";
  if (
    plain === "application/json" || plain.endsWith("+json") || plain === "*/*" ||
    plain === "text/json"
  ) return "json";
  if (plain === "multipart/form-data") return "multipart";
  if (plain === "application/x-www-form-urlencoded") return "form";
  if (plain === "text/event-stream") return "sse";
  if (/^application\/(x-)?(ndjson|jsonl|json-lines|jsonlines|stream\+json)$/.test(plain)) {
    return "ndjson";
  }
  return plain.startsWith("text/") || plain.endsWith("xml") ? "text" : "binary";
}

/** In the order of the document, which writes the preferred one first. */
export function mediaOf(refs: Refs, content: unknown): Media[] {
  return Object.entries(object(content)).map(([type, value]) => {
    const entry = refs.schema(value);
    const { schema, itemSchema: item } = entry;
    return {
      type,
      kind: type === "*/*" ? anyKind(schema) : mediaKind(type),
      schema,
      item,
      content: entry,
    };
  });
}

/** For a body of any media type, the schema decides: JSON unless it is a single string. */
function anyKind(schema: unknown): MediaKind {
  if (isFile(object(schema))) return "binary";
  return isPlainText(schema) ? "text" : "json";
}

/** An unrestricted string: its content is rarely a JSON string. */
export function isPlainText(schema: unknown): boolean {
  return isObject(schema) && schema["type"] === "string" && schema["enum"] === undefined &&
    !isFile(schema);
}

/** The first kind that exists. */
export function pick(media: readonly Media[], kinds: readonly MediaKind[]): Media | undefined {
  for (const kind of kinds) {
    const exact = kind === "json"
      ? media.find((one) => /^application\/json\s*(?:;|$)/i.test(one.type))
      : undefined;
    const found = exact ?? media.find((one) => one.kind === kind);
    if (found !== undefined) return found;
  }
  return undefined;
}

const RANGE = /^[\w.+*-]+\/[\w.+*-]+$/;

/** The Accept header: undefined if the kind of result implies it. */
export function acceptOf({ kind, type }: Media): string | undefined {
  const [essence = ""] = type.split(";");
  // A range without parameters includes those with parameters.
  const range = essence.trim();
  if (!RANGE.test(range)) return undefined;
  if (kind === "json") return /^(application\/json|\*\/\*)$/i.test(range) ? undefined : range;
  return range.includes("*") ? range : undefined;
}

/** A media type in a form that a spec accepts, with valid parameters; wildcards become a general one. */
export function concrete(type: string, fallback: string): string {
  const [essence = "", ...parameters] = type.split(";").map((part) => part.trim());
  if (!RANGE.test(essence) || essence.includes("*")) return fallback;
  const sound = parameters.filter((one) => /^[\w.-]+=(?:[\w.+-]+|"[^"\\]*")$/.test(one));
  return [essence, ...sound].join("; ");
}
