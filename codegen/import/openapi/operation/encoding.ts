/** `encoding` of a form body → `parts` and `arrays`. */
import type { Conversion } from "../conversion.ts";
import { concrete, type Media, mediaKind } from "./media.ts";
import type { OutObject } from "../schema/out.ts";
import { isList, propertyAt } from "../schema/properties.ts";
import { type Obj, object, text } from "../value.ts";

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
    reportRest(ctx, encoding, lists, `${where} ${name}`);
    if (arrays !== undefined) {
      parts[name] = { ...(contentType === undefined ? {} : { contentType }), arrays };
    } else if (contentType !== undefined) parts[name] = contentType;
  }
  return {
    ...(anyDeep ? { arrays: "indices" } : {}),
    ...(Object.keys(parts).length === 0 ? {} : { parts }),
  };
}

function typeOf(
  ctx: Conversion,
  media: Media,
  encoding: Obj,
  lists: boolean,
  where: string,
): string | undefined {
  const type = text(encoding["contentType"])?.trim();
  // One of several, and any of a kind, is what the file itself says.
  if (type === undefined || /[,*]/.test(type)) return undefined;
  const json = mediaKind(type) === "json";
  if (media.kind === "multipart") {
    // It is the type of each item, and objects are JSON without a word.
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
  if (encoding["explode"] === false) return "comma";
  return anyDeep ? "repeat" : undefined;
}

function reportRest(ctx: Conversion, encoding: Obj, lists: boolean, where: string): void {
  const headers = Object.keys(object(encoding["headers"])).filter((name) =>
    name.toLowerCase() !== "content-type"
  );
  if (headers.length > 0) {
    ctx.losses.add("body", where, `Its part is sent without ${headers.join(", ")}.`);
  }
  const style = text(encoding["style"]);
  if (style === "spaceDelimited" || style === "pipeDelimited") {
    ctx.losses.add("body", where, `Its list is not written in the style ${style}.`);
  } else if (encoding["explode"] === false && !lists) {
    ctx.losses.add("body", where, "`explode: false` is only kept for lists.");
  }
}
