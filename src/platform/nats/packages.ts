/** The optional packages of NATS, loaded when an address or a queue asks for them. */
import { loadPackage } from "../../core/optional_package.ts";

export type NatsModule = typeof import("@nats-io/transport-node");
export type JetStreamModule = typeof import("@nats-io/jetstream");

export type KvModule = typeof import("@nats-io/kv");

/** A bundler would look for a package that is named in an import, and fail without it. */
const [TRANSPORT, JETSTREAM, KV] = [
  "@nats-io/transport-node",
  "@nats-io/jetstream",
  "@nats-io/kv",
] as const;

/** A program that is made into one file puts imports here that its bundler sees. */
export const packages: {
  transport: () => Promise<NatsModule>;
  jetstream: () => Promise<JetStreamModule>;
  kv: () => Promise<KvModule>;
} = {
  transport: () => import(TRANSPORT) as Promise<NatsModule>,
  jetstream: () => import(JETSTREAM) as Promise<JetStreamModule>,
  kv: () => import(KV) as Promise<KvModule>,
};

const NEEDS = "A pool of runtimes needs";

/** @throws ConnectorError `package.missing`. */
export function loadNats(): Promise<NatsModule> {
  return loadPackage(packages.transport, NEEDS, TRANSPORT);
}

/** @throws ConnectorError `package.missing`. */
export function loadJetStream(): Promise<JetStreamModule> {
  return loadPackage(packages.jetstream, NEEDS, JETSTREAM);
}

/** @throws ConnectorError `package.missing`. */
export function loadKv(): Promise<KvModule> {
  return loadPackage(packages.kv, NEEDS, KV);
}
