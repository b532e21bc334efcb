/** The demo's configuration, read from config.yaml with types; every mistake is reported with its line. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { ConfigProblems, ConfigSection, readTree } from "../../src/config/mod.ts";

export interface DemoConfig {
  readonly runtime: {
    readonly address: string;
    readonly timeoutMs: number;
    readonly allow: readonly string[];
  };
  readonly api: { readonly baseUrl: string; readonly apiKey: string; readonly model: string };
  readonly simulator: {
    readonly start: boolean;
    readonly port: number;
    readonly chunkDelayMs: number;
  };
  readonly features: {
    readonly streaming: boolean;
    readonly sequential: boolean;
    readonly errors: boolean;
  };
  readonly questions: readonly string[];
}

/** Throws a ConnectorError `config.invalid` that lists everything that is wrong with the file. */
export async function readConfig(file: string): Promise<DemoConfig> {
  const problems = new ConfigProblems(file);
  const profile = process.env["VASTAR_PROFILE"];
  const tree = readTree(await readFile(file, "utf8"), {
    file,
    env: (name) => process.env[name],
    profile,
  }, problems);
  const root = new ConfigSection(tree, problems);
  const runtime = root.section("runtime");
  const api = root.section("api");
  const simulator = root.section("simulator");
  const features = root.section("features");
  const config: DemoConfig = {
    runtime: {
      address: runtime.string("address") ?? "embedded:",
      timeoutMs: runtime.duration("timeout") ?? 60_000,
      allow: runtime.strings("allow") ?? [],
    },
    api: {
      baseUrl: api.string("baseUrl") ?? missing(api, "baseUrl"),
      apiKey: api.string("apiKey") ?? missing(api, "apiKey"),
      model: api.string("model") ?? "gpt-4o-mini",
    },
    simulator: {
      start: simulator.boolean("start") ?? false,
      port: simulator.count("port") ?? 4545,
      chunkDelayMs: simulator.duration("chunkDelay") ?? 20,
    },
    features: {
      streaming: features.boolean("streaming") ?? true,
      sequential: features.boolean("sequential") ?? true,
      errors: features.boolean("errors") ?? true,
    },
    questions: root.strings("questions") ?? ["Hello"],
  };
  for (const section of [runtime, api, simulator, features, root]) section.done();
  problems.throwIfAny();
  return config;
}

function missing(section: ConfigSection, name: string): string {
  section.problem(name, "is missing");
  return "";
}
