/** How soon `vastar mcp` is there, and what it weighs. */
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Figure, Target } from "../lib/report.ts";
import { median } from "../lib/stats.ts";
import { root, run } from "./documents.ts";

const atMost = (value: number): Target => ({ is: "at most", value });

interface Started {
  readonly ms: number;
  /** Of the processor, of all threads: what does not depend on what else runs. */
  readonly busyMs: number;
  readonly mb: number;
  readonly searchMs: number;
  readonly searchMb: number;
}

/** From the start of the process to its list of tools, and to what it finds first. */
async function start(command: readonly string[], connectors: string): Promise<Started> {
  const before = performance.now();
  const child = Bun.spawn([...command, "mcp", "--connectors", connectors], {
    cwd: root,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const send = (message: object) => {
    void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    void child.stdin.flush();
  };
  const answer = async (id: number): Promise<void> => {
    while (!text.includes(`"id":${id}`)) {
      const { done, value } = await reader.read();
      if (done) throw new Error("vastar mcp ended by itself");
      text += value;
    }
  };
  const memory = async () =>
    Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;
  const clientInfo = { name: "bench", version: "1" };
  send({
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo },
  });
  send({ method: "notifications/initialized" });
  send({ id: 2, method: "tools/list" });
  await answer(2);
  const ms = performance.now() - before;
  const mb = await memory();
  const busyMs = await processorTime(child.pid);
  const asked = performance.now();
  const call = { name: "search", arguments: { query: "create an issue" } };
  send({ id: 3, method: "tools/call", params: call });
  await answer(3);
  const searchMs = performance.now() - asked;
  const searchMb = await memory();
  await child.stdin.end();
  await child.exited;
  return { ms, busyMs, mb, searchMs, searchMb };
}

/** A tick is 10 ms. */
async function processorTime(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export async function startFigures(folder: string, rounds: number): Promise<Figure[]> {
  const bundle = join(folder, "bundle");
  await run(
    root,
    "build",
    "cli/main.ts",
    "--target=bun",
    "--minify",
    "--splitting",
    `--outdir=${bundle}`,
  );
  const connectors = join(folder, "started");
  await mkdir(connectors);
  await cp(join(folder, "connectors/github"), join(connectors, "github"), { recursive: true });
  const ways = {
    "the executable's bundle": [process.execPath, join(bundle, "main.js")],
    "the sources": [process.execPath, join(root, "cli/main.ts")],
  };
  const measured = new Map<string, Started[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(ways)) {
      measured.set(name, [...measured.get(name) ?? [], await start(command, connectors)]);
    }
  }
  return [...measured].flatMap(([name, all]) => {
    const middle = (key: keyof Started) => median(all.map((one) => one[key]));
    return [
      {
        name: `${name}: start to first list`,
        value: middle("ms"),
        unit: "ms",
        target: atMost(150),
      },
      { name: `${name}: processor time by then`, value: middle("busyMs"), unit: "ms" },
      { name: `${name}: memory then`, value: middle("mb"), unit: "MB", target: atMost(60) },
      {
        name: `${name}: first search, which loads the connector`,
        value: middle("searchMs"),
        unit: "ms",
      },
      { name: `${name}: memory then`, value: middle("searchMb"), unit: "MB" },
    ] satisfies Figure[];
  });
}
