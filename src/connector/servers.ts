/** Base URLs with their variables filled in. */
import { invalidRequest } from "../core/errors.ts";
import type { ClientOptions } from "./options.ts";
import type { ConnectorSpec, ServerVariableSpec } from "./spec.ts";

type Options = ClientOptions & { readonly [field: string]: unknown };

/** `baseURL` replaces the default server; operations with a server of their own keep it. */
export function serverURL(
  spec: ConnectorSpec,
  server: string,
  options: Options,
  config: Readonly<Record<string, unknown>>,
): string {
  if (server === "default" && options.baseURL !== undefined) {
    return checked(spec.id, options.baseURL);
  }
  const wanted = server === "default" && typeof options["server"] === "string"
    ? options["server"]
    : server;
  const found = Object.hasOwn(spec.servers, wanted) ? spec.servers[wanted] : undefined;
  if (found === undefined) {
    throw invalidRequest(
      "config.invalid",
      `${spec.id} has no server ${JSON.stringify(wanted)}: it has ${
        Object.keys(spec.servers).join(", ")
      }`,
    );
  }
  let url = found.url;
  for (const variable of found.variables ?? []) {
    url = url.replaceAll(
      `{${variable.name}}`,
      () => variableValue(spec.id, variable, options, config),
    );
  }
  return checked(spec.id, url);
}

function variableValue(
  id: string,
  variable: ServerVariableSpec,
  options: Options,
  config: Readonly<Record<string, unknown>>,
): string {
  const given = variable.config === undefined ? options[variable.name] : config[variable.config];
  const name = variable.config ?? variable.name;
  const value = given === undefined || given === null ? variable.default : String(given);
  if (value === undefined) {
    throw invalidRequest(
      "config.missing",
      `${id} needs ${name}, which is part of its server's address`,
    );
  }
  if (variable.oneOf !== undefined && !variable.oneOf.includes(value)) {
    throw invalidRequest(
      "config.invalid",
      `${name} of ${id} is ${JSON.stringify(value)}: it must be one of ${
        variable.oneOf.join(", ")
      }`,
    );
  }
  if (variable.pattern !== undefined && !new RegExp(`^(?:${variable.pattern})$`, "u").test(value)) {
    throw invalidRequest(
      "config.invalid",
      `${name} of ${id} is ${JSON.stringify(value)}: it must match ${variable.pattern}`,
    );
  }
  return value;
}

function checked(id: string, url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) {
    throw invalidRequest(
      "config.invalid",
      `The base URL of ${id} is ${JSON.stringify(url)}: it must be an http or https URL`,
    );
  }
  if (parsed.search !== "" || parsed.hash !== "") {
    throw invalidRequest(
      "config.invalid",
      `The base URL of ${id} has a query or fragment: give it without`,
    );
  }
  return url.replace(/\/+$/, "");
}
