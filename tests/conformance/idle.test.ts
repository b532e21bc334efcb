import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "bun:test";
import { startUpstream } from "../support/upstream.ts";
import { startHost, thisRuntime } from "./hosts.ts";

describe("an idle connection", () => {
  for (const name of ["unix", "tcp", "nats", "embedded"] as const) {
    test(`${name}: does not keep a program alive that forgot to close its client`, async () => {
      const upstream = await startUpstream();
      const host = await startHost(name, [`127.0.0.1:${upstream.port}`]);
      const runtime = thisRuntime();
      const main = fileURLToPath(new URL("./idle_main.ts", import.meta.url));
      const child = spawn(
        runtime.path,
        runtime.script(main, host.address, `${upstream.url}/json`),
        {
          stdio: ["ignore", "pipe", "inherit"],
          env: { ...process.env, VASTAR_ALLOW: `127.0.0.1:${upstream.port}` },
          timeout: 30_000,
        },
      );
      let printed = "";
      child.stdout.on("data", (bytes: Uint8Array) => printed += new TextDecoder().decode(bytes));
      const code = await new Promise((resolve) => child.once("close", resolve));
      await host.stop();
      await upstream.close();
      expect([code, printed.trim()]).toEqual([0, "200"]);
    });
  }
});
