/** `encoding` of a form body → `parts` and `arrays`. */
import type { Conversion } from "../conversion.ts";
import { concrete, type Media, mediaKind } from "./media.ts";
import type { OutObject } from "../schema/out.ts";
import { isList, propertyAt, takesFiles } from "../schema/properties.ts";
import { list, type Obj, object, text } from "../value.ts";

/** Keys of the body; what cannot be written the way the document wants it is reported. */
export function encodings(
  ctx: Conversion,
  media: Media,
  fields: readonly string[],
  where: string,
): OutObject {
  const stated = object(media.content["encoding"]);
  const deep = (name: string): boolean => object(stated[name])["style"] === "deepObject";
  const anyDeep = fields.some(deep);
  const parts: OutObject = {};
  for (const name of fields) {
    const encoding = object(stated[name]);
    const lists = isList(ctx.refs, propertyAt(ctx.refs, media.schema, name));
    const contentType = typeOf(ctx, media, encoding, lists, `${where} ${name}`);
    const arrays = lists && !deep(name) ? arraysOf(encoding, anyDeep) : undefined;
    const headers = media.kind === "multipart"
      ? headersOf(ctx, media, name, encoding, `${where} ${name}`)
      : {};
    if (encoding["explode"] === false && !lists) {
      ctx.losses.add("body", `${where} ${name}`, "`explode: false` is only kept for lists.");
    }
    if (arrays !== undefined || Object.keys(headers).length > 0) {
      parts[name] = {
        ...(contentType === undefined ? {} : { contentType }),
        ...(arrays === undefined ? {} : { arrays }),
        ...(Object.keys(headers).length === 0 ? {} : { headers }),
      };
    } else if (contentType !== undefined) parts[name] = contentType;
  }
  return {
    ...(anyDeep ? { arrays: "indices" } : {}),
    ...(Object.keys(parts).length === 0 ? {} : { parts }),
  };
}

/** How parts without names are written (OpenAPI 3.2): the caller has all of such a body in hand. */
export function tellUnnamedParts(ctx: Conversion, media: Media, where: string): void {
  for (const keyword of ["prefixEncoding", "itemEncoding"]) {
    if (media.content[keyword] === undefined) continue;
    const why = media.kind === "multipart"
      ? "the parts of a form have names."
      : `${media.type} is taken and given as bytes, parts and all.`;
    ctx.losses.add("body", where, `\`${keyword}\` is left out: ${why}`);
  }
}

function typeOf(
  ctx: Conversion,
  media: Media,
  encoding: Obj,
  lists: boolean,
  where: string,
): string | undefined {
  const type = text(encoding["contentType"])?.trim();
  // With several types or a wildcard, the file itself decides.
  if (type === undefined || /[,*]/.test(type)) return undefined;
  const json = mediaKind(type) === "json";
  if (media.kind === "multipart") {
    // It is the type of each item, and objects are JSON by default.
    return lists && json ? undefined : concrete(type, "application/octet-stream");
  }
  if (json) return "application/json";
  if (!/^text\/plain\b/i.test(type)) {
    ctx.losses.add("body", where, `It is sent as plain text, not as ${type}.`);
  }
  return undefined;
}

/** Undefined: as the whole body has it. */
function arraysOf(encoding: Obj, anyDeep: boolean): string | undefined {
  switch (encoding["style"]) {
    case "spaceDelimited":
      return "space";
    case "pipeDelimited":
      return "pipe";
  }
  if (encoding["explode"] === false) return "comma";
  return anyDeep ? "repeat" : undefined;
}

/** Headers of a part with a fixed value. Callers can only give other headers with a file. */
function headersOf(
  ctx: Conversion,
  media: Media,
  name: string,
  encoding: Obj,
  where: string,
): OutObject {
  const out: OutObject = {};
  for (const [header, stated] of Object.entries(object(encoding["headers"]))) {
    // OpenAPI ignores this one; the form sets the other itself.
    if (/^content-(type|disposition)$/i.test(header)) continue;
    const definition = ctx.refs.follow(stated, where);
    const schema = ctx.refs.schema(definition["schema"]);
    const [only, ...others] = list(schema["enum"]);
    const value = schema["const"] ?? (others.length === 0 ? only : undefined) ?? schema["default"];
    if (HEADER.test(header) && isPrintable(value)) out[header] = String(value);
    else if (isFilePart(ctx, media, name)) {
      const why = `\`${header}\` has no value here: give it with the file, as \`headers\`.`;
      ctx.losses.add("body", where, why);
    } else ctx.losses.add("body", where, `Its part is sent without ${header}.`);
  }
  return out;
}

const HEADER = /^[\w!#$%&'*+.^`|~-]+$/;

function isPrintable(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value) &&
    !/[^\t\x20-\x7e\x80-\xff]/.test(String(value));
}

function isFilePart(ctx: Conversion, media: Media, name: string): boolean {
  const schema = propertyAt(ctx.refs, media.schema, name);
  return takesFiles(ctx.refs, { properties: { [name]: schema } });
}
