/** Servers with their variables. */
import { camelCase, isIdentifier } from "../../read/names.ts";
import type { Losses } from "./loss.ts";
import { isObject, list, type Obj, object, text } from "./value.ts";

export class Servers {
  readonly out: Record<string, unknown> = {};
  readonly #byUrl = new Map<string, string>();
  readonly #queries = new Map<string, string>();
  readonly #losses: Losses;
  readonly #base: string | undefined;
  /** Where the document says that it is: its relative addresses start from there. */
  readonly #self: URL | undefined;

  /** `base`: given by the user; replaces the document's address, or prefixes its relative ones. */
  constructor(document: Obj, losses: Losses, base: string | undefined) {
    this.#losses = losses;
    this.#base = base?.replace(/\/+$/, "");
    const self = text(document["$self"]);
    this.#self = self !== undefined && /^https?:/i.test(self) && URL.canParse(self)
      ? new URL(self)
      : undefined;
    const stated = list(document["servers"]).filter(isObject);
    for (const [index, server] of stated.entries()) {
      const isFirst = Object.keys(this.out).length === 0;
      this.#add(server, isFirst ? "default" : nameOf(server, index));
    }
    if (this.out["default"] === undefined) {
      if (this.#base === undefined) {
        losses.add(
          "server",
          "servers",
          "The document names none; a client asks for baseURL. Give the address with --server.",
        );
      }
      this.out["default"] = this.#base ?? "/";
    }
  }

  /** Name of an operation's server, if it has its own. */
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
    const absolute = this.#address(url, where);
    if (absolute === undefined) return undefined;
    const used = [...absolute.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
    const description = text(server["description"]);
    const variables = Object.fromEntries(used.map((variable) => [
      variable,
      variableOf(object(object(server["variables"])[variable]), placeOf(absolute, variable)),
    ]));
    this.out[name] = used.length === 0 && description === undefined ? absolute : {
      url: absolute,
      ...(description === undefined ? {} : { description }),
      ...(used.length === 0 ? {} : { variables }),
    };
    this.#byUrl.set(url, name);
    const query = /\?([^#]*)/.exec(url)?.[1] ?? "";
    if (query.includes("{")) {
      this.#losses.add("server", where, `The query of \`${url}\` has variables and is left out.`);
    } else this.#queries.set(name, query);
    return name;
  }

  #address(url: string, where: string): string | undefined {
    const plain = url.replace(/[?#].*$/, "").replace(/\/+$/, "").replace(/^(?=\/\/)/, "https:");
    if (/^https?:\/\//i.test(plain) && isUrl(plain)) return plain;
    const path = pathOf(plain);
    if (this.#base !== undefined && path !== undefined) return this.#base + path;
    if (path !== undefined && this.#self !== undefined && url !== "") {
      const folder = plain.startsWith("/") ? "" : this.#self.pathname.replace(/\/[^/]*$/, "");
      return this.#self.origin + folder + path;
    }
    if (path !== undefined) {
      const why =
        `\`${url}\` names no host; a client asks for baseURL. Give the address with --server.`;
      this.#losses.add("server", where, why);
      return path === "" ? "/" : path;
    }
    const rest = /^(?:https?:\/\/)?\{[^{}]+\}(\/.*)?$/i.exec(plain);
    if (rest !== null) {
      const why = `\`${url}\` takes its host from a variable; a client asks for baseURL.`;
      this.#losses.add("server", where, why);
      return rest[1] ?? "/";
    }
    this.#losses.add("server", where, `\`${url}\` is not an address and is left out.`);
    return undefined;
  }

  /** Query parameters in an address: every call to that server has them. */
  queryOf(name: string | undefined): string {
    return this.#queries.get(name ?? "default") ?? "";
  }
}

/** Values allowed at a place in an address without leading to another host. */
const PATTERNS = { port: "[0-9]{1,5}", host: "[A-Za-z0-9._-]+", path: "[A-Za-z0-9._/-]+" } as const;

function placeOf(url: string, variable: string): keyof typeof PATTERNS {
  const before = url.slice(url.indexOf("//") + 2).split(`{${variable}}`)[0] ?? "";
  if (before.includes("/")) return "path";
  return before.endsWith(":") ? "port" : "host";
}

/** Defaults and values may be numbers, as YAML reads ports and versions without quotes. */
function variableOf(variable: Obj, place: keyof typeof PATTERNS): Obj {
  const values = list(variable["enum"]).filter((value) =>
    value !== "" && ["string", "number"].includes(typeof value)
  ).map(String);
  const stated = variable["default"];
  const fallback = typeof stated === "number" ? String(stated) : text(stated);
  const description = text(variable["description"]);
  const pattern = PATTERNS[place];
  const legal = values.length > 0 ? { enum: values } : { pattern };
  const fits = fallback !== undefined &&
    (values.length > 0 ? values.includes(fallback) : new RegExp(`^${pattern}$`).test(fallback));
  return {
    ...legal,
    ...(fits ? { default: fallback } : {}),
    ...(description === undefined ? {} : { description }),
  };
}

/** Undefined if it has a scheme or a host. */
function pathOf(url: string): string | undefined {
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/|\{)/i.test(url)) return undefined;
  const path = url.replace(/^\.(?:\/|$)/, "").replace(/^\//, "");
  return path === "" ? "" : `/${path}`;
}

function isUrl(text: string): boolean {
  return URL.canParse(text.replace(/:\{[^{}]*\}/g, ":1").replace(/\{[^{}]*\}/g, "x"));
}

function nameOf(server: Obj, index: number): string {
  const own = camelCase(text(server["name"]) ?? "");
  if (isIdentifier(own) && own !== "default") return own;
  const name = camelCase(text(server["description"])?.split(/\s+/).slice(0, 2).join(" ") ?? "");
  return isIdentifier(name) && name !== "default" ? name : `server${index + 1}`;
}
