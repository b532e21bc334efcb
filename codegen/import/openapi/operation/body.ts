/** Request bodies. */
import type { Conversion } from "../conversion.ts";
import { encodings, tellUnnamedParts } from "./encoding.ts";
import { concrete, type Media, mediaOf, pick } from "./media.ts";
import type { Refs } from "../refs.ts";
import type { Out, OutObject } from "../schema/out.ts";
import { isFields, propertyNamesOf, requiredNamesOf, takesFiles } from "../schema/properties.ts";
import { isObject, isTrue, type Obj } from "../value.ts";

const BODILESS = new Set(["get", "head", "options", "trace"]);

/** The default media types, which need not be in the spec. A multipart body generates its own. */
const USUAL_TYPES: Partial<Record<Media["kind"], string>> = {
  json: "application/json",
  form: "application/x-www-form-urlencoded",
};

export function importBody(
  ctx: Conversion,
  operation: Obj,
  method: string,
  taken: readonly string[],
  where: string,
): Out | undefined {
  if (operation["requestBody"] === undefined) return undefined;
  const stated = ctx.refs.follow(operation["requestBody"], where);
  const media = mediaOf(ctx.refs, stated["content"]);
  const chosen = chooseBody(ctx.refs, media);
  if (chosen === undefined) return undefined;
  if (BODILESS.has(method)) {
    ctx.losses.add("body", where, `The body of ${method.toUpperCase()} is left out.`);
    return undefined;
  }
  tellUnnamedParts(ctx, chosen, `${where} body`);
  const wide = media.some((one) =>
    one !== chosen && one.kind === "json" && chosen.kind === "json" &&
    !isFields(ctx.refs, one.schema)
  );
  const { out, short } = build(ctx, chosen, isTrue(stated["required"]), { taken, wide, where });
  const named = out["as"] !== undefined;
  const { kept, lost } = alternatives(ctx, media, { chosen, named, taken, where });
  if (lost.length > 0) {
    ctx.losses.add("body", where, `Sent as ${chosen.type}, not as ${lost.join(", ")}.`);
  }
  return kept.length > 0 ? { ...out, alternatives: kept } : short ?? out;
}

interface Main {
  readonly chosen: Media;
  /** The body has a name of its own in the input, so it can be anything. */
  readonly named: boolean;
  readonly taken: readonly string[];
  readonly where: string;
}

/** The other media types of a body: kept if their value has a place in the input. */
function alternatives(
  ctx: Conversion,
  media: readonly Media[],
  { chosen, named, taken, where }: Main,
): { readonly kept: OutObject[]; readonly lost: string[] } {
  const kept: OutObject[] = [];
  const lost: string[] = [];
  const main = JSON.stringify(chosen.schema);
  const written = new Set([contentTypeOf(chosen)]);
  for (const one of media) {
    if (one === chosen) continue;
    const fields = propertyNamesOf(ctx.refs, one.schema);
    const same = JSON.stringify(one.schema) === main;
    const known = isFields(ctx.refs, one.schema) && fields.length > 0;
    const fits = one.kind === "json"
      ? same || named || known && isFields(ctx.refs, chosen.schema)
      : (one.kind === "form" || one.kind === "multipart") && known;
    const apart = same || named || fields.every((name) => !taken.includes(name));
    const type = contentTypeOf(one);
    // Bytes, or text, of another type.
    if (one.kind === chosen.kind && isWhole(one) && !type.includes("*") && !written.has(type)) {
      written.add(type);
      kept.push({ [one.kind === "binary" ? "binary" : "text"]: type });
      continue;
    }
    const both = BODY_KINDS.has(chosen.kind) && BODY_KINDS.has(one.kind);
    if (!both || !fits || !apart || type.includes("*") || written.has(type)) {
      if (!written.has(type)) lost.push(one.type);
      continue;
    }
    written.add(type);
    const multipart = one.kind === "multipart";
    const at = `${where} ${one.type}`;
    tellUnnamedParts(ctx, one, at);
    kept.push({
      [one.kind]: ctx.schema(one.schema ?? {}, at, multipart),
      ...(type === USUAL_TYPES[one.kind] ? {} : multipart ? {} : { contentType: type }),
      ...(one.kind === "json" ? {} : encodings(ctx, one, fields, at)),
    });
  }
  return { kept, lost };
}

/** Sent as it is given. */
function isWhole({ kind }: Media): boolean {
  return kind === "binary" || kind === "text" || kind === "ndjson" || kind === "sse";
}

const BODY_KINDS: ReadonlySet<Media["kind"]> = new Set(["json", "form", "multipart"]);

function contentTypeOf({ kind, type }: Media): string {
  return kind === "multipart" ? "multipart/form-data" : concrete(type, USUAL_TYPES[kind] ?? type);
}

/** Chooses which media type of a body is sent. */
export function chooseBody(refs: Refs, media: readonly Media[]): Media | undefined {
  // If there is a form that takes files, the JSON variant can only name them.
  return media.find((one) => one.kind === "multipart" && takesFiles(refs, one.schema)) ??
    pick(media, ["json", "multipart", "form", "binary", "text", "ndjson", "sse"]);
}

interface Place {
  /** Names of the parameters next to the body's properties. */
  readonly taken: readonly string[];
  /** A value without properties may be sent. */
  readonly wide: boolean;
  readonly where: string;
}

interface Built {
  readonly out: OutObject;
  /** The same as a single type, if that is enough. */
  readonly short?: Out;
}

function build(
  ctx: Conversion,
  media: Media,
  required: boolean,
  { taken, wide, where }: Place,
): Built {
  const at = `${where} body`;
  if (isWhole(media)) {
    const kind = media.kind === "binary" ? "binary" : "text";
    const out: OutObject = {
      [kind]: concrete(media.type, kind === "binary" ? "application/octet-stream" : "text/plain"),
    };
    if (taken.includes("body")) out["as"] = "payload";
    return { out: required ? out : { ...out, optional: true } };
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
  } else if (taken.includes("body") && (wide || fields.length === 0)) extra["as"] = "payload";
  else if (wide) extra["as"] = "body";
  // Documents often forget `required`; a body with required properties makes no sense if empty.
  if (!required && requiredNamesOf(ctx.refs, media.schema).length === 0) extra["optional"] = true;
  const known = isFields(ctx.refs, media.schema);
  if ((multipart || media.kind === "form") && known) {
    Object.assign(extra, encodings(ctx, media, fields, at));
  }
  if (media.kind === "form") {
    if (!known) {
      ctx.losses.add("body", where, "The form has no fields that are known.");
      return { out: { ...extra, form: { type: "object", additionalProperties: true } } };
    }
  }
  if (multipart && !known) {
    return { out: { ...extra, multipart: { type: "object", additionalProperties: true } } };
  }
  const out = { [media.kind]: schema, ...extra };
  const plain = media.kind === "json" && Object.keys(extra).length === 0 && !hasBodyKey(schema);
  return plain ? { out, short: schema } : { out };
}

/** An inline schema cannot be mistaken for `body: { json: … }`, unless it has such a key. */
function hasBodyKey(schema: Out): boolean {
  return isObject(schema) &&
    ["json", "form", "multipart", "binary", "text"].some((key) => Object.hasOwn(schema, key));
}
