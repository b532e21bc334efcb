/** The demo's configuration, read from config.yaml with types; every mistake is reported with its line. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import schema from "../../schemas/runtime-config.schema.json" with { type: "json" };
import { ConfigProblems, readSettings, readTree } from "../../src/config/mod.ts";

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

const text = { type: "string" };
const onOrOff = { enum: ["true", "false"] };
const duration = { $ref: "#/$defs/duration" };
const strings = { $ref: "#/$defs/strings" };

const SCHEMA = {
  ...section({
    runtime: section({ address: text, timeout: duration, allow: strings }),
    api: section({ baseUrl: text, apiKey: text, model: text }, "baseUrl", "apiKey"),
    simulator: section({
      start: onOrOff,
      port: { $ref: "#/$defs/count" },
      chunkDelay: duration,
    }),
    features: section({ streaming: onOrOff, sequential: onOrOff, errors: onOrOff }),
    questions: strings,
  }, "api"),
  // Durations and the like are written as in the daemon's configuration.
  $defs: schema.$defs,
};

function section<T>(properties: T, ...required: string[]) {
  return { type: "object", additionalProperties: false, properties, required };
}

/** As in the file, times in ms. */
interface Settings {
  readonly runtime?: {
    readonly address?: string;
    readonly timeout?: number;
    readonly allow?: readonly string[];
  };
  readonly api: { readonly baseUrl: string; readonly apiKey: string; readonly model?: string };
  readonly simulator?: {
    readonly start?: string;
    readonly port?: number;
    readonly chunkDelay?: number;
  };
  readonly features?: {
    readonly streaming?: string;
    readonly sequential?: string;
    readonly errors?: string;
  };
  readonly questions?: readonly string[];
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
  const settings = readSettings(tree, SCHEMA, problems);
  problems.throwIfAny();
  const { runtime, api, simulator, features, questions } = settings as unknown as Settings;
  return {
    runtime: {
      address: runtime?.address ?? "embedded:",
      timeoutMs: runtime?.timeout ?? 60_000,
      allow: runtime?.allow ?? [],
    },
    api: { ...api, model: api.model ?? "gpt-4o-mini" },
    simulator: {
      start: simulator?.start === "true",
      port: simulator?.port ?? 4545,
      chunkDelayMs: simulator?.chunkDelay ?? 20,
    },
    features: {
      streaming: features?.streaming !== "false",
      sequential: features?.sequential !== "false",
      errors: features?.errors !== "false",
    },
    questions: questions ?? ["Hello"],
  };
}
