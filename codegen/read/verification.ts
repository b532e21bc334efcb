/** `verify` of the webhooks. */
import type { Cursor } from "../load/cursor.ts";
import type { Template, TemplateRoot } from "../model/template.ts";
import type { HeaderPick, WebhookVerification } from "../model/webhook.ts";
import type { Context } from "./context.ts";
import { defined, Fields, isKind, readChoice } from "./fields/fields.ts";
import { checkHeaderName } from "./headers.ts";
import { useHook } from "./hooks/hooks.ts";
import type { ShapeName } from "./fields/shapes.ts";
import { isLiteral, readTemplate } from "./selector/template.ts";

const SHAPES: Readonly<Record<WebhookVerification["type"], ShapeName>> = {
  none: "verifyNone",
  hmac: "verifyHmac",
  ed25519: "verifyEd25519",
  token: "verifyToken",
  hook: "verifyHook",
};
const TYPES = Object.keys(SHAPES) as WebhookVerification["type"][];
const ENCODINGS = ["hex", "base64", "base64url"] as const;
const BODY: Template = [{ kind: "lookup", root: "body", path: [], optional: false }];

export function readVerification(ctx: Context, cursor: Cursor): WebhookVerification | undefined {
  if (!isKind(ctx.report, cursor, "mapping")) return undefined;
  const typeAt = cursor.at("type");
  if (typeAt === undefined) {
    const help = `Add \`type:\`, one of ${TYPES.join(", ")}.`;
    ctx.report.add("VC1103", cursor, "A verification needs the key `type`.", help, "key");
    return undefined;
  }
  const type = readChoice(ctx.report, typeAt, TYPES);
  const fields = type && Fields.read(ctx.report, cursor, SHAPES[type]);
  if (type === undefined || fields === undefined) return undefined;
  const model = readBody(ctx, fields, type);
  return model === undefined || Object.values(model).includes(undefined)
    ? undefined
    : { type, ...model } as WebhookVerification;
}

function readBody(
  ctx: Context,
  fields: Fields,
  type: WebhookVerification["type"],
): Record<string, unknown> | undefined {
  switch (type) {
    case "none":
      return {};
    case "token": {
      const header = fields.text("header");
      const at = fields.at("header");
      if (header !== undefined && at !== undefined) {
        checkHeaderName(ctx.report, at, header, "value");
      }
      return { header: header?.toLowerCase(), token: secret(ctx, fields, "token") };
    }
    case "hook": {
      const at = fields.at("hook");
      return { hook: at && useHook(ctx, at, "verify") };
    }
    default:
      return {
        ...(type === "hmac" ? hmac(ctx, fields) : ed25519(ctx, fields)),
        signature: pick(ctx, fields, "signature"),
        encoding: fields.choice("encoding", ENCODINGS) ?? "hex",
        sign: sign(ctx, fields, type),
        toleranceMs: fields.duration("tolerance") ?? 300_000,
        ...optionalPick(ctx, fields, "timestamp"),
        ...optionalPick(ctx, fields, "id"),
      };
  }
}

function hmac(ctx: Context, fields: Fields): Record<string, unknown> {
  const prefix = fields.text("secretPrefix");
  return {
    algorithm: fields.choice("algorithm", ["sha1", "sha256", "sha384", "sha512"]) ?? "sha256",
    secret: secret(ctx, fields, "secret"),
    secretEncoding: fields.choice("secretEncoding", ["utf8", ...ENCODINGS]) ?? "utf8",
    ...(prefix === undefined ? {} : { secretPrefix: prefix }),
  };
}

function ed25519(ctx: Context, fields: Fields): Record<string, unknown> {
  const at = fields.at("publicKey");
  return {
    publicKey: at && readTemplate(ctx, at, { roots: ["config"] }),
    keyEncoding: fields.choice("keyEncoding", ENCODINGS) ?? "hex",
  };
}

function sign(ctx: Context, fields: Fields, type: string): Template | undefined {
  const at = fields.at("sign");
  if (at === undefined) return BODY;
  const roots: TemplateRoot[] = ["body"];
  if (fields.at("timestamp") !== undefined) roots.push("timestamp");
  if (type === "hmac" && fields.at("id") !== undefined) roots.push("id");
  const template = readTemplate(ctx, at, { roots: [...roots, "config"] });
  if (
    template !== undefined &&
    !template.some((part) => part.kind === "lookup" && part.root === "body")
  ) {
    const help = 'Sign the body: `sign: "${timestamp}.${body}"`.';
    ctx.report.add("VC2406", at, "This signature does not cover the body.", help);
  }
  return template;
}

function secret(ctx: Context, fields: Fields, key: string): Template | undefined {
  const at = fields.at(key);
  // A program that only calls the API needs no secret for its events; verifying without one is refused at run time.
  const template = at && readTemplate(ctx, at, { roots: ["config"], optional: true });
  if (at === undefined || template === undefined || !isLiteral(template)) return template;
  const help = `Make it a config field and write \`${key}: "\${config.webhookSecret}"\`.`;
  ctx.report.add(
    "VC1511",
    at,
    `\`${key}\` is fixed text: a secret does not belong in a spec.`,
    help,
  );
  return undefined;
}

function optionalPick(ctx: Context, fields: Fields, key: string): Record<string, unknown> {
  return fields.at(key) === undefined ? {} : { [key]: pick(ctx, fields, key) };
}

/** A header's name, or the place of the value in a header. */
function pick(ctx: Context, fields: Fields, key: string): HeaderPick | undefined {
  const at = fields.at(key);
  if (at === undefined) return undefined;
  if (at.kind === "text") {
    return checkHeaderName(ctx.report, at, String(at.value), "value")
      ? { header: String(at.value).toLowerCase(), format: "plain" }
      : undefined;
  }
  const own = Fields.read(ctx.report, at, "headerPick");
  const header = own?.text("header");
  const headerAt = own?.at("header");
  if (own === undefined || header === undefined || headerAt === undefined) return undefined;
  if (!checkHeaderName(ctx.report, headerAt, header, "value")) return undefined;
  const format = own.choice("format", ["plain", "pairs", "list"]) ?? "plain";
  const name = own.text("key");
  if ((format === "pairs") !== (name !== undefined)) {
    const message = name === undefined
      ? "No pair of this header is named."
      : "Only a header of pairs has keys.";
    const help = name === undefined ? "Add `key: v1`." : "Use `format: pairs`, or `prefix`.";
    ctx.report.add("VC1112", at, message, help, "key");
  }
  return defined({
    header: header.toLowerCase(),
    format,
    prefix: own.text("prefix"),
    key: name,
  }) as HeaderPick;
}
