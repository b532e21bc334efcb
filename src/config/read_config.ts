/** Reads the configuration file of the runtime. */
import schema from "../../schemas/runtime-config.schema.json" with { type: "json" };
import { type ConfigSource, readProfiles } from "./profiles.ts";
import { NO_CONFIG, type RuntimeConfig } from "./runtime_config.ts";
import { readSettings, splitList } from "./settings.ts";
import { withPolicy } from "./shared_policy.ts";
import { checkTenancy, withPlaceOfSecret } from "./tenant_config.ts";
import { type ConfigNode, ConfigProblems } from "./tree.ts";

/** A profile has the same settings as the file, but no profiles of its own. */
const { profiles: _, ...properties } = schema.properties;
const PROFILE = { ...schema, properties };

/** Nested like the settings, `*` for any name: each function throws for text that its setting cannot be. */
export interface Checks {
  readonly [name: string]: Checks | Check;
}

export interface Check {
  (text: string): unknown;
  /** The text is one, commas included, and no list. */
  readonly whole?: true;
}

export interface RuntimeConfigSource extends ConfigSource {
  /** Checks that the schema cannot express. */
  readonly checks?: Checks;
  /** The text of the policy of all, if there is one. */
  readonly policy?: string | undefined;
}

/** The settings under the file's names, values converted. */
type Settings = Partial<Omit<RuntimeConfig, "tokens">> & {
  readonly tokens?: readonly { readonly token: string; readonly tenant?: string }[];
};

/**
 * Profiles that were not chosen are checked too, except for values from the environment.
 * @throws ConnectorError `config.invalid`: every mistake with file, line and column, what was found and what is right.
 */
export function readRuntimeConfig(text: string, source: RuntimeConfigSource): RuntimeConfig {
  const problems = new ConfigProblems(source.file);
  const { root: own, others } = readProfiles(
    text,
    { ...source, env: withPlaceOfSecret(source.env) },
    problems,
  );
  const root = source.policy === undefined ? own : withPolicy(own, source.policy, problems);
  const read = (node: ConfigNode, path?: string): Settings => {
    if (source.checks !== undefined) checkAll(node, source.checks, problems, path);
    const known = path === undefined ? schema : PROFILE;
    return readSettings(node, known, problems, path) as Settings;
  };
  for (const [name, node] of others) read(node, `profiles.${name}`);
  const { tokens, ...settings } = read(root);
  checkTenancy(root, problems);
  problems.throwIfAny();
  return {
    ...NO_CONFIG,
    ...settings,
    tokens: tokens?.map(({ token, tenant }) => ({ token, tenantId: tenant })) ?? [],
  };
}

function checkAll(
  node: ConfigNode | undefined,
  checks: Checks,
  problems: ConfigProblems,
  path: string | undefined,
): void {
  for (const [name, check] of Object.entries(checks)) {
    for (const [key, inner] of name === "*" ? all(node) : [[name, one(node, name)] as const]) {
      const where = path === undefined ? key : `${path}.${key}`;
      if (typeof check === "function") checkTexts(inner, check, problems, where);
      else checkAll(inner, check, problems, where);
    }
  }
}

function one(node: ConfigNode | undefined, name: string): ConfigNode | undefined {
  return node?.kind === "map" ? node.entries.get(name)?.node : undefined;
}

function all(node: ConfigNode | undefined): (readonly [string, ConfigNode])[] {
  if (node?.kind === "list") return node.items.map((item, at) => [String(at), item]);
  return node?.kind === "map" ? [...node.entries].map(([key, entry]) => [key, entry.node]) : [];
}

/** A list of texts, or one text with commas. */
function checkTexts(
  found: ConfigNode | undefined,
  check: Check,
  problems: ConfigProblems,
  name: string,
): void {
  for (const node of found?.kind === "list" ? found.items : [found]) {
    if (node?.kind !== "value" || node.value === null) continue;
    const isList = node === found && check.whole !== true;
    const texts = isList ? splitList(String(node.value)) : [String(node.value)];
    for (const text of texts) {
      try {
        check(text);
      } catch (error) {
        problems.add(node, `${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
