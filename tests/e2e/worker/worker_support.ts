import type { HttpServer } from "../../../src/core/serve/http_server.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
} from "../../../src/simulator/mod.ts";
import { type Program, startProgram } from "../../support/process.ts";
import type { RuntimeName } from "../../support/runtimes.ts";

export const CHAT = "/connectors/openai/chat.completions.create";

export interface RunningWorker {
  readonly program: Program;
  readonly url: string;
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
}

/** Variables that the worker must not inherit from the environment of the tests. */
const CLEAN = {
  OPENAI_API_KEY: undefined,
  OPENAI_BASE_URL: undefined,
  ANTHROPIC_API_KEY: undefined,
  PORT: undefined,
  VASTAR_RUNTIME: undefined,
  VASTAR_ALLOW: undefined,
};

export async function startWorker(
  name: RuntimeName,
  args: readonly string[] = [],
  env: Readonly<Record<string, string | undefined>> = {},
  file = "cli/main.ts",
): Promise<RunningWorker> {
  const program = startProgram(name, file, ["worker", "--port", "0", ...args], {
    ...CLEAN,
    ...env,
  });
  const [, url = ""] = await program.waitFor(/Worker ready on (http:\S+)/);
  return {
    program,
    url,
    post: (path, body, init = {}) =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...init,
      }),
  };
}

export interface ServedSimulator {
  readonly simulator: Simulator;
  readonly server: HttpServer;
  /** Arguments and variables that point a worker's OpenAI connector here. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A simulator in the test's own process, so that the test knows what it sent and which clients left. */
export async function serveSimulator(options: SimulatorOptions): Promise<ServedSimulator> {
  const simulator = createSimulator(options);
  const server = await serveHttp({
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    fetch: (request) => simulator.fetch(request),
  });
  const target = server.url.replace("http://", "");
  return {
    simulator,
    server,
    args: ["--base-url", `openai=${server.url}/v1`, "--allow", target],
    env: { OPENAI_API_KEY: "sk-right-and-secret" },
  };
}

export function hello(extra: object = {}): object {
  return { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello" }], ...extra };
}

/** Reads until `done` says that it has enough, then leaves. */
export async function readUntil(
  response: Response,
  done: (text: string) => boolean,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true });
    if (done(text)) break;
  }
  return text;
}

/** The parsed `data:` of each event but `[DONE]`. */
export function dataOf(text: string): unknown[] {
  return text.split("\n").filter((line) => line.startsWith("data: {")).map((line): unknown =>
    JSON.parse(line.slice(6))
  );
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("It did not come true within 30 s.");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
