/** The store through which limits hold for several runtimes: the `shared` section of the configuration. */
import { resolve } from "node:path";
import { invalidRequest } from "../../../src/core/errors.ts";
import { formatNatsAddress, type NatsAddress } from "../../../src/core/pool/nats_address.ts";
import type { RuntimeConfig } from "../../../src/config/mod.ts";
import type { JoinOptions } from "../../../src/daemon/options.ts";
import { joinSecrets, poolAddress } from "../join.ts";

export interface SharedOptions {
  readonly store:
    | { readonly kind: "nats"; readonly address: NatsAddress }
    | { readonly kind: "redis"; readonly url: string; readonly name: string };
  readonly maxAwayMs: number;
  /** Where the last policy of all is kept. Undefined: it is not obeyed. */
  readonly policyFile?: string | undefined;
}

const MAX_AWAY_MS = 600_000;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws ConnectorError `config.invalid`, `address.invalid`. */
export function sharedOptions(
  config: RuntimeConfig["shared"],
  join: JoinOptions | undefined,
  cwd: string,
): SharedOptions | undefined {
  if (config === undefined) return undefined;
  const policyFile = config.policy === undefined ? undefined : resolve(cwd, config.policy);
  return { ...storeOptions(config, join), policyFile };
}

function storeOptions(
  config: NonNullable<RuntimeConfig["shared"]>,
  join: JoinOptions | undefined,
): SharedOptions {
  const { store, name, maxAway: maxAwayMs = MAX_AWAY_MS } = config;
  if (name !== undefined && !NAME.test(name)) {
    throw invalidRequest(
      "config.invalid",
      `shared.name must be up to 64 letters, digits, - and _, found ${JSON.stringify(name)}`,
    );
  }
  if (store === undefined && join === undefined) {
    throw invalidRequest(
      "config.invalid",
      "shared.store is missing: write nats://host:4222/pool or redis://host:6379; only with `join` it may be left out",
    );
  }
  if (store !== undefined && /^rediss?:/i.test(store)) {
    return { store: { kind: "redis", url: redisUrl(store), name: name ?? "runtime" }, maxAwayMs };
  }
  const address = store === undefined ? join?.address as NatsAddress : natsAddress(store);
  const named = name === undefined ? address : { ...address, pool: name };
  return { store: { kind: "nats", address: named }, maxAwayMs };
}

function natsAddress(store: string): NatsAddress {
  if (/^(nats|tls):/i.test(store)) return poolAddress(store);
  throw invalidRequest(
    "address.invalid",
    `shared.store must be nats://host:4222/pool or redis://host:6379, found ${
      JSON.stringify(withoutLogin(store))
    }`,
  );
}

function redisUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && url.hostname !== "" && /^\/?\d*$/.test(url.pathname)) return text;
  throw invalidRequest(
    "address.invalid",
    "shared.store is not the address of a Redis: write redis://user:password@host:6379/0",
  );
}

function withoutLogin(text: string): string {
  return text.replace(/\/\/[^/]*@/, "//");
}

export function sharedSecrets(shared: SharedOptions | undefined): readonly string[] {
  if (shared?.store.kind === "nats") return joinSecrets({ address: shared.store.address });
  const password = shared && URL.parse(shared.store.url)?.password;
  return password ? [password, decodeURIComponent(password)] : [];
}

/** For people: without credentials. */
export function shownShared(
  { store, policyFile: policy, maxAwayMs }: SharedOptions,
): Readonly<Record<string, unknown>> {
  if (store.kind === "nats") return { store: formatNatsAddress(store.address), policy, maxAwayMs };
  return { store: withoutLogin(store.url), name: store.name, policy, maxAwayMs };
}
