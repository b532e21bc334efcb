/** Reads a program's own configuration. */
import schema from "../../schemas/runtime-config.schema.json" with { type: "json" };
import { type Config, schemaOf, type Settings, withFallbacks } from "./setting.ts";
import { type ConfigSource, readProfiles } from "./profiles.ts";
import { readSettings } from "./settings.ts";
import { ConfigProblems } from "./tree.ts";

/**
 * The values of a YAML text. `${NAME}` and `${NAME:-default}` in it are variables; below `profiles` are, by name, settings that win
 * over the others when `source.profile` names them.
 * @throws ConnectorError `config.invalid`: every mistake with file, line and column, what was found and what is right.
 */
export function parseConfig<const S extends Settings>(
  text: string,
  settings: S,
  source: ConfigSource,
): Config<S> {
  const problems = new ConfigProblems(source.file);
  const { root, others } = readProfiles(text, source, problems);
  // Durations, sizes and the like are those of the daemon's configuration.
  const { $defs } = schema;
  for (const [name, node] of others) {
    readSettings(node, { ...schemaOf(settings, true), $defs }, problems, `profiles.${name}`);
  }
  const values = readSettings(root, { ...schemaOf(settings, false), $defs }, problems);
  problems.throwIfAny();
  return withFallbacks(settings, values);
}
