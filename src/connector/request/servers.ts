/** Base URLs with their variables filled in. */
import { type ConnectorError, invalidRequest } from "../../core/errors.ts";
import type { ClientOptions } from "../data/options.ts";
import type { ConnectorData } from "../data/connector.ts";

type Options = ClientOptions & { readonly [field: string]: unknown };

/**
 * `baseURL` replaces the whole address of a server: text replaces that of `default`, a mapping that of each server it names. An
 * address that is only a path has the host of `default`.
 */
export function serverURL(
  connector: ConnectorData,
  server: string,
  options: Options,
  config: Readonly<Record<string, unknown>>,
): string {
  const { id, servers } = connector;
  const check = servers["default"]?.check ?? checked;
  const moved = movedTo(server, options);
  if (moved !== undefined) return check(id, moved);
  const wanted = server === "default" && typeof options["server"] === "string"
    ? options["server"]
    : server;
  const found = Object.hasOwn(servers, wanted) ? servers[wanted] : undefined;
  if (!found) throw unknownServer(connector, wanted);
  const url = found.fill?.(id, found, options, config) ?? found.url;
  if (!/^(\/|$)/.test(url)) return check(id, url);
  if (wanted !== "default") {
    return checked(id, new URL(serverURL(connector, "default", options, config)).origin + url);
  }
  throw invalidRequest(
    "config.missing",
    `${id} needs baseURL, as its spec names no host: give one such as https://HOST${url}`,
  );
}

export function unknownServer({ id, servers }: ConnectorData, wanted: string): ConnectorError {
  return invalidRequest(
    "config.invalid",
    `${id} has no server ${JSON.stringify(wanted)}: it has ${Object.keys(servers).join(", ")}`,
  );
}

function movedTo(server: string, { baseURL }: Options): string | undefined {
  if (typeof baseURL !== "object") return server === "default" ? baseURL : undefined;
  return Object.hasOwn(baseURL, server) ? baseURL[server] : undefined;
}

function checked(id: string, url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (
    !parsed || !/^https?:$/.test(parsed.protocol) || parsed.search || parsed.hash ||
    !url.isWellFormed()
  ) {
    throw invalidRequest(
      "config.invalid",
      `The base URL of ${id} is ${
        JSON.stringify(url)
      }: it must be an http or https URL without query or fragment`,
    );
  }
  return url.replace(/\/+$/, "");
}
