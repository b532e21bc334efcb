/** CommandIo of the real process, on Bun, Deno and Node. */
import process from "node:process";
import { writeSync } from "node:fs";
import type { CommandIo } from "./command.ts";

export function processIo(): CommandIo {
  let closed = false;
  return {
    stdout: (content) => {
      closed ||= !write(1, content);
    },
    stderr: (text) => {
      write(2, text);
    },
    stdoutClosed: () => closed,
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

/**
 * Writes synchronously, so that nothing is lost if the process exits right after; waits for a full pipe. False if the
 * reader is gone.
 */
function write(descriptor: 1 | 2, content: string | Uint8Array): boolean {
  let bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === "EPIPE") return false;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  return true;
}
