/**
 * A program's own configuration: a YAML file with variables and profiles, read with types.
 *
 * ```ts
 * import { loadConfig, setting } from "@vastar/connector/config";
 *
 * const config = await loadConfig("config.yaml", {
 *   api: { baseUrl: setting.text(), timeout: setting.duration(30_000) },
 * });
 * console.log(config.api.baseUrl, config.api.timeout);
 * ```
 *
 * @module
 */
import { platform } from "#platform";
import { type Config, parseConfig, type Settings } from "./config/mod.ts";
import { invalidRequest } from "./core/errors.ts";

export {
  clientOptions,
  type Config,
  type ConfigSource,
  type ConfiguredClient,
  parseConfig,
  type RuntimeSettings,
  runtimeSettings,
  Setting,
  setting,
  type Settings,
} from "./config/mod.ts";

export interface LoadConfigOptions {
  /** Which of the file's `profiles` wins over the rest. Default: `VASTAR_PROFILE`, else none. */
  readonly profile?: string | undefined;
  /** Where `${NAME}` is looked up. Default: the environment. */
  readonly env?: ((name: string) => string | undefined) | undefined;
}

/**
 * The file's values by these settings.
 * @throws ConnectorError `config.not_readable`; `config.invalid`: every mistake with file, line and column.
 */
export async function loadConfig<const S extends Settings>(
  file: string | URL,
  settings: S,
  options: LoadConfigOptions = {},
): Promise<Config<S>> {
  const path = file instanceof URL ? decodeURIComponent(file.pathname) : file;
  const env = options.env ?? ((name: string) => platform.env(name));
  const profile = options.profile ?? (env("VASTAR_PROFILE") || undefined);
  return parseConfig(await read(file, path), settings, { file: path, env, profile });
}

async function read(file: string | URL, path: string): Promise<string> {
  try {
    if (platform.readText === undefined) throw new Error("this runtime has no files");
    return await platform.readText(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalidRequest("config.not_readable", `${path} cannot be read: ${why}`, error);
  }
}
