/** Base URLs with their variables filled in. */
import { invalidRequest } from "../../core/errors.ts";
import type { ClientOptions } from "../data/options.ts";
import type { ConnectorData } from "../data/connector.ts";

type Options = ClientOptions & { readonly [field: string]: unknown };

/** `baseURL` replaces the default server; operations with a server of their own keep it. */
export function serverURL(
  connector: ConnectorData,
  server: string,
  options: Options,
  config: Readonly<Record<string, unknown>>,
): string {
  if (server === "default" && options.baseURL !== undefined) {
    return checked(connector.id, options.baseURL);
  }
  const wanted = server === "default" && typeof options["server"] === "string"
    ? options["server"]
    : server;
  const found = Object.hasOwn(connector.servers, wanted) ? connector.servers[wanted] : undefined;
  if (!found) {
    throw invalidRequest(
      "config.invalid",
      `${connector.id} has no server ${JSON.stringify(wanted)}: it has ${
        Object.keys(connector.servers).join(", ")
      }`,
    );
  }
  const url = found.fill ? found.fill(connector.id, found, options, config) : found.url;
  return checked(connector.id, url);
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
