/** Credentials are required when a call needs them: a client with only a token can call whatever needs only the token. */
import { type ConnectorError, invalidRequest } from "../../core/errors.ts";
import type { AuthStep, ClientState, ConnectorData } from "../data/connector.ts";
import type { TemplateLookup } from "../data/template.ts";

/** Throws `config.missing` if a value that a step needs is missing. */
export function demand(step: AuthStep, client: ClientState): void {
  for (const template of step.needs ?? []) {
    for (const part of template) {
      if (typeof part === "string" || part.optional || !isMissing(part, client)) continue;
      throw missingConfig(client.connector, [fieldsOf(step, client, false)]);
    }
  }
}

/**
 * The first alternative whose values are all present signs. `[]` means that no credentials are needed.
 */
export function firstOf(...alternatives: readonly (readonly AuthStep[])[]): AuthStep {
  const chosen = (client: ClientState): readonly AuthStep[] => {
    const missing: string[][] = [];
    for (const steps of alternatives) {
      const fields = steps.flatMap((step) => fieldsOf(step, client, true));
      if (fields.length === 0) return steps;
      missing.push(fields);
    }
    throw missingConfig(client.connector, missing);
  };
  return {
    headers: alternatives.flatMap((steps) => steps.flatMap((step) => step.headers ?? [])),
    async apply(request, client, tenantId, limits) {
      for (const step of chosen(client)) await step.apply(request, client, tenantId, limits);
    },
    async refused(exchange, client, tenantId, again) {
      let last = exchange;
      for (const step of chosen(client)) {
        last = await step.refused?.(last, client, tenantId, again) ?? last;
      }
      return last;
    },
  };
}

/** Config fields of a step that have no value. `all`: including those without which it merely does not sign. */
function fieldsOf(step: AuthStep, client: ClientState, all: boolean): string[] {
  return (step.needs ?? []).flat().flatMap((part) =>
    typeof part === "string" || (part.optional && !all) || !isMissing(part, client)
      ? []
      : [String(part.get[1])]
  );
}

/** True for a field of the connector that has no value. */
function isMissing({ get: [root, name], or }: TemplateLookup, client: ClientState): boolean {
  return root === "config" && or === undefined && client.config[String(name)] === undefined &&
    (client.connector.config ?? []).some((field) => field.name === name);
}

/** Names what is missing, and every way to give it; of several lists one is enough. */
export function missingConfig(
  { id, config = [] }: ConnectorData,
  alternatives: readonly (readonly string[])[],
): ConnectorError {
  const way = (name: string): string => {
    const env = config.find((field) => field.name === name)?.env;
    return env ? `give ${name} or set ${env}` : `give ${name}`;
  };
  const names = alternatives.map((fields) => fields.join(", ")).join(" or ");
  const ways = [...new Set(alternatives.flat())].map(way).join("; ");
  return invalidRequest("config.missing", `${id} needs ${names}: ${ways}`);
}
