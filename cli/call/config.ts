/** `--config NAME=VALUE` as constructor options. */
import type {
  ConfigFieldDefinition,
  ConnectorDefinition,
} from "../../src/connector/definition/definition.ts";
import { didYouMean } from "../../src/core/suggest.ts";
import { UsageError } from "../command.ts";

export function readCallConfig(
  given: readonly string[],
  definition: ConnectorDefinition,
): Record<string, unknown> {
  const fields = new Map(definition.config.map((field) => [field.name, field]));
  const known = [...fields.keys(), "server", ...serverVariables(definition)];
  return Object.fromEntries(given.map((text) => {
    const [name = "", value] = text.split(/=(.*)/s);
    // The value is not shown: it may be a secret.
    if (value === undefined || name === "") throw new UsageError("--config must be NAME=VALUE.");
    if (!known.includes(name)) {
      throw new UsageError(
        `--config: ${definition.id} has no ${name}.${didYouMean(name, known)} Known: ${
          known.join(", ")
        }.`,
      );
    }
    return [name, typed(value, fields.get(name))];
  }));
}

/** `{region}` in a server's address is an option of that name. */
function serverVariables({ servers }: ConnectorDefinition): string[] {
  return Object.values(servers).flatMap((url) =>
    [...url.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? "")
  );
}

function typed(value: string, field: ConfigFieldDefinition | undefined): unknown {
  const type = typeof field?.schema === "object" ? field.schema["type"] : "string";
  if (type === "string" || type === undefined) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
