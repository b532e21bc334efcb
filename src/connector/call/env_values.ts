/** Reads environment variables whose values are not text. */
import { invalidRequest } from "../../core/errors.ts";
import type { ConfigFieldData, EnvReader } from "../data/connector.ts";

export const numberFromEnv: EnvReader = (text, field) => {
  const value = Number(text);
  return Number.isNaN(value) ? wrong(field, "a number") : value;
};

export const booleanFromEnv: EnvReader = (text, field) => {
  if (text === "true" || text === "1") return true;
  return text === "false" || text === "0" ? false : wrong(field, "true or false");
};

export const jsonFromEnv: EnvReader = (text, field) => {
  try {
    return JSON.parse(text);
  } catch {
    return wrong(field, "JSON");
  }
};

/** The value is not shown: it may be a secret in the wrong variable. */
function wrong(field: ConfigFieldData, right: string): never {
  throw invalidRequest("config.invalid", `${field.env} (for ${field.name}) must be ${right}`);
}
