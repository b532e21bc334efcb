/** `https://{region}.example.com` with its variables filled in. */
import { invalidRequest } from "../../core/errors.ts";
import type { ServerFiller, ServerVariableData } from "../data/connector.ts";

type Values = Readonly<Record<string, unknown>>;

/** Throws `config.missing` and `config.invalid`: a value that does not match could lead to another host. */
export const fillServer: ServerFiller = (id, server, options, config) => {
  let { url } = server;
  for (const variable of server.variables ?? []) {
    url = url.replaceAll(`{${variable.name}}`, () => variableValue(id, variable, options, config));
  }
  return url;
};

function variableValue(
  id: string,
  variable: ServerVariableData,
  options: Values,
  config: Values,
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
