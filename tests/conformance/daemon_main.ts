/**
 * A daemon as a process of its own: `daemon_main.ts ADDRESS OPTIONS [SECRET]`, the engine's as JSON, and the secret of a pool. Prints the address it listens on, then serves until it
 * is killed, or drains on SIGTERM. Without the command line, so that this suite tests the runtime and not its options.
 */
import process from "node:process";
import { platform } from "#platform";
import type { SocketAddress } from "../../src/core/platform.ts";
import { createDaemon, formatAddress, type Listen } from "../../src/daemon/mod.ts";
import { joinPool } from "../../src/platform/nats/join_pool.ts";
import { parseNatsAddress } from "../../src/transport/nats_address.ts";
import { createEngine, type EngineOptions } from "../../src/engine/engine.ts";

const [address = "", options = "", secret] = process.argv.slice(2);
const engine = createEngine(JSON.parse(options) as EngineOptions, { platform });
const pool = address.startsWith("nats:") ? parseNatsAddress(address) : undefined;
const daemon = createDaemon(
  pool === undefined
    ? { listen: [toAddress(address)] }
    : { listen: [], join: { address: pool, name: `pid ${process.pid}`, secret } },
  {
    engine,
    listen: await listener(),
    // A job of a member that was killed is soon another's.
    join: (at, side) => joinPool(at, side, { jobs: { ackWaitMs: 1_000 } }),
  },
);
process.once("SIGTERM", () => void daemon.drain(30_000).then(() => process.exit(0)));
await daemon.start();
console.log(pool === undefined ? daemon.addresses.map(formatAddress).join("\n") : address);

async function listener(): Promise<Listen> {
  if ("Bun" in globalThis) return (await import("../../src/platform/bun/listen.ts")).listen;
  if ("Deno" in globalThis) return (await import("../../src/platform/deno/listen.ts")).listen;
  return (await import("../../src/platform/node/listen.ts")).listen;
}

/** Port 0 picks a free one; client addresses cannot have it. */
function toAddress(text: string): SocketAddress {
  if (text.startsWith("unix:")) return { kind: "unix", path: text.slice("unix:".length) };
  return { kind: "tcp", host: "127.0.0.1", port: Number(text.split(":").at(-1)) };
}
