/** The daemon of this machine, for clients that may choose their runtime. */
import type { Transport } from "../core/call.ts";
import { type OpenOptions, openTransport } from "./open.ts";

/** A daemon that does not answer within this is passed over. Milliseconds. */
const FIND_MS = 1000;

/**
 * A connected transport to the daemon on this socket; undefined if none answers. A socket of another user is passed over: anybody can
 * put one into a folder for everybody, and would see every credential.
 */
export async function findDaemon(
  path: string,
  options: OpenOptions,
): Promise<Transport | undefined> {
  if (!await options.platform.ownsSocket?.(path)) return undefined;
  const { connectTimeoutMs = FIND_MS } = options;
  const daemon = await openTransport({ kind: "unix", path }, {
    ...options,
    connectTimeoutMs: Math.min(connectTimeoutMs, FIND_MS),
  });
  try {
    await daemon.connect();
    return daemon;
  } catch {
    // A socket that a daemon left behind, or a daemon that wants a token: this process can do without.
    await daemon.close();
    return undefined;
  }
}
