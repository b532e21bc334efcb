/** Request bodies. */
import type { Conversion } from "../conversion.ts";
import { encodings } from "./encoding.ts";
import { concrete, type Media, mediaOf, pick } from "./media.ts";
import type { Refs } from "../refs.ts";
import type { Out, OutObject } from "../schema/out.ts";
import { isFields, propertyNamesOf, requiredNamesOf, takesFiles } from "../schema/properties.ts";
import { isObject, type Obj } from "../value.ts";

const BODILESS = new Set(["get", "head", "options", "trace"]);

/** Sent without a word in the spec. A multipart body makes its type itself. */
const USUAL_TYPES: Partial<Record<Media["kind"], string>> = {
  json: "application/json",
  form: "application/x-www-form-urlencoded",
};

/** `taken`: names of parameters, beside which the body's properties stand. */
export function importBody(
  ctx: Conversion,
  operation: Obj,
  method: string,
  taken: readonly string[],
  where: string,
): Out | undefined {
  if (operation["requestBody"] === undefined) return undefined;
  const stated = ctx.refs.follow(operation["requestBody"], where);
  const media = mediaOf(stated["content"]);
  const chosen = chooseBody(ctx.refs, media);
  if (chosen === undefined) return undefined;
  if (BODILESS.has(method)) {
    ctx.losses.add("body", where, `The body of ${method.toUpperCase()} is left out.`);
    return undefined;
  }
  const others = media.filter((one) => one !== chosen).map((one) => one.type);
  if (others.length > 0) {
    ctx.losses.add("body", where, `Sent as ${chosen.type}, not as ${others.join(", ")}.`);
  }
  return build(ctx, chosen, stated["required"] === true, taken, where);
}

/** Which of the media types of a body is sent. */
export function chooseBody(refs: Refs, media: readonly Media[]): Media | undefined {
  // Beside a form that takes files, the JSON of the same operation can only name them.
  return media.find((one) => one.kind === "multipart" && takesFiles(refs, one.schema)) ??
    pick(media, ["json", "multipart", "form", "binary", "text", "ndjson", "sse"]);
}

function build(
  ctx: Conversion,
  media: Media,
  required: boolean,
  taken: readonly string[],
  where: string,
): Out {
  const at = `${where} body`;
  if (
    media.kind === "binary" || media.kind === "text" || media.kind === "ndjson" ||
    media.kind === "sse"
  ) {
    const kind = media.kind === "binary" ? "binary" : "text";
    const out: OutObject = {
      [kind]: concrete(media.type, kind === "binary" ? "application/octet-stream" : "text/plain"),
    };
    if (taken.includes("body")) out["as"] = "payload";
    return required ? out : { ...out, optional: true };
  }
  const multipart = media.kind === "multipart";
  const schema = ctx.schema(media.schema ?? {}, at, multipart);
  const fields = propertyNamesOf(ctx.refs, media.schema);
  const extra: OutObject = {};
  const usual = USUAL_TYPES[media.kind];
  const contentType = concrete(media.type, usual ?? media.type);
  if (usual !== undefined && contentType !== usual) extra["contentType"] = contentType;
  const clash = fields.filter((name) => taken.includes(name));
  if (clash.length > 0) {
    extra["as"] = taken.includes("body") ? "payload" : "body";
    const all = clash.map((name) => `\`${name}\``).join(", ");
    const message = `${all} in the body and beside it: the body is called \`${
      String(extra["as"])
    }\`.`;
    ctx.losses.add("name", where, message);
  } else if (taken.includes("body") && fields.length === 0) extra["as"] = "payload";
  // Documents often forget `required`; a body with required properties makes no sense without them.
  if (!required && requiredNamesOf(ctx.refs, media.schema).length === 0) extra["optional"] = true;
  const known = isFields(ctx.refs, media.schema);
  if ((multipart || media.kind === "form") && known) {
    Object.assign(extra, encodings(ctx, media, fields, at));
  }
  if (media.kind === "form") {
    if (!known) {
      ctx.losses.add("body", where, "The form has no fields that are known.");
      return { ...extra, form: { type: "object", additionalProperties: true } };
    }
  }
  if (multipart && !known) {
    return { ...extra, multipart: { type: "object", additionalProperties: true } };
  }
  if (media.kind === "json" && Object.keys(extra).length === 0 && !hasBodyKey(schema)) {
    return schema;
  }
  return { [media.kind]: schema, ...extra };
}

/** An inline schema cannot be mistaken for `body: { json: … }`, unless it has such a key itself. */
function hasBodyKey(schema: Out): boolean {
  return isObject(schema) &&
    ["json", "form", "multipart", "binary", "text"].some((key) => Object.hasOwn(schema, key));
}
