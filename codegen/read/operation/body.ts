/** `body` of an operation: a type (JSON), or one of json, form, multipart, binary and text with its options. */
import type { Cursor } from "../../load/cursor.ts";
import type {
  ArrayStyle,
  BodyForm,
  BodyModel,
  ParameterModel,
  PartEncoding,
} from "../../model/operation.ts";
import type { Schema } from "../../model/schema.ts";
import type { Context } from "../context.ts";
import { containsBytes } from "../types/contains_bytes.ts";
import { defined, describe, entriesOf, Fields, isKind, readText } from "../fields/fields.ts";
import { checkPartHeader } from "../headers.ts";
import { isIdentifier } from "../names.ts";
import { didYouMean } from "../report/suggest.ts";
import { isObjectLike, propertyNames, requiresAny } from "../../model/types/resolve.ts";

type Kind = BodyModel["kind"];
const BODY_KINDS: readonly Kind[] = ["json", "form", "multipart", "binary", "text"];

const CONTENT_TYPES: Readonly<Record<Kind, string>> = {
  json: "application/json",
  form: "application/x-www-form-urlencoded",
  multipart: "multipart/form-data",
  binary: "application/octet-stream",
  text: "text/plain",
};

const ARRAY_STYLES: readonly ArrayStyle[] = [
  "repeat",
  "brackets",
  "indices",
  "comma",
  "space",
  "pipe",
];

