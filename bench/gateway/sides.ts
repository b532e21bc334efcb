/** The gateways that are compared, each as a process of its own, and how a chat completion is asked of each. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { RuntimeClient } from "../../src/client/mod.ts";
import { freePort, start, type Started } from "../lib/processes.ts";

/** Fetched for the measurement; not a dependency. */
const PORTKEY = "@portkey-ai/gateway@1.15.2";
const KEY = "sk-bench";

export const SIDES = ["direct", "bare Hono", "worker", "daemon", "Portkey"] as const;
export type Side = (typeof SIDES)[number];

export interface Gateway {
  /** Undefined for none. */
  readonly process: Started | undefined;
  /** Asks for a completion; resolves with the body of its answer. */
  ask(body: string): Promise<ReadableStream<Uint8Array>>;
}

export async function withGateways<T>(
  use: (gateways: Readonly<Record<Side, Gateway>>) => Promise<T>,
): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const started = async (...args: Parameters<typeof start>): Promise<Started> => {
    const child = await start(...args);
    stack.defer(() => child.stop());
    return child;
  };
  const chat = await started(["bench/gateway/chat_main.ts"], /chat ready/);
  const host = `127.0.0.1:${portOf(chat)}`;
  const upstream = `http://${host}/v1`;

  const hono = await started(["bench/gateway/hono_main.ts", upstream], /hono ready/);
  const workerPort = await freePort();
  const target = ["--allow", host, "--base-url", `openai=${upstream}`];
  const worker = await started(
    ["cli/main.ts", "worker", "--port", String(workerPort), ...target],
    /http:\/\//,
    { env: { OPENAI_API_KEY: KEY } },
  );
  const address = `unix:${join(folder, "runtime.sock")}`;
  const flags = ["--listen", address, "--allow", host];
  const daemon = await started(["cli/main.ts", "runtime", ...flags], /ready/i);
  const client = await RuntimeClient.connect(address);
  stack.defer(() => client.close());
  // On Bun like the others; on Node 24 it answers every stream with 500.
  const portkeyPort = await freePort();
  const portkey = await started(
    [await fetchPortkey(folder), `--port=${portkeyPort}`, "--headless"],
    /Ready for connections/,
    { timeoutMs: 30_000 },
  );

  const own = { "content-type": "application/json", authorization: `Bearer ${KEY}` };
  const over = (url: string, headers: Record<string, string>): Gateway["ask"] => async (body) => {
    const { status, body: answer } = await fetch(url, { method: "POST", headers, body });
    if (status !== 200 || answer === null) throw new Error(`${url} answered ${status}`);
    return answer;
  };
  return await use({
    direct: { process: undefined, ask: over(`${upstream}/chat/completions`, own) },
    "bare Hono": {
      process: hono,
      ask: over(`http://127.0.0.1:${portOf(hono)}/v1/chat/completions`, own),
    },
    worker: {
      process: worker,
      ask: over(`http://127.0.0.1:${workerPort}/connectors/openai/chat.completions.create`, {
        "content-type": "application/json",
      }),
    },
    daemon: {
      process: daemon,
      async ask(body) {
        const request = { method: "POST", url: `${upstream}/chat/completions`, headers: own, body };
        return (await client.streamHTTP(request)).body;
      },
    },
    Portkey: {
      process: portkey,
      ask: over(`http://127.0.0.1:${portkeyPort}/v1/chat/completions`, {
        ...own,
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": upstream,
      }),
    },
  });
}

function portOf({ line }: Started): number {
  return Number(line.split(" ").at(-1));
}

/** The file that starts it. */
async function fetchPortkey(folder: string): Promise<string> {
  await writeFile(join(folder, "package.json"), "{}");
  const { status, stderr } = spawnSync(process.execPath, ["add", "--exact", PORTKEY], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${PORTKEY} cannot be fetched: ${stderr}`);
  return join(folder, "node_modules/@portkey-ai/gateway/build/start-server.js");
}
