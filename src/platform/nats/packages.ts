/** The optional packages of NATS, loaded when an address or a queue asks for them. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";

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

/** @throws ConnectorError `nats.package_missing`. */
export async function loadNats(): Promise<NatsModule> {
  return await packages.transport().catch((cause) => missing(TRANSPORT, cause));
}

/** @throws ConnectorError `nats.package_missing`. */
export async function loadJetStream(): Promise<JetStreamModule> {
  return await packages.jetstream().catch((cause) => missing(JETSTREAM, cause));
}

/** @throws ConnectorError `nats.package_missing`. */
export async function loadKv(): Promise<KvModule> {
  return await packages.kv().catch((cause) => missing(KV, cause));
}

function missing(name: string, cause: unknown): never {
  throw new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "nats.package_missing",
    message: `Pools of runtimes need the package ${name}: npm install ${name}`,
    origin: "caller",
    cause,
  });
}
