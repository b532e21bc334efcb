/** Tests with servers of NATS of their own. */
import { test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDaemon } from "../../../src/daemon/mod.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { platform } from "#platform";
import { listen } from "../../../src/platform/listen.ts";
import { joinPool, type JoinPoolOptions } from "../../../src/platform/nats/join_pool.ts";
import { parseNatsAddress } from "../../../src/transport/nats_address.ts";
import { natsBinaryMissing } from "../../support/nats.ts";
import { titled } from "../../support/runtimes.ts";

export const it = (
  title: string,
  run: (folder: string, stack: AsyncDisposableStack) => Promise<void>,
): void =>
  test.skipIf(natsBinaryMissing !== undefined)(titled(title, natsBinaryMissing), async () => {
    await using stack = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), "vn-"));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    await run(folder, stack);
  }, 60_000);

/** A member in this process. */
export async function joinAt(
  address: string,
  allow: string,
  stack: AsyncDisposableStack,
  { secret, ...options }: JoinPoolOptions & { readonly secret?: string } = {},
): Promise<void> {
  const engine = createEngine({ egress: { allow: [allow] } }, { platform });
  const daemon = createDaemon(
    { listen: [], join: { address: parseNatsAddress(address), secret } },
    { engine, listen, join: (at, side) => joinPool(at, side, options) },
  );
  await daemon.start();
  stack.defer(async () => {
    await daemon.stop();
    await engine.close();
  });
}
