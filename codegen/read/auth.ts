/** `auth`: one scheme, a list of schemes that all apply, or alternatives of these. */
import type { Cursor } from "../load/cursor.ts";
import type { Auth } from "../model/auth.ts";
import type { Position } from "../model/position.ts";
import type { Template, TemplateRoot } from "../model/template.ts";
import type { Context } from "./context.ts";
import { defined, entriesOf, Fields, isKind, readChoice } from "./fields/fields.ts";
import { checkHeaderName } from "./headers.ts";
import { useHook } from "./hooks/hooks.ts";
import type { ShapeName } from "./fields/shapes.ts";
import { isLiteral, readTemplate, type TemplateRules } from "./selector/template.ts";

const SHAPES: Readonly<Record<string, ShapeName>> = {
  none: "authNone",
  bearer: "authBearer",
  apiKey: "authApiKey",
  basic: "authBasic",
  oauth2: "authOauth2",
  awsSigV4: "authAwsSigV4",
  hmac: "authHmac",
  hook: "authHook",
};

export function readAuth(ctx: Context, cursor: Cursor): Auth[] {
  if (cursor.value === "none") return [];
  const list = cursor.kind === "list" ? cursor.items() : [cursor];
  return list.flatMap((at) => {
    const one = readOne(ctx, at);
    return one === undefined ? [] : [one];
  });
}

function readOne(ctx: Context, cursor: Cursor): Auth | undefined {
  if (
    !isKind(
      ctx.report,
      cursor,
      "mapping",
      "Write `auth: none` or `auth: { type: bearer, token: … }`.",
    )
  ) return undefined;
  const anyOf = cursor.at("anyOf");
  if (anyOf !== undefined) return readAnyOf(ctx, cursor, anyOf);
  const typeAt = cursor.at("type");
  if (typeAt === undefined) {
    const help = `Add \`type:\`, one of ${Object.keys(SHAPES).join(", ")}.`;
    ctx.report.add("VC1103", cursor, "An auth needs the key `type`.", help, "key");
    return undefined;
  }
  const type = readChoice(ctx.report, typeAt, Object.keys(SHAPES));
  const shape = type === undefined ? undefined : SHAPES[type];
  if (shape === undefined) return undefined;
  const fields = Fields.read(ctx.report, cursor, shape);
  return fields && new AuthReader(ctx, fields).read(type ?? "");
}

function readAnyOf(ctx: Context, cursor: Cursor, at: Cursor): Auth | undefined {
  Fields.read(ctx.report, cursor, "authAnyOf");
  const help = "Write the alternatives: `anyOf: [{ type: bearer, … }, { type: apiKey, … }, none]`.";
  if (!isKind(ctx.report, at, "list", help)) return undefined;
  const items = at.items();
  if (items.length === 0) ctx.report.add("VC1108", at, "There are no alternatives.", help);
  return {
    type: "anyOf",
    alternatives: items.map((item) => readAuth(ctx, item)),
    at: ctx.report.position(cursor),
  };
}

class AuthReader {
  readonly #ctx: Context;
  readonly #fields: Fields;
  readonly #at: Position;

  constructor(ctx: Context, fields: Fields) {
    this.#ctx = ctx;
    this.#fields = fields;
    this.#at = ctx.report.position(fields.cursor);
  }

  read(type: string): Auth | undefined {
    const at = this.#at;
    const model = this.#body(type);
    // A part that could not be read has already been reported.
    return model === undefined || Object.values(model).includes(undefined)
      ? undefined
      : { ...model, at } as Auth;
  }

