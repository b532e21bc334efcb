/** A name server that answers some names only: whose calls wait for it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";

const MAIN = fileURLToPath(new URL("silent_names_main.ts", import.meta.url));
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vastar-names-"));
  writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:30\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A network and mounts of its own, in which the name server is the one that the command starts. */
function isolated(file: string, command: readonly string[]) {
  const setUp = `ip link set lo up && mount --bind "$0" /etc/resolv.conf && exec "$@"`;
  return spawnSync("unshare", ["-n", "-m", "sh", "-c", setUp, file, ...command], {
    encoding: "utf8",
    timeout: 60_000,
  });
}

const works = isolated("/dev/null", ["true"]).status === 0;
const reason = works
  ? undefined
  : "needs root on Linux, for a network with a name server of its own";

describe.skipIf(reason !== undefined)(titled("names that no server answers", reason), () => {
  for (const name of OWN_SHARE) {
    const { path, missing, script } = runtime(name);
    test.skipIf(missing !== undefined)(
      titled(`keep no other tenant's calls waiting on ${name}`, missing),
      () => {
        const { stdout, stderr } = isolated(join(folder, "resolv.conf"), [path, ...script(MAIN)]);
        expect(stdout === "" ? stderr : JSON.parse(stdout)).toEqual({
          statuses: [200, 200, 200, 200],
          waiting: true,
        });
      },
      60_000,
    );
  }
});
