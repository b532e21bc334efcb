/** The optional packages of NATS, loaded when an address or a queue asks for them. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";

export type NatsModule = typeof import("@nats-io/transport-node");
export type JetStreamModule = typeof import("@nats-io/jetstream");

/** A bundler would look for a package that is named in an import, and fail without it. */
const [TRANSPORT, JETSTREAM] = ["@nats-io/transport-node", "@nats-io/jetstream"] as const;

/** A program that is made into one file puts imports here that its bundler sees. */
export const packages: {
  transport: () => Promise<NatsModule>;
  jetstream: () => Promise<JetStreamModule>;
} = {
  transport: () => import(TRANSPORT) as Promise<NatsModule>,
  jetstream: () => import(JETSTREAM) as Promise<JetStreamModule>,
};

/** @throws ConnectorError `nats.package_missing`. */
export async function loadNats(): Promise<NatsModule> {
  return await packages.transport().catch((cause) => missing(TRANSPORT, cause));
}

/** @throws ConnectorError `nats.package_missing`. */
export async function loadJetStream(): Promise<JetStreamModule> {
  return await packages.jetstream().catch((cause) => missing(JETSTREAM, cause));
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
