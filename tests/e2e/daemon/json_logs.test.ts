/** With JSON logs, a line that is not JSON breaks their readers. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../src/client/mod.ts";
import { startProgram } from "../../support/process.ts";
import { runtime } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { startUpstream, until } from "../../support/upstream.ts";
import { spawnDaemon } from "../support/daemon_process.ts";

interface Line {
  readonly level: string;
  readonly message: string;
}

function parsed(text: string): Line[] {
  return text.trim().split("\n").map((line) => JSON.parse(line) as Line);
}

for (const name of OWN_SHARE) {
  const { missing } = runtime(name);
  if (missing !== undefined) {
    test.skip(`JSON logs on ${name}: ${missing}`, () => {});
    continue;
  }
  describe(`JSON logs on ${name}`, () => {
    const running: { kill(): Promise<void> }[] = [];
    afterAll(async () => {
      for (const daemon of running) await daemon.kill();
    });

    test(
      "at level debug a call leaves a record with its trace, and nothing that was sent",
      async () => {
        const folder = mkdtempSync(join(tmpdir(), "vj-"));
        const config = join(folder, "c.yaml");
        writeFileSync(config, "log: { format: json, level: debug }\n");
        const upstream = await startUpstream();
        const daemon = spawnDaemon(name, [
          ...["--listen", `unix:${join(folder, "r.sock")}`, "--config", config],
          ...["--allow", `127.0.0.1:${upstream.port}`],
        ]);
        running.push(daemon);
        await until(() => daemon.stdout().endsWith("\n"), "the ready line", 30_000);
        const traceId = "0af7651916cd43dd8448eb211c80319c";
        const client = new RuntimeClient({ address: `unix:${join(folder, "r.sock")}` });
        await client.executeHTTP({
          method: "POST",
          url: `${upstream.url}/json?key=hunter2`,
          headers: { "x-api-key": "hunter2" },
          body: "hunter2",
          traceparent: `00-${traceId}-b7ad6b7169203331-01`,
        });
        await until(() => daemon.stderr().includes(traceId), "the record", 10_000);
        await client.close();
        daemon.signal("SIGTERM");
        expect(await daemon.exit).toBe(0);
        await upstream.close();
        const [record] = parsed(daemon.stderr()).filter(({ level }) => level === "debug");
        expect(record).toMatchObject({
          tenantId: "default",
          host: `127.0.0.1:${upstream.port}`,
          attempts: 1,
          trace: { traceId, parentId: "b7ad6b7169203331" },
        });
        expect(daemon.stderr()).not.toContain("hunter2");
        rmSync(folder, { recursive: true });
      },
      60_000,
    );

    test("the ready line, a reload, a refused reload and the end are records", async () => {
      const folder = mkdtempSync(join(tmpdir(), "vj-"));
      const config = join(folder, "c.yaml");
      writeFileSync(config, "log: { format: json }\n");
      const daemon = spawnDaemon(name, ["--listen", "tcp://127.0.0.1:0", "--config", config]);
      running.push(daemon);
      await until(() => daemon.stdout().endsWith("\n"), "the ready line", 30_000);
      const said = (part: string) => until(() => daemon.stderr().includes(part), part, 10_000);
      writeFileSync(config, "log: { format: json }\nlimits: { maxOpenCalls: 5 }\n");
      daemon.signal("SIGHUP");
      await said("a restart is needed for daemon.maxOpenCalls");
      writeFileSync(config, "log: { format: jsn }\n");
      daemon.signal("SIGHUP");
      await said("the old one stays");
      daemon.signal("SIGTERM");
      expect(await daemon.exit).toBe(0);
      const [ready, ...more] = parsed(daemon.stdout());
      expect(more).toEqual([]);
      expect(ready).toMatchObject({
        level: "info",
        message: expect.stringMatching(/^vastar runtime ready on tcp:/),
        listen: [expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+$/)],
      });
      const records = parsed(daemon.stderr());
      expect(records.map(({ message }) => message)).toContain("stopped");
      expect(records.length).toBeGreaterThan(3);
      rmSync(folder, { recursive: true });
    }, 60_000);

    test("a start that fails is a record", async () => {
      const folder = mkdtempSync(join(tmpdir(), "vj-"));
      const config = join(folder, "c.yaml");
      writeFileSync(config, "log: { format: json }\nlisten: unix:/nowhere-at-all/x.sock\n");
      const daemon = spawnDaemon(name, ["--config", config]);
      running.push(daemon);
      expect(await daemon.exit).toBe(1);
      expect(daemon.stdout()).toBe("");
      expect(parsed(daemon.stderr())).toMatchObject([{
        level: "error",
        code: "listen.not_found",
        message: expect.stringMatching(/^not started: the folder of/),
      }]);
      rmSync(folder, { recursive: true });
    }, 60_000);

    for (const ending of ["exception", "rejection"]) {
      test(
        `the console, warnings and an uncaught ${ending} are records without secrets`,
        async () => {
          const program = startProgram(name, "tests/e2e/support/talkative_main.ts", [ending]);
          expect(await program.exited).toBe(1);
          const records = parsed(program.output());
          expect(records.map(({ level }) => level)).toEqual([
            "info",
            "warning",
            "warning",
            "error",
          ]);
          expect(records.map(({ message }) => message)).toEqual([
            "said\nin two lines 1",
            "warned Error: with [redacted]",
            expect.stringContaining("beware"),
            "unexpected failure: Error: broken [redacted]",
          ]);
          expect(program.output()).not.toContain("s3cr3t");
        },
        60_000,
      );
    }
  });
}
