/** Security schemes → `auth` and the `config` fields that it needs. */
import { camelCase, CLIENT_OPTIONS, isIdentifier, words } from "../../read/names.ts";
import type { SecurityNames } from "./conversion.ts";
import type { Losses } from "./loss.ts";
import { keyPlace } from "./operation/parameters.ts";
import type { Refs } from "./refs.ts";
import { isObject, list, type Obj, object, strings, text } from "./value.ts";

type Auth = Record<string, unknown>;

function isEmpty(requirement: unknown): boolean {
  return Object.keys(object(requirement)).length === 0;
}

export class Security implements SecurityNames {
  /** In the order in which they are first needed. */
  readonly config: Record<string, Record<string, unknown>> = {};
  readonly #schemes: Obj;
  readonly #refs: Refs;
  readonly #losses: Losses;
  readonly #prefix: string;
  /** If only one scheme is used, its fields need no prefix. */
  readonly #single: boolean;

  constructor(document: Obj, refs: Refs, losses: Losses, id: string) {
    this.#schemes = object(object(document["components"])["securitySchemes"]);
    this.#refs = refs;
    this.#losses = losses;
    this.#prefix = id.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
    this.#single = Object.keys(this.#schemes).length <= 1;
  }

  /** All alternatives with a counterpart. Undefined: not specified; `none`: no auth is needed. */
  of(requirements: unknown, where: string): Auth | Auth[] | "none" | undefined {
    if (!Array.isArray(requirements)) return undefined;
    const ways: (Auth | Auth[] | "none")[] = [];
    const known = new Set<string>();
    for (const one of requirements.filter(isObject)) {
      const way = this.#all(one);
      if (way === undefined || known.has(JSON.stringify(way))) continue;
      known.add(JSON.stringify(way));
      ways.push(way);
    }
    if (ways.length === 0 && requirements.length > 0 && !requirements.every(isEmpty)) {
      this.#losses.add("auth", where, "None of its schemes has a counterpart; it is not signed.");
    }
    // The alternative without credentials applies if there are values for none of the others.
    const first = ways.filter((way) => way !== "none");
    const [only] = first;
    if (only === undefined) return "none";
    const optional = first.length < ways.length;
    if (first.length === 1 && !optional) return only;
    return { anyOf: optional ? [...first, "none"] : first };
  }

  /** `query api_key` for each key in the requirements. */
  keysOf(requirements: unknown): string[] {
    return list(requirements).flatMap((one) => Object.keys(object(one))).flatMap((name) => {
      const scheme = this.#refs.schema(this.#stated(name));
      return scheme["type"] === "apiKey" ? [keyPlace(scheme)] : [];
    });
  }

  #all(requirement: Obj): Auth | Auth[] | "none" | undefined {
    const auths: Auth[] = [];
    for (const [name, scopes] of Object.entries(requirement)) {
      const auth = this.auth(name, strings(scopes));
      if (auth === undefined) return undefined;
      auths.push(auth);
    }
    const [first] = auths;
    return first === undefined ? "none" : auths.length === 1 ? first : auths;
  }

  /** In OpenAPI 3.2 a requirement may also give the address of a scheme. */
  #stated(name: string): unknown {
    return this.#schemes[name] ?? (name.includes("#/") ? { $ref: name } : undefined);
  }

  auth(name: string, scopes: readonly string[]): Auth | undefined {
    const scheme = this.#refs.follow(this.#stated(name), `securitySchemes.${name}`);
    const field = (what: string, secret: boolean, description?: string): string =>
      this.#field(name, what, secret, description);
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

  /** Browser flows end with a token that the caller has: it is sent as it is. */
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

  /** A lookup of the field, which is created on first use. */
  #field(
    scheme: string,
    what: string,
    secret: boolean,
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
      ...(description === undefined ? {} : { description }),
    };
    return `\${config.${plain}}`;
  }
}
