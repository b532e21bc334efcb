/** CommandIo of the real process, on Bun, Deno and Node. */
import process from "node:process";
import { writeSync } from "node:fs";
import type { CommandIo } from "./command.ts";

export function processIo(): CommandIo {
  return {
    stdout: (text) => write(1, text),
    stderr: (text) => write(2, text),
    env: (name) => process.env[name],
    cwd: process.cwd(),
    interactive: process.stderr.isTTY && process.env["NO_COLOR"] === undefined,
    onSignal(name, handler) {
      process.on(name, handler);
      return () => {
        process.off(name, handler);
      };
    },
  };
}

/** Written at once, so that nothing is lost when the process exits right after; a full pipe is waited for. */
function write(descriptor: 1 | 2, text: string): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      const code = (error as { code?: string }).code;
      // The reader is gone (`vastar … | head`): there is nobody left to tell.
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
