/** Servers with their variables. */
import { camelCase, isIdentifier } from "../../check/names.ts";
import type { Losses } from "./loss.ts";
import { isObject, list, type Obj, object, strings, text } from "./value.ts";

const NONE = "https://example.com";

export class Servers {
  readonly out: Record<string, unknown> = {};
  readonly #byUrl = new Map<string, string>();
  readonly #losses: Losses;
  readonly #base: string | undefined;

  /** `base`: given by the user, in place of what the document says, or before its relative addresses. */
  constructor(document: Obj, losses: Losses, base: string | undefined) {
    this.#losses = losses;
    this.#base = base?.replace(/\/+$/, "");
    const stated = list(document["servers"]).filter(isObject);
    for (const [index, server] of stated.entries()) {
      this.#add(server, index === 0 ? "default" : nameOf(server, index));
    }
    if (this.out["default"] === undefined) {
      if (this.#base === undefined) {
        losses.add(
          "server",
          "servers",
          `The document names none; ${NONE} stands in. Give the address on import.`,
        );
      }
      this.out["default"] = this.#base ?? NONE;
    }
  }

  /** Name of the server of an operation, where it has its own. */
  nameFor(server: unknown, where: string): string | undefined {
    const [first] = list(server).filter(isObject);
    const url = first && text(first["url"]);
    if (first === undefined || url === undefined) return undefined;
    return this.#byUrl.get(url) ??
      this.#add(first, nameOf(first, Object.keys(this.out).length), where);
  }

  #add(server: Obj, wanted: string, where = "servers"): string | undefined {
    const url = text(server["url"]);
    if (url === undefined) return undefined;
    let name = wanted;
    for (let n = 2; this.out[name] !== undefined; n++) name = `${wanted}${n}`;
    const absolute = this.#absolute(url, where);
    if (absolute === undefined) return undefined;
    const used = [...absolute.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
    const description = text(server["description"]);
    const variables = Object.fromEntries(
      used.map((
        variable,
      ) => [variable, this.#variable(object(object(server["variables"])[variable]))]),
    );
    this.out[name] = used.length === 0 && description === undefined ? absolute : {
      url: absolute,
      ...(description === undefined ? {} : { description }),
      ...(used.length === 0 ? {} : { variables }),
    };
    this.#byUrl.set(url, name);
    return name;
  }

  #absolute(url: string, where: string): string | undefined {
    const plain = url.replace(/[?#].*$/, "").replace(/\/+$/, "");
    if (/^https?:\/\//i.test(plain) && isUrl(plain)) return plain;
    if (this.#base !== undefined && !/^[a-z]+:/i.test(plain)) {
      return this.#base + (plain.startsWith("/") || plain === "" ? plain : `/${plain}`);
    }
    if (plain.startsWith("/") || plain === "" || plain === ".") {
      this.#losses.add(
        "server",
        where,
        `\`${url}\` names no host; ${NONE} stands in. Give the address on import.`,
      );
      return NONE + (plain === "." ? "" : plain);
    }
    if (/^\{[^{}]+\}/.test(plain)) {
      this.#losses.add(
        "server",
        where,
        `\`${url}\` takes its host from a variable; ${NONE} stands in.`,
      );
      return NONE;
    }
    this.#losses.add("server", where, `\`${url}\` is no address and is left out.`);
    return undefined;
  }

  #variable(variable: Obj): Obj {
    const values = strings(variable["enum"]).filter((value) => value !== "");
    const fallback = text(variable["default"]);
    const description = text(variable["description"]);
    const legal = values.length > 0 ? { enum: values } : { pattern: "[A-Za-z0-9._-]+" };
    const fits = fallback !== undefined &&
      (values.length > 0 ? values.includes(fallback) : /^[A-Za-z0-9._-]+$/.test(fallback));
    return {
      ...legal,
      ...(fits ? { default: fallback } : {}),
      ...(description === undefined ? {} : { description }),
    };
  }
}

function isUrl(text: string): boolean {
  try {
    new URL(text.replace(/\{[^{}]*\}/g, "x"));
    return true;
  } catch {
    return false;
  }
}

function nameOf(server: Obj, index: number): string {
  const name = camelCase(text(server["description"])?.split(/\s+/).slice(0, 2).join(" ") ?? "");
  return isIdentifier(name) && name !== "default" ? name : `server${index + 1}`;
}
