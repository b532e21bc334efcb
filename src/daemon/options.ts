/** The options of a daemon, and their defaults. */
import { wholeAboveZero } from "../core/check_number.ts";
import { invalidRequest } from "../core/errors.ts";
import { formatNatsAddress, type NatsAddress } from "../core/pool/nats_address.ts";
import type { SocketAddress } from "../core/platform.ts";
import type { Placement } from "../nats/placement.ts";
import { MAX_FRAME_BYTES } from "../wire/mod.ts";
import { listenError } from "./listen/listen_error.ts";
import { formatAddress } from "./listen/listener.ts";
import type { AccessToken } from "./connection/tokens.ts";

/** A pool of runtimes that the daemon is a member of. */
export interface JoinOptions {
  readonly address: NatsAddress;
  /** What calls it takes from there. Default: all. */
  readonly only?: Placement;
  /** How it is called in figures of the pool. Default: its id. */
  readonly name?: string;
  /** Shared by all members, for calls that are made later: seals what waits, signs what webhooks get. Default: there are none. */
  readonly secret?: string | undefined;
}

export interface DaemonOptions {
  /** Where to serve; at least one, unless it joins a pool. TCP that is not loopback needs `tokens`. */
  readonly listen: readonly SocketAddress[];
  /** A server of NATS that is not on loopback needs `tokens`, as TCP does. Default: none. */
  readonly join?: JoinOptions | undefined;
  /** Who may open sessions. Default: none, so anyone who can reach a Unix socket or loopback may. */
  readonly tokens?: readonly AccessToken[];
  /** Timeout of calls without one, in ms. Default: 60,000. */
  readonly callTimeoutMs?: number;
  /** How long a client may pause in the middle of a frame, in ms. Default: 30,000. */
  readonly frameTimeoutMs?: number;
  /** Largest frame accepted, in bytes. Default: 10 MiB, also the maximum; the minimum is 256 KiB. */
  readonly maxFrameBytes?: number;
  /** Open calls per connection; more are refused. Default: 10,000. */
  readonly maxOpenCalls?: number;
  /** Bytes waiting for one peer to read them; above this its connection is closed. Default: 64 MiB. */
  readonly maxUnsentBytes?: number;
  /** Open connections; more are closed at once. Default: 10,000. */
  readonly maxConnections?: number;
  /** Request body bytes that a session accepts for one call before the upstream takes some. Default: 256 KiB. */
  readonly callCredit?: number;
  /** The same for all calls of a session together. Default: 1 MiB. */
  readonly connectionCredit?: number;
  /**
   * Bytes of bodies that one connection may have in memory: requests that upstreams have not taken yet, responses that are
   * being collected for a base client. Calls that would hold more are refused. Default: 256 MiB.
   */
  readonly maxHeldBytes?: number;
  /**
   * Bytes that all connections together may have in memory, in any form: unsent, held by calls, or of frames that have
   * not arrived completely. When there is no room, the one that holds most makes way for one that holds less than an equal share.
   * Default: 512 MiB.
   */
  readonly maxBufferedBytes?: number;
  /**
   * Open calls of all connections together. Half of them go to whoever comes first, the other half in equal
   * parts to all; more are refused. Default: 20,000.
   */
  readonly maxCalls?: number;
  /** Unparseable frames in a row after which a connection is closed. Default: 8. */
  readonly maxGarbageFrames?: number;
  /** Largest response collected for a base client, in bytes. Default: 10 MiB. */
  readonly maxBaseBodyBytes?: number;
}

export type ResolvedDaemonOptions =
  & Required<Omit<DaemonOptions, "join">>
  & { readonly join: JoinOptions | undefined };

const KIB = 1024;
const MIB = 1024 * KIB;
/** Smaller frames could not carry a piece of a body and a head. */
export const MIN_FRAME_BYTES: number = 256 * KIB;
/** A grant is a signed 32-bit number. */
const MAX_CREDIT = 0x7fff_ffff;

/** @throws ConnectorError `config.option`, `listen.token_required`. */
export function resolveDaemonOptions(options: DaemonOptions): ResolvedDaemonOptions {
  const resolved = {
    listen: options.listen,
    join: options.join,
    tokens: options.tokens ?? [],
    callTimeoutMs: positive("callTimeoutMs", options.callTimeoutMs ?? 60_000),
    frameTimeoutMs: positive("frameTimeoutMs", options.frameTimeoutMs ?? 30_000),
    maxFrameBytes: within(
      "maxFrameBytes",
      options.maxFrameBytes ?? MAX_FRAME_BYTES,
      MIN_FRAME_BYTES,
      MAX_FRAME_BYTES,
    ),
    maxOpenCalls: positive("maxOpenCalls", options.maxOpenCalls ?? 10_000),
    maxUnsentBytes: positive("maxUnsentBytes", options.maxUnsentBytes ?? 64 * MIB),
    maxConnections: positive("maxConnections", options.maxConnections ?? 10_000),
    callCredit: within("callCredit", options.callCredit ?? 256 * KIB, 1, MAX_CREDIT),
    connectionCredit: within("connectionCredit", options.connectionCredit ?? MIB, 1, MAX_CREDIT),
    maxHeldBytes: positive("maxHeldBytes", options.maxHeldBytes ?? 256 * MIB),
    maxBufferedBytes: positive("maxBufferedBytes", options.maxBufferedBytes ?? 512 * MIB),
    maxCalls: positive("maxCalls", options.maxCalls ?? 20_000),
    maxGarbageFrames: positive("maxGarbageFrames", options.maxGarbageFrames ?? 8),
    maxBaseBodyBytes: positive("maxBaseBodyBytes", options.maxBaseBodyBytes ?? 10 * MIB),
  };
  if (resolved.listen.length === 0 && resolved.join === undefined) {
    throw invalidRequest(
      "config.option",
      "daemon option listen is empty; name at least one address",
    );
  }
  if (
    resolved.join !== undefined && poolNeedsToken(resolved.join) && resolved.tokens.length === 0
  ) {
    throw listenError(
      "listen.token_required",
      `${
        formatNatsAddress(resolved.join.address)
      } can be reached from other machines and no access token is set; ` +
        "set VASTAR_TOKEN or tokens in the configuration, or use a server of NATS on 127.0.0.1.",
    );
  }
  for (const address of resolved.listen) {
    if (!needsToken(address) || resolved.tokens.length > 0) continue;
    throw listenError(
      "listen.token_required",
      `${formatAddress(address)} can be reached from other machines and no access token is set; ` +
        "set VASTAR_TOKEN or tokens in the configuration, or listen on 127.0.0.1 or a Unix socket.",
    );
  }
  return resolved;
}

/** True for TCP that other machines may reach. A name other than localhost may resolve to anything. */
export function needsToken(address: SocketAddress): boolean {
  if (address.kind === "unix") return false;
  const host = address.host.toLowerCase();
  return host !== "localhost" && host !== "::1" && !/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** A member trusts NATS as it trusts a TCP client. */
export function poolNeedsToken({ address }: JoinOptions): boolean {
  return address.servers.some(({ host, port }) => needsToken({ kind: "tcp", host, port }));
}

function within(name: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw invalidRequest(
    "config.option",
    `daemon option ${name} is ${value}; it must be a whole number from ${least} to ${most}`,
  );
}

function positive(name: string, value: number): number {
  return wholeAboveZero("config.option", `daemon option ${name}`, value);
}
