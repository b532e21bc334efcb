/** What the daemon tells systemd, received by a stand-in for its socket; and the unit, checked by systemd's own checker. */
import { expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OWN_RUNTIME } from "../../support/process.ts";
import { titled } from "../../support/runtimes.ts";
import { until } from "../../support/upstream.ts";
import { startDaemonProcess } from "../support/daemon_process.ts";

const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    data, fds, _, _ = socket.recv_fds(s, 4096, 4)
    for fd in fds: socket.close(fd)
    print(data.decode(), flush=True)
`;
const has = (program: string) => spawnSync(program, ["--version"]).status === 0;
const missing = !has("python3")
  ? "no runtime can receive Unix datagrams, and there is no python3 that would"
  : has("systemd-notify")
  ? undefined
  : "there is no systemd-notify";

(missing === undefined ? test : test.skip)(
  titled("systemd is told of the start, a reload, the end, and that it lives", missing),
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "vn-"));
    const listener = spawn("python3", ["-c", LISTENER, join(folder, "notify")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let heard = "";
    listener.stdout.on("data", (chunk) => heard += String(chunk));
    const lines = () => heard.split("\n").filter((line) => /^[A-Z]+=/.test(line));
    const said = () => lines().filter((line) => !/^(?:WATCHDOG|BARRIER)=/.test(line));
    try {
      await until(() => heard.includes("bound"), "the listener");
      writeFileSync(join(folder, "runtime.yaml"), "{}\n");
      const daemon = await startDaemonProcess(OWN_RUNTIME, [
        ...["--listen", `unix:${join(folder, "r.sock")}`],
        ...["--config", join(folder, "runtime.yaml")],
      ], { NOTIFY_SOCKET: join(folder, "notify"), WATCHDOG_USEC: "400000" });
      await until(() => said().length === 1, "the start");
      await until(() => lines().includes("WATCHDOG=1"), "a sign of life");
      daemon.signal("SIGHUP");
      await until(() => said().length === 3, "the reload");
      daemon.signal("SIGTERM");
      expect(await daemon.exit).toBe(0);
      await until(() => said().length === 4, "the end");
      expect(said()).toEqual(["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"]);
      expect(daemon.stderr()).not.toContain("systemd");
    } finally {
      listener.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  },
  90_000,
);

const noAnalyze = has("systemd-analyze") ? undefined : "there is no systemd-analyze";
(noAnalyze === undefined ? test : test.skip)(
  titled("docs/deploy/vastar-runtime.service is a sound unit", noAnalyze),
  () => {
    const unit = readFileSync(
      new URL("../../../docs/deploy/vastar-runtime.service", import.meta.url),
      "utf8",
    );
    const folder = mkdtempSync(join(tmpdir(), "vu-"));
    try {
      // The checker wants the programs to be there.
      const program = join(folder, "vastar");
      writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
      mkdirSync(join(folder, "units"));
      const file = join(folder, "units", "vastar-runtime.service");
      writeFileSync(file, unit.replaceAll("/usr/local/bin/vastar", program));
      const { stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], {
        encoding: "utf8",
      });
      expect(`${stdout}${stderr}`.split("\n").filter((line) => line.includes("vastar"))).toEqual(
        [],
      );
      // It would notice a key that does not exist.
      writeFileSync(
        file,
        unit.replaceAll("/usr/local/bin/vastar", program) + "\n[Service]\nNo=1\n",
      );
      const wrong = spawnSync("systemd-analyze", ["verify", "--man=no", file], {
        encoding: "utf8",
      });
      expect(`${wrong.stdout}${wrong.stderr}`).toContain("No");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
