/** Media types, and which of several is imported. */
import { isObject, type Obj, object } from "../value.ts";

export type MediaKind = "json" | "multipart" | "form" | "binary" | "text" | "sse" | "ndjson";

export interface Media {
  readonly type: string;
  readonly kind: MediaKind;
  readonly schema: unknown;
  readonly content: Obj;
}

export function mediaKind(type: string): MediaKind {
  const [essence = ""] = type.toLowerCase().split(";");
  const plain = essence.trim();
  if (
    plain === "application/json" || plain.endsWith("+json") || plain === "*/*" ||
    plain === "text/json"
  ) return "json";
  if (plain === "multipart/form-data") return "multipart";
  if (plain === "application/x-www-form-urlencoded") return "form";
  if (plain === "text/event-stream") return "sse";
  if (/^application\/(x-)?(ndjson|jsonl|json-lines|jsonlines)$/.test(plain)) return "ndjson";
  return plain.startsWith("text/") || plain.endsWith("xml") ? "text" : "binary";
}

/** In the order of the document, which writes the preferred one first. */
export function mediaOf(content: unknown): Media[] {
  return Object.entries(object(content)).map(([type, value]) => {
    const entry = object(value);
    const schema = entry["schema"];
    const binary = isObject(schema) && schema["format"] === "binary" &&
      mediaKind(type) === "json" && type === "*/*";
    return { type, kind: binary ? "binary" : mediaKind(type), schema, content: entry };
  });
}

/** The first of the kinds that there is. */
export function pick(media: readonly Media[], kinds: readonly MediaKind[]): Media | undefined {
  for (const kind of kinds) {
    const exact = kind === "json"
      ? media.find((one) => /^application\/json\b/.test(one.type))
      : undefined;
    const found = exact ?? media.find((one) => one.kind === kind);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What to ask for: undefined where the kind of the result says it. */
export function acceptOf({ kind, type }: Media): string | undefined {
  const [essence = ""] = type.split(";");
  const range = essence.trim();
  if (!/^[\w.+*-]+\/[\w.+*-]+$/.test(range)) return undefined;
  if (kind === "json") return /^(application\/json|\*\/\*)$/i.test(range) ? undefined : range;
  return range.includes("*") ? range : undefined;
}

/** A media type that a spec accepts as it stands; wildcards become a general one. */
export function concrete(type: string, fallback: string): string {
  const [essence = ""] = type.split(";");
  return /^[\w.+-]+\/[\w.+-]+$/.test(essence.trim()) ? essence.trim() : fallback;
}