const MEDIA_TYPE = /^[\w.+-]+\/[\w.+*-]+(?:\s*;\s*[\w.-]+=(?:[\w.+-]+|"[^"]*"))*$/;

export function readBody(
  ctx: Context,
  cursor: Cursor,
  method: string,
  parameters: readonly ParameterModel[],
): BodyModel | undefined {
  if (method === "GET" || method === "HEAD" || method === "TRACE" || method === "OPTIONS") {
    ctx.report.add(
      "VC1610",
      cursor,
      `${method} has no body.`,
      "Use `input` with `in: query`, or another method.",
      "key",
    );
    return undefined;
  }
  const kinds = cursor.kind === "mapping"
    ? BODY_KINDS.filter((kind) => cursor.at(kind) !== undefined)
    : [];
  const [kind] = kinds;
  const body = kind === undefined
    ? {
      kind: "json" as const,
      schema: ctx.readSchema(ctx, cursor),
      contentType: CONTENT_TYPES.json,
    }
    : readEncoded(ctx, cursor, kind, kinds.length);
  ctx.readTypes();
  if (body === undefined) return undefined;
  checkFit(ctx, cursor, body.kind, body.schema);
  const fields = kind === undefined ? undefined : Fields.read(ctx.report, cursor, "body");
  const required = fields?.boolean("optional") !== true;
  const mode = readMode(ctx, fields, body, required);
  checkNames(ctx, cursor, body.schema, mode, parameters);
  const form = readForm(ctx, fields, body);
  const alternatives = readAlternatives(ctx, fields, { ...mode, form, parameters });
  return { ...form, required, ...mode, alternatives, at: ctx.report.position(cursor) };
}

function readForm(ctx: Context, fields: Fields | undefined, body: Encoded): BodyForm {
  return {
    ...body,
    nested: fields?.choice("nested", ["brackets", "dots", "json"]) ??
      (body.kind === "multipart" ? "json" : "brackets"),
    arrays: fields?.choice("arrays", ARRAY_STYLES) ?? "repeat",
    parts: readParts(ctx, fields, body),
  };
}

/** `alternatives: [{ form: Type }]`: they replace the body in the input. */
function readAlternatives(
  ctx: Context,
  fields: Fields | undefined,
  body: Mode & { readonly form: BodyForm; readonly parameters: readonly ParameterModel[] },
): BodyForm[] {
  const taken = new Set([body.form.contentType]);
  return (fields?.list("alternatives") ?? []).flatMap((at): BodyForm[] => {
    const own = Fields.read(ctx.report, at, "bodyAlternative");
    const kinds = BODY_KINDS.filter((kind) => own?.at(kind) !== undefined);
    const [kind] = kinds;
    if (own === undefined) return [];
    if (kind === undefined) {
      const help = "Give one of json, form, multipart, binary and text.";
      ctx.report.add("VC1103", at, "It does not say what is sent.", help);
      return [];
    }
    const encoded = readEncoded(ctx, at, kind, kinds.length);
    ctx.readTypes();
    if (encoded === undefined) return [];
    checkFit(ctx, at, encoded.kind, encoded.schema);
    if (taken.has(encoded.contentType)) {
      const message = `\`${encoded.contentType}\` is said twice.`;
      const help = "Callers choose by the media type: give each its own, or keep one of the two.";
      ctx.report.add("VC1112", at, message, help);
    }
    taken.add(encoded.contentType);
    if (body.mode === "spread" && !isObjectLike(ctx.types, encoded.schema)) {
      const message = "The properties of the body stand in the input, but this type has none.";
      ctx.report.add("VC1611", at, message, "Give the body a name: `as: body`.");
    }
    if (body.mode === "spread") checkNames(ctx, at, encoded.schema, body, body.parameters);
    return [readForm(ctx, own, encoded)];
  });
}

type Encoded = Pick<BodyModel, "kind" | "schema" | "contentType">;

function readEncoded(ctx: Context, cursor: Cursor, kind: Kind, count: number): Encoded | undefined {
  const at = cursor.at(kind);
  if (at === undefined) return undefined;
  if (count > 1) {
    const help = "Keep one of json, form, multipart, binary and text.";
    ctx.report.add("VC1112", cursor, "The body has several encodings.", help, "key");
    return undefined;
  }
  const stated = cursor.at("contentType");
  const own = stated === undefined ? undefined : readMediaType(ctx, stated);
  if (kind === "binary" || kind === "text") {
    const contentType = readMediaType(ctx, at) ?? CONTENT_TYPES[kind];
    return { kind, schema: { kind: kind === "binary" ? "bytes" : "string" }, contentType };
  }
  return { kind, schema: ctx.readSchema(ctx, at), contentType: own ?? CONTENT_TYPES[kind] };
}

/** `image/png`; undefined after reporting. */
export function readMediaType(ctx: Context, at: Cursor): string | undefined {
  const text = readText(ctx.report, at);
  if (text === undefined || MEDIA_TYPE.test(text)) return text;
  ctx.report.add(
    "VC1105",
    at,
    `${describe(at)} is not a media type.`,
    "Write one such as `application/octet-stream`.",
  );
  return undefined;
}

function checkFit(ctx: Context, cursor: Cursor, kind: Kind, schema: Schema): void {
  if (
    (kind === "form" || kind === "multipart") && schema.kind !== "unknown" &&
    !isObjectLike(ctx.types, schema)
  ) {
    const at = cursor.at(kind) ?? cursor;
    const message = `A ${kind} body consists of named fields, but this type is not an object.`;
    ctx.report.add("VC1611", at, message, "Use a type with properties.");
  }
  if (kind === "multipart" || !containsBytes(ctx.types, schema)) return;
  if (kind !== "json" && kind !== "form") return;
  const help =
    "Use `body: { multipart: … }`, or base64 text: `{ type: string, contentEncoding: base64 }`.";
  ctx.report.add("VC1213", cursor, `A ${kind} body cannot contain the bytes of a file.`, help);
}

type Mode = Pick<BodyModel, "mode" | "key">;

function readMode(
  ctx: Context,
  fields: Fields | undefined,
  body: Encoded,
  required: boolean,
): Mode {
  const as = fields?.text("as");
  const at = fields?.at("as");
  if (as !== undefined && at !== undefined && !isIdentifier(as)) {
    const help = "Use letters, digits and _, such as `body`.";
    ctx.report.add("VC2101", at, `\`${as}\` cannot be the name of a property.`, help);
  }
  if (as !== undefined) return { mode: "key", key: as };
  const fields_ = body.kind !== "binary" && body.kind !== "text" &&
    isObjectLike(ctx.types, body.schema);
  // A body that is optional as a whole but has required parts needs a name of its own to be typed.
  const spread = fields_ && (required || !requiresAny(ctx.types, body.schema));
  return { mode: spread ? "spread" : "key", key: "body" };
}

function checkNames(
  ctx: Context,
  cursor: Cursor,
  schema: Schema,
  mode: Mode,
  parameters: readonly ParameterModel[],
): void {
  const names = mode.mode === "key" ? [mode.key] : propertyNames(ctx.types, schema);
  const kind = BODY_KINDS.find((one) => cursor.kind === "mapping" && cursor.at(one) !== undefined);
  for (const parameter of parameters) {
    if (!names.includes(parameter.name)) continue;
    const message = mode.mode === "key"
      ? `The body and a parameter are both called \`${parameter.name}\`.`
      : `\`${parameter.name}\` is both a ${parameter.in} parameter and a property of the body.`;
    const help =
      `Rename the parameter and keep \`name: ${parameter.wire}\`, or give the body a name: \`body: { ${
        kind ?? "json"
      }: …, as: body }\`.`;
    ctx.report.add("VC1609", cursor, message, help, "key");
  }
}

function readParts(
  ctx: Context,
  fields: Fields | undefined,
  { kind, schema }: Encoded,
): PartEncoding[] {
  const at = fields?.at("parts");
  if (at === undefined) return [];
  const names = propertyNames(ctx.types, schema);
  return entriesOf(ctx.report, at).flatMap(([property, part]): PartEncoding[] => {
    if (!names.includes(property)) {
      const help = didYouMean(property, names, "properties");
      ctx.report.add("VC1614", part, `The body has no property \`${property}\`.`, help, "key");
    }
    if (part.kind === "mapping") {
      const own = Fields.read(ctx.report, part, "part");
      const type = own?.at("contentType");
      const contentType = type && readMediaType(ctx, type);
      const headersAt = own?.at("headers");
      const headers = headersAt && readPartHeaders(ctx, headersAt, kind);
      return [
        defined({ property, contentType, arrays: own?.choice("arrays", ARRAY_STYLES), headers }),
      ];
    }
    const help = "Write its media type, such as `image/png`, or `{ contentType: …, arrays: … }`.";
    if (!isKind(ctx.report, part, "text", help)) return [];
    return [defined({ property, contentType: readMediaType(ctx, part) })];
  });
}

/** The headers written into each part. */
function readPartHeaders(ctx: Context, at: Cursor, kind: Kind): { [name: string]: string } {
  if (kind !== "multipart") {
    const help = "Remove it, or send the body as `multipart`.";
    ctx.report.add("VC1112", at, `The fields of a ${kind} body have no headers.`, help, "key");
  }
  const out: { [name: string]: string } = {};
  for (const [name, value] of entriesOf(ctx.report, at)) {
    const text = readText(ctx.report, value);
    if (text === undefined || !checkPartHeader(ctx.report, value, name)) continue;
    if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) {
      const help = "Write one line of printable characters.";
      ctx.report.add("VC1105", value, "This cannot be the value of a header.", help);
    } else out[name] = text;
  }
  return out;
}
