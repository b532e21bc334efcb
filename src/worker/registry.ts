/** The served connectors with their clients, which are created on first use. */
import { ConnectorError } from "../core/errors.ts";
import { passwordsIn } from "../core/secrets/passwords.ts";
import { Secrets } from "../core/secrets/secrets.ts";
import { didYouMean } from "../core/suggest.ts";
import type { ConnectorClient } from "../connector/call/client.ts";
import type {
  ConnectorDefinition,
  JsonSchema,
  OperationDefinition,
} from "../connector/definition/definition.ts";
import type { ConnectorConfig } from "./options/connector_config.ts";
import type { ServingOptions } from "./options/serving_options.ts";
import { tenantOf } from "./options/tenants.ts";
import { createPlaceHider } from "./problem/places.ts";
import { type Breach, createChecker } from "../schema/check.ts";

export interface Entry {
  readonly definition: ConnectorDefinition;
  readonly operations: ReadonlyMap<string, OperationDefinition>;
  /** The client as it is configured for the tenant. Throws an InvalidRequest `config.missing` if something is missing. */
  client(tenant?: string): ConnectorClient;
  /** Why the connector cannot be called yet; undefined when it can. */
  missing(tenant?: string): string | undefined;
  /** False while none of its options are set: it may still work, but nobody set it up. */
  readonly inUse: boolean;
  check(operationId: string, input: JsonSchema, value: unknown): readonly Breach[];
}

export interface Registry {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Blanks configured secrets out of a text. */
  redact(text: string): string;
  /** Blanks out where this server connects to. */
  hidePlaces(text: string): string;
}

export function createRegistry(options: ServingOptions): Registry {
  const secrets = new Secrets(secretsOf(options));
  const entries = new Map(
    options.connectors.map((definition) => [
      definition.id,
      createEntry(definition, options, secrets),
    ]),
  );
  return {
    entries,
    redact: (text) => secrets.redact(text),
    hidePlaces: createPlaceHider(hostsOf(options)),
  };
}

function createEntry(
  definition: ConnectorDefinition,
  options: ServingOptions,
  secrets: Secrets,
): Entry {
  const { id } = definition;
  const make = (...over: (ConnectorConfig | undefined)[]): ConnectorClient =>
    definition.create({
      ...Object.assign({}, options.config[id], ...over) as ConnectorConfig,
      env: options.env,
      runtime: options.runtime,
    });
  let shared: ConnectorClient | undefined;
  /** Of the tenants that have something of their own. */
  const clients = new WeakMap<ConnectorConfig, ConnectorClient>();
  const open = (tenant = ""): ConnectorClient => {
    const own = tenantOf(options.tenants, tenant)?.config?.[id];
    const learned = options.learned(tenant, id);
    const key = learned ?? own;
    if (key === undefined) return shared ??= make();
    const known = clients.get(key);
    if (known !== undefined) return known;
    for (const value of Object.values(learned ?? {})) {
      if (typeof value === "string") secrets.add(value);
    }
    const client = make(own, learned);
    clients.set(key, client);
    return client;
  };
  return {
    definition,
    operations: new Map(definition.operations.map((operation) => [operation.id, operation])),
    client: open,
    missing(tenant) {
      try {
        open(tenant);
        return undefined;
      } catch (error) {
        if (error instanceof ConnectorError) return error.message;
        throw error;
      }
    },
    inUse: definition.config.length === 0 || options.config[definition.id] !== undefined ||
      definition.config.some(({ env }) => env !== undefined && Boolean(options.env(env))),
    check: createChecker(definition.types),
  };
}

function* secretsOf({ connectors, config, tenants, env }: ServingOptions): Generator<string> {
  const all = [config, ...Object.values(tenants).map((tenant) => tenant.config ?? {})];
  for (const { id, config: fields } of connectors) {
    for (const field of fields) {
      if (!field.secret) continue;
      for (const one of all) {
        const given = one[id]?.[field.name];
        if (typeof given === "string") yield* [given, ...passwordsIn(given)];
      }
      const variable = field.env === undefined ? undefined : env(field.env);
      if (variable !== undefined) yield* [variable, ...passwordsIn(variable)];
    }
  }
}

/** The servers that the configuration sends connectors to, instead of the well-known ones in their specs. */
function* hostsOf({ config, tenants }: ServingOptions): Generator<string> {
  for (const one of [config, ...Object.values(tenants).map((tenant) => tenant.config ?? {})]) {
    for (const { baseURL } of Object.values(one)) {
      if (typeof baseURL === "string") yield URL.parse(baseURL)?.hostname ?? "";
    }
  }
}

/** `No connector "opnai". Did you mean "openai"?` */
export function unknownName(kind: string, name: string, known: Iterable<string>): string {
  return `There is no ${kind} "${name.slice(0, 100)}".${didYouMean(name, known)}`;
}
