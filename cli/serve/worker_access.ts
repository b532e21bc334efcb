/** Who may call a worker started from the command line or the environment. */
import { readFile } from "node:fs/promises";
import { invalidRequest } from "../../src/core/errors.ts";
import type { WorkerConfig } from "../../src/config/mod.ts";
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import { keyFile } from "../../src/platform/entry/key_file.ts";
import {
  type Access,
  apiKeys,
  DEVELOPMENT_NOTICE,
  jwt,
  logins,
  type WorkerPart,
  type WorkerTenant,
  type WorkerTenants,
} from "../../src/worker/mod.ts";

import { openLogins } from "./worker_logins.ts";

export interface AccessSettings {
  /** Absolute; a configuration file. */
  readonly config: string | undefined;
  /** Absolute; a file of keys. */
  readonly keys: string | undefined;
  /** Anyone may call, because something in front of the worker asks. */
  readonly open: boolean;
  readonly env: (name: string) => string | undefined;
  readonly connectors: readonly ConnectorDefinition[];
  readonly cwd: string;
  readonly onError: (text: string) => void;
}

export interface WorkerAccess {
  readonly access: Access;
  readonly tenants: WorkerTenants;
  readonly publicUrl: string | undefined;
  /** To log in with, where there is something to log in to. */
  readonly parts: readonly WorkerPart[];
  /** A prominent warning for whoever starts it. */
  readonly notices: readonly string[];
}

/** Rejects with `config.invalid`, `config.not_readable` and `keys.file`. */
export async function readAccess(settings: AccessSettings): Promise<WorkerAccess> {
  const { connectors, env } = settings;
  const config = settings.config === undefined
    ? {}
    : await readWorkerFile(settings.config, env, connectors);
  const login = await openLogins(config, env, settings.cwd, settings.onError);
  const keys = settings.keys ?? config.keys;
  const known = [
    ...keys === undefined ? [] : [apiKeys(await keyFile(keys, settings.onError))],
    ...(config.jwt ?? []).map((one) => jwt(one)),
  ];
  const tenants = Object.fromEntries(
    Object.entries(config.tenants ?? {}).map(([name, { limit, ...tenant }]): [
      string,
      WorkerTenant,
    ] => [name, { ...tenant, ...(limit && { limit: limitOf(limit) }) }]),
  );
  const base = {
    tenants,
    publicUrl: config.publicUrl,
    parts: login === undefined ? [] : logins(login),
  };
  if (known.length > 0) {
    if (settings.open) {
      throw invalidRequest(
        "worker.options",
        "The worker cannot both require keys (--keys, --config) and none (--open): leave one out.",
      );
    }
    return { ...base, access: known, notices: [] };
  }
  return settings.open
    ? {
      ...base,
      access: "open",
      notices: ["OPEN: no key is required; anyone who can reach this worker may call."],
    }
    : { ...base, access: "development", notices: [DEVELOPMENT_NOTICE] };
}

/** Rejects with `config.invalid` and `config.not_readable`. */
export async function readWorkerFile(
  path: string,
  env: (name: string) => string | undefined,
  connectors: readonly ConnectorDefinition[],
): Promise<WorkerConfig> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw invalidRequest("config.not_readable", `Cannot read the configuration ${path}.`, error);
  });
  // Few workers have one, and reading YAML costs more than the rest of the start.
  const { readWorkerConfig } = await import("../../src/config/mod.ts");
  const fields = Object.fromEntries(
    connectors.map(({ id, config }) => [
      id,
      ["baseURL", ...config.map(({ name }) => name)],
    ]),
  );
  return readWorkerConfig(text, { file: path, env, fields });
}

function limitOf(
  { requests, per, burst }: NonNullable<NonNullable<WorkerConfig["tenants"]>[string]["limit"]>,
): NonNullable<WorkerTenant["limit"]> {
  return { requests, perMs: per, ...(burst !== undefined && { burst }) };
}
