import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Program, startProgram } from "../../support/process.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { vastarHere } from "../../unit/cli/support.ts";
import { hello, readUntil, until } from "../worker/worker_support.ts";

for (const name of OWN_SHARE) {
  const { missing } = runtime(name);
  describe.skipIf(missing !== undefined)(titled(`the simulator on ${name}`, missing), () => {
    let folder = "";
    let program: Program;
    let url = "";
    const start = (...args: string[]) => startProgram(name, "cli/main.ts", ["simulator", ...args]);
    const chat = (body: object, headers: Record<string, string> = {}) =>
      fetch(`${url}/v1/chat/completions`, { method: "POST", body: JSON.stringify(body), headers });
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "answers-"));
      await writeFile(
        join(folder, "greeting.md"),
        "---\nmatch: hello\n---\nWelcome from a file.\n",
      );
      await writeFile(join(folder, "default.md"), "What?\n");
      program = start(
        "--port",
        "0",
        "--answers",
        folder,
        "--chunk-delay",
        "0",
        "--fault",
        "status=503;retry-after=2",
      );
      url = (await program.waitFor(/Simulator ready on (http:[^:]+:\d+)/))[1] ?? "";
    });
    afterAll(async () => {
      await program.stop();
      await rm(folder, { recursive: true });
    });

    test("gives its fault to the first request and its file to the next", async () => {
      const first = await chat(hello());
      expect([first.status, first.headers.get("retry-after")]).toEqual([503, "2"]);
      await first.text();
      expect(await (await chat(hello())).text()).toContain("Welcome from a file.");
    });

    test("breaks a connection where it is asked to", async () => {
      const response = await chat(hello({ stream: true }), {
        "x-simulator-fault": "kind=reset;after=2",
      });
      let text = "";
      const outcome = await readUntil(response, (got) => (text = got) === "never").catch(() =>
        "broken"
      );
      expect(outcome).toBe("broken");
      expect(text.split("\n\n").length - 1).toBe(2);
    });

    test("notices a client that leaves", async () => {
      const response = await chat(hello({ stream: true }), {
        "x-simulator-fault": "kind=stall;after=1",
      });
      await readUntil(response, (text) => text.includes("role"));
      await until(async () =>
        (await (await fetch(`${url}/health`)).json() as { cancelled: number }).cancelled === 1
      );
    });

    test("names a taken port, and ends on a signal", async () => {
      const second = start("--port", new URL(url).port);
      expect(await second.exited).toBe(1);
      expect(second.output()).toMatch(
        /in use by another process; choose another with --port or SIMULATOR_PORT/,
      );
      const third = start("--port", "0");
      await third.waitFor(/Simulator ready/);
      third.signal("SIGINT");
      expect(await third.exited).toBe(0);
    });
  });
}

/** Nothing was started, so no process need be. */
test("the simulator says what is wrong with its options", async () => {
  const cases: [string[], number, string][] = [
    [["--port", "x"], 2, "--port must be a number"],
    [["--fault", "status=9"], 1, "whole number from 200 to 599"],
    [["--answers", "/nowhere-at-all"], 1, "Cannot read the answers folder"],
    [["--chunk-size", "0"], 1, "chunkSize is 0"],
  ];
  for (const [args, code, text] of cases) {
    const ended = await vastarHere(["simulator", ...args]);
    expect([text, ended.code, ended.stderr]).toEqual([text, code, expect.stringContaining(text)]);
  }
});
