/** A refusal must help: it says to add the rule where the decision was made. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { RuntimeClient } from "../../../src/client/mod.ts";
import { folder, spec, start, type Started, vastar } from "./support.ts";

let root: Awaited<ReturnType<typeof folder>>;
let daemon: Started;
let address = "";

beforeAll(async () => {
  root = await folder({ "my-api/connector.yaml": spec("my-api") });
  address = `unix:${join(root.path, "r.sock")}`;
  daemon = start(["runtime", "--listen", address]);
  await daemon.saw(/ready on/);
}, 60_000);
afterAll(async () => {
  daemon.child.kill("SIGTERM");
  await daemon.finished;
  root.remove();
});

function call(...more: string[]) {
  const args = ["call", "./my-api", "items.get", "-f", "id=1", "--retries", "0"];
  return vastar([...args, "--base-url", "http://127.0.0.1:9", ...more], { cwd: root.path });
}

test(
  "behind a daemon: the daemon's flag and configuration, never the client's variable",
  async () => {
    const { code, stderr } = await call("--runtime", address, "--allow", "127.0.0.1:9");
    expect(code).toBe(1);
    expect(stderr).toContain(
      "To permit it: start the runtime that made the call (not its client) with --allow 127.0.0.1:9, " +
        'or add "127.0.0.1:9" to egress.allow in its configuration',
    );
    expect(stderr).not.toContain("VASTAR_ALLOW");
    await using client = new RuntimeClient({ address, egress: { allow: ["127.0.0.1:9"] } });
    const error: unknown = await client.executeHTTP({ url: "http://127.0.0.1:9/" }).catch((
      cause: unknown,
    ) => cause);
    expect((error as Error).message).toContain("start the runtime that made the call");
  },
  60_000,
);

test("embedded: what the caller can do, and it does help", async () => {
  const refused = await call();
  expect(refused.stderr).toContain("To permit it: --allow 127.0.0.1:9 or VASTAR_ALLOW=127.0.0.1:9");
  expect((await call("--allow", "127.0.0.1:9")).stderr).toContain("connect.refused");
  await using client = new RuntimeClient({ address: "embedded:" });
  const error: unknown = await client.executeHTTP({ url: "http://127.0.0.1:9/" }).catch((
    cause: unknown,
  ) => cause);
  expect((error as Error).message).toContain('`egress: { allow: ["127.0.0.1:9"] }`');
}, 60_000);