  #body(type: string): Record<string, unknown> | undefined {
    const fields = this.#fields;
    switch (type) {
      case "bearer":
        return { type, token: this.#secret("token") };
      case "apiKey":
        return this.#apiKey();
      case "basic":
        return {
          type,
          username: this.#template("username"),
          password: fields.at("password") === undefined
            ? [{ kind: "literal", text: "" }]
            : this.#secret("password"),
        };
      case "oauth2":
        return this.#oauth2();
      case "awsSigV4":
        return {
          type,
          accessKeyId: this.#template("accessKeyId"),
          secretAccessKey: this.#secret("secretAccessKey"),
          region: this.#template("region"),
          service: fields.text("service"),
          ...this.#maybe("sessionToken"),
        };
      case "hmac":
        return this.#hmac();
      case "hook": {
        const hook = fields.at("hook");
        return { type, hook: hook && useHook(this.#ctx, hook, "auth") };
      }
      default:
        return undefined;
    }
  }

  #apiKey(): Record<string, unknown> {
    const place = this.#fields.choice("in", ["header", "query", "cookie"]);
    const name = this.#fields.text("name");
    const nameAt = this.#fields.at("name");
    const legal = place !== "header" || name === undefined || nameAt === undefined ||
      checkHeaderName(this.#ctx.report, nameAt, name, "value");
    return {
      type: "apiKey",
      in: place,
      name: legal ? name : undefined,
      value: this.#secret("value"),
    };
  }

  #oauth2(): Record<string, unknown> {
    const fields = this.#fields;
    const flow = fields.choice("flow", ["clientCredentials", "refreshToken"]);
    const token = fields.at("refreshToken");
    if (flow === "refreshToken" && token === undefined) {
      const message = "The flow `refreshToken` needs the key `refreshToken`.";
      this.#ctx.report.add(
        "VC1103",
        fields.cursor,
        message,
        'Add `refreshToken: "${config.refreshToken}"`.',
        "key",
      );
    } else if (flow === "clientCredentials" && token !== undefined) {
      const message = "The flow `clientCredentials` has no `refreshToken`.";
      this.#ctx.report.add(
        "VC1510",
        token,
        message,
        "Remove it, or use `flow: refreshToken`.",
        "key",
      );
    }
    return {
      type: "oauth2",
      flow,
      tokenUrl: this.#tokenUrl(),
      clientId: this.#template("clientId"),
      scopes: fields.texts("scopes"),
      clientAuth: fields.at("clientAuth") === undefined
        ? "basic"
        : fields.choice("clientAuth", ["basic", "body"]),
      ...this.#maybe("clientSecret"),
      ...this.#maybe("refreshToken"),
      ...this.#maybe("audience"),
    };
  }

  #tokenUrl(): Template | undefined {
    const at = this.#fields.at("tokenUrl");
    const template = at && readTemplate(this.#ctx, at, { roots: ["config"], address: true });
    const [first] = template ?? [];
    if (at === undefined || first === undefined) return undefined;
    if (
      first.kind === "lookup" || /^https?:\/\/[^/\s]/.test(first.text) ||
      /^https?:\/\/$/.test(first.text)
    ) return template;
    const message = `\`${String(at.value)}\` is not an address.`;
    this.#ctx.report.add(
      "VC1501",
      at,
      message,
      "Write a full address: `https://example.com/oauth/token`.",
    );
    return undefined;
  }

  #hmac(): Record<string, unknown> {
    const fields = this.#fields;
    const value: TemplateRoot[] = ["signature", "timestamp", "nonce", "config"];
    const signAt = fields.at("sign");
    const sign = this.#template("sign", { roots: ["request", "timestamp", "nonce", "config"] });
    if (
      sign !== undefined && signAt !== undefined &&
      !sign.some((part) => part.kind === "lookup" && part.root === "request")
    ) {
      const help =
        'Sign the request: `"${timestamp}.${request.method}.${request.path}.${request.body}"`.';
      this.#ctx.report.add("VC1512", signAt, "This signature does not cover the request.", help);
    }
    const header = fields.text("header");
    const headerAt = fields.at("header");
    if (header !== undefined && headerAt !== undefined) {
      checkHeaderName(this.#ctx.report, headerAt, header, "value");
    }
    const extraAt = fields.at("extra");
    const extra = extraAt === undefined
      ? []
      : entriesOf(this.#ctx.report, extraAt).flatMap(([name, at]) => {
        checkHeaderName(this.#ctx.report, at, name, "key");
        const template = readTemplate(this.#ctx, at, { roots: value });
        return template === undefined ? [] : [{ name, value: template }];
      });
    const lookup = { kind: "lookup", root: "signature", path: [], optional: false };
    return {
      type: "hmac",
      algorithm: fields.choice("algorithm", ["sha1", "sha256", "sha384", "sha512"]) ?? "sha256",
      secret: this.#secret("secret"),
      sign,
      encoding: fields.choice("encoding", ["hex", "base64", "base64url"]) ?? "hex",
      header,
      value: fields.at("value") === undefined
        ? [lookup]
        : this.#template("value", { roots: value }),
      extra,
    };
  }

  #template(
    key: string,
    rules: TemplateRules = { roots: ["config"], optional: true },
  ): Template | undefined {
    const at = this.#fields.at(key);
    return at && readTemplate(this.#ctx, at, rules);
  }

  /** A template that must not be fixed text, which would be a secret in a file under version control. */
  #secret(key: string): Template | undefined {
    const at = this.#fields.at(key);
    const template = this.#template(key);
    if (at === undefined || template === undefined || !isLiteral(template)) return template;
    const help = `Make it a config field and write \`${key}: "\${config.${key}}"\`.`;
    this.#ctx.report.add(
      "VC1511",
      at,
      `\`${key}\` is fixed text: a secret does not belong in a spec.`,
      help,
    );
    return undefined;
  }

  #maybe(key: string): Record<string, unknown> {
    return this.#fields.at(key) === undefined ? {} : defined({ [key]: this.#template(key) });
  }
}
