/** Security schemes → `auth` and the `config` fields that it needs. */
import { camelCase, CLIENT_OPTIONS, isIdentifier, words } from "../../read/names.ts";
import type { SecurityNames } from "./conversion.ts";
import type { Losses } from "./loss.ts";
import type { Refs } from "./refs.ts";
import { isObject, list, type Obj, object, strings, text } from "./value.ts";

type Auth = Record<string, unknown>;

export class Security implements SecurityNames {
  /** In the order in which they are first needed. */
  readonly config: Record<string, Record<string, unknown>> = {};
  readonly #schemes: Obj;
  readonly #refs: Refs;
  readonly #losses: Losses;
  readonly #prefix: string;
  /** Where a single scheme is used, its fields need no name of their own. */
  readonly #single: boolean;

  constructor(document: Obj, refs: Refs, losses: Losses, id: string) {
    this.#schemes = object(object(document["components"])["securitySchemes"]);
    this.#refs = refs;
    this.#losses = losses;
    this.#prefix = id.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
    this.#single = Object.keys(this.#schemes).length <= 1;
  }

  /** The first alternative that has a counterpart. Undefined: nothing is stated; `none`: no auth is needed. */
  of(requirements: unknown, where: string): Auth | Auth[] | "none" | undefined {
    if (!Array.isArray(requirements)) return undefined;
    const alternatives = requirements.filter(isObject);
    const optional = alternatives.some((one) => Object.keys(one).length === 0);
    for (const alternative of alternatives) {
      const names = Object.keys(alternative);
      if (names.length === 0) continue;
      const auths = names.map((name) => this.auth(name, strings(alternative[name]), optional));
      if (auths.some((auth) => auth === undefined)) continue;
      const others = alternatives.filter((one) =>
        one !== alternative && Object.keys(one).length > 0
      );
      if (others.length > 0) {
        const list = others.map((one) => Object.keys(one).join(" + ")).join(", ");
        this.#losses.add("auth", where, `${names.join(" + ")} is used; ${list} would do, too.`);
      }
      const [first] = auths as Auth[];
      return auths.length === 1 && first !== undefined ? first : auths as Auth[];
    }
    return "none";
  }

  auth(name: string, scopes: readonly string[], optional = false): Auth | undefined {
    const scheme = this.#refs.follow(this.#schemes[name], `securitySchemes.${name}`);
    const field = (what: string, secret: boolean, description?: string): string =>
      this.#field(name, what, secret, optional, description);
    const doc = text(scheme["description"])?.split("\n")[0];
    switch (scheme["type"]) {
      case "http":
        if (String(scheme["scheme"]).toLowerCase() === "basic") {
          return {
            type: "basic",
            username: field("username", false, doc),
            password: field("password", true),
          };
        }
        if (String(scheme["scheme"]).toLowerCase() === "bearer") {
          return { type: "bearer", token: field("token", true, doc) };
        }
        break;
      case "apiKey": {
        const wire = text(scheme["name"]);
        if (wire === undefined || !["header", "query", "cookie"].includes(String(scheme["in"]))) {
          break;
        }
        const value = field("apiKey", true, doc);
        if (scheme["in"] === "header" && wire.toLowerCase() === "authorization") {
          return { type: "apiKey", in: "header", name: "Authorization", value };
        }
        return { type: "apiKey", in: scheme["in"], name: wire, value };
      }
      case "oauth2":
        return this.#oauth2(object(scheme["flows"]), scopes, field, doc);
      case "openIdConnect":
        return { type: "bearer", token: field("accessToken", true, doc) };
    }
    this.#losses.add(
      "auth",
      `securitySchemes.${name}`,
      `A scheme of type ${String(scheme["type"])} ${
        String(scheme["scheme"] ?? "")
      } has no counterpart.`,
    );
    return undefined;
  }

  /** Flows with a user at a browser end in a token that the caller has: it is sent as it is. */
  #oauth2(
    flows: Obj,
    scopes: readonly string[],
    field: (what: string, secret: boolean, doc?: string) => string,
    doc: string | undefined,
  ): Auth {
    const client = object(flows["clientCredentials"]);
    const url = text(client["tokenUrl"]);
    if (url === undefined || !/^https?:\/\//.test(url) || list(Object.keys(flows)).length > 1) {
      return { type: "bearer", token: field("accessToken", true, doc) };
    }
    return {
      type: "oauth2",
      flow: "clientCredentials",
      tokenUrl: url,
      clientId: field("clientId", false, doc),
      clientSecret: field("clientSecret", true),
      ...(scopes.length === 0 ? {} : { scopes }),
    };
  }

  /** A lookup of the field, which is made on first use. */
  #field(
    scheme: string,
    what: string,
    secret: boolean,
    optional: boolean,
    description: string | undefined,
  ): string {
    const last = words(scheme).at(-1)?.toLowerCase() ?? "";
    const own = this.#single
      ? what
      : camelCase(words(what).at(-1)?.toLowerCase() === last ? scheme : `${scheme}-${what}`);
    const plain = isIdentifier(own) && !CLIENT_OPTIONS.has(own) ? own : `auth${what}`;
    const known = this.config[plain];
    const shell = plain.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
    this.config[plain] = known ?? {
      type: "string",
      ...(secret ? { secret: true } : {}),
      env: `${/^[0-9]/.test(this.#prefix) ? "_" : ""}${this.#prefix}_${shell}`,
      ...(optional ? { optional: true } : {}),
      ...(description === undefined ? {} : { description }),
    };
    const isOptional = this.config[plain]?.["optional"] === true;
    return `\${config.${plain}${isOptional ? "?" : ""}}`;
  }
}
