/** Which runtime a command without an address means. */
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { DEFAULT_SOCKET_PATH } from "../../../../src/client/options.ts";
import { identityOf, writeState } from "../../../../cli/runtime/background/state.ts";
import { vastar } from "../support.ts";

// A runtime of somebody else, where clients look, would be meant instead.
const nobody = !existsSync(DEFAULT_SOCKET_PATH);

test.skipIf(!nobody)(
  nobody
    ? "the only one that runs in the background, wherever it listens; none of several"
    : `the only one in the background: skipped, there is a runtime on ${DEFAULT_SOCKET_PATH}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "vastar-only-"));
    try {
      const env = { VASTAR_STATE_DIR: folder };
      const asked = async () => (await vastar(["status"], { cwd: folder, env })).stdout;
      const began = (name: string, pid: number, identity = identityOf(pid) ?? "") => {
        const address = `unix:${join(folder, name)}`;
        const log = join(folder, "log");
        const startedAt = new Date().toISOString();
        const state = { pid, identity, listen: [address], options: {}, log, startedAt };
        writeState(address, state, (key) => env[key as keyof typeof env]);
        return address;
      };
      // One that has ended is none.
      began("ended.sock", process.pid, "another process");
      expect(await asked()).toContain(DEFAULT_SOCKET_PATH);
      const only = began("one.sock", process.pid);
      expect(await asked()).toContain(`${only} does not answer, though its process is there`);
      began("two.sock", process.pid);
      expect(await asked()).toContain(DEFAULT_SOCKET_PATH);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
