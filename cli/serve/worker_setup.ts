/** Sets up a worker with its runtime, its connectors and, if a key is missing, the simulator; used by every way to start one. */
import { RuntimeClient } from "../../src/client/mod.ts";
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import { mcp } from "../../src/mcp/mod.ts";
import { parseAllowRule } from "../../src/http/allow.ts";
import {
  apiReference,
  type ConnectorConfig,
  consolePage,
  type ConsoleStandIn,
  createWorker,
  figures,
  openApi,
  type Worker,
  type WorkerTenants,
} from "../../src/worker/mod.ts";
import type { EngineOptions } from "../../src/engine/engine.ts";
import { given } from "../runtime/given.ts";
import { baseUrlVariable } from "./base_urls.ts";
import { scalarScript } from "./scalar.ts";
import { type StandIn, startStandIn, withoutKey } from "./stand_in.ts";
import type { WorkerAccess } from "./worker_access.ts";

const LINKS = { Reference: "docs", OpenAPI: "openapi.json", Readiness: "readyz" };

export interface WorkerSettings {
  readonly connectors: readonly ConnectorDefinition[];
  /** `embedded:`, `unix:/path` or `tcp://host:port`. */
  readonly address: string;
  readonly env: (name: string) => string | undefined;
  /** Destinations outside the public internet, for the embedded engine. */
  readonly allow: readonly string[];
  /** By connector id; overrides `<ID>_BASE_URL` in the environment. */
  readonly baseUrls: Readonly<Record<string, string>>;
  /** Use the simulator even if there is a key. */
  readonly alwaysSimulate: boolean;
  readonly corsOrigins: readonly string[];
  /** Who may call. */
  readonly access: WorkerAccess;
  /** How long a stream waits for whoever left it; 0: not at all. Default: the runtime's. */
  readonly resumeWindowMs?: number;
  /** See `WorkerOptions.allowedHosts`. */
  readonly allowedHosts: readonly string[] | undefined;
  /** Without secrets. */
  readonly onError: (text: string, requestId: string) => void;
}

export interface RunningWorker {
  readonly worker: Worker;
  readonly standIn: StandIn | undefined;
  /** Messages for the user, besides that it is ready. */
  readonly notices: readonly string[];
  /** Ends the runtime and the simulator. */
  close(): Promise<void>;
}

export async function setUpWorker(settings: WorkerSettings): Promise<RunningWorker> {
  const { connectors, address, env } = settings;
  // Checked now: the engine is created by the first call, whose caller cannot fix them.
  for (const rule of settings.allow) parseAllowRule(rule);
  const config: Record<string, ConnectorConfig> = {};
  for (const { id } of connectors) {
    const baseURL = settings.baseUrls[id] ?? env(baseUrlVariable(id));
    if (baseURL !== undefined && baseURL !== "") config[id] = { baseURL };
  }
  // Whoever has keys for callers must not get made-up answers for a secret that was forgotten, or that each tenant has.
  const simulated = settings.alwaysSimulate || settings.access.access === "development"
    ? withoutKey(connectors, env, settings.alwaysSimulate)
    : [];
  const silent = simulated.filter((id) => config[id] === undefined);
  const standIn = silent.length === 0 ? undefined : await startStandIn(connectors, silent);
  for (const id of silent) if (standIn !== undefined) config[id] = standIn.config(id);

  const embedded = address === "embedded:";
  const allow = [...settings.allow, ...(embedded && standIn !== undefined ? [standIn.target] : [])];
  const howToPermit = (rule: string) =>
    `start the worker with --allow ${rule} or VASTAR_ALLOW=${rule}`;
  const { access, tenants, publicUrl } = settings.access;
  const runtime = new RuntimeClient({
    address,
    // What a tenant may not use, the engine refuses too, whoever asks it.
    engine: {
      egress: { allow, howToPermit },
      ...(embedded && { tenants: engineRules(tenants) }),
      ...(settings.resumeWindowMs && { keep: { ageMs: settings.resumeWindowMs } }),
    },
  });
  const worker = createWorker({
    connectors,
    runtime,
    access,
    tenants,
    resume: settings.resumeWindowMs !== 0,
    ...(publicUrl === undefined ? {} : { publicUrl }),
    parts: [
      consolePage({ links: LINKS, standIns: standInsOf(standIn) }),
      figures(),
      openApi(),
      apiReference({ script: scalarScript }),
      mcp(),
      ...settings.access.parts,
    ],
    config,
    env,
    corsOrigins: settings.corsOrigins,
    ...(settings.allowedHosts === undefined ? {} : { allowedHosts: settings.allowedHosts }),
    onError: settings.onError,
  });
  return {
    worker,
    standIn,
    notices: [
      ...standIn === undefined ? [] : [simulatorNotice(settings, standIn, embedded)],
      ...settings.access.notices,
    ],
    async close() {
      await runtime.close();
      await standIn?.server.stop(0);
    },
  };
}

/** For the code that the console shows. The key is one that the simulator takes from anybody. */
function standInsOf(standIn: StandIn | undefined): Record<string, ConsoleStandIn> {
  return Object.fromEntries((standIn?.ids ?? []).map((id) => {
    const { baseURL, ...options } = standIn?.config(id) ?? { baseURL: "" };
    return [id, { baseURL, options }];
  }));
}

function engineRules(tenants: WorkerTenants): NonNullable<EngineOptions["tenants"]> {
  return Object.fromEntries(
    Object.entries(tenants).map(([name, { connectors, operations, methods }]) => [
      name,
      given({ connectors, operations, methods }),
    ]),
  );
}

function simulatorNotice(
  { connectors, address, alwaysSimulate }: WorkerSettings,
  standIn: StandIn,
  embedded: boolean,
): string {
  const keys = connectors.filter(({ id }) => standIn.ids.includes(id)).flatMap(({ config }) =>
    config.filter((field) => field.secret && !field.optional).map((field) =>
      field.env ?? field.name
    )
  );
  const why = alwaysSimulate ? "" : `${keys.join(", ")} is not set: `;
  const rest = embedded
    ? ""
    : `; the runtime at ${address} must be started with --allow ${standIn.target}`;
  return `${why}${
    standIn.ids.join(", ")
  } is answered by the bundled simulator on ${standIn.server.url}${rest}`;
}
