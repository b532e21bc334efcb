/** Each operation of a generated client, called at Prism, which says what its document forbids. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RuntimeClient } from "../../src/client/mod.ts";
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import type { ConnectorRuntime } from "../../src/connector/data/runtime.ts";
import { inputFor } from "./inputs.ts";

export interface Violation {
  readonly operation: string;
  readonly message: string;
}

export interface Mocked {
  readonly calls: number;
  /** For which no input could be made. */
  readonly skipped: readonly string[];
  readonly violations: readonly Violation[];
}

const PACKAGE = "@stoplight/prism-cli@5";
const START_MS = 120_000;
const CALL_MS = 20_000;

export async function mock(document: string, client: string, most: number): Promise<Mocked> {
  const module = await import(pathToFileURL(join(client, "definition.gen.ts")).href) as {
    readonly definition: ConnectorDefinition;
  };
  const port = await freePort();
  const prism = await start(document, port);
  try {
    return await callAll(module.definition, `http://127.0.0.1:${port}`, most);
  } finally {
    prism.kill("SIGKILL");
  }
}

async function callAll(
  definition: ConnectorDefinition,
  url: string,
  most: number,
): Promise<Mocked> {
  const violations: Violation[] = [];
  const skipped: string[] = [];
  let at = "";
  let path = "";
  let isForm = false;
  const inner = new RuntimeClient({
    address: "embedded:",
    engine: { egress: { allow: [new URL(url).host] } },
  });
  const runtime: ConnectorRuntime = {
    call: async (request) => {
      const reply = await inner.call(request);
      path = new URL(request.url).pathname;
      const found = reply.headers.filter(([name]) => name.toLowerCase() === "sl-violations");
      for (const [, value] of found) {
        for (
          const message of (JSON.parse(value) as Found[]).flatMap((one) => forbidden(one, isForm))
        ) {
          violations.push({ operation: at, message });
        }
      }
      return reply;
    },
  };
  const fields = definition.config.map(({ name, schema }) => [name, inputFor(schema, {}) ?? "a"]);
  const client = definition.create({
    ...Object.fromEntries(fields) as object,
    baseURL: Object.fromEntries(Object.keys(definition.servers).map((name) => [name, url])),
    runtime,
  });
  let calls = 0;
  for (const { id, input, body } of definition.operations.slice(0, most)) {
    at = id;
    isForm = body?.kind === "form" || body?.kind === "multipart";
    const value = inputFor(input, definition.types);
    if (value === undefined) {
      skipped.push(id);
      continue;
    }
    calls++;
    const before = violations.length;
    try {
      const answer = await definition.invoke(client, id, value, { retries: 0, timeoutMs: CALL_MS });
      if (typeof answer === "object" && answer !== null && "cancel" in answer) {
        await (answer.cancel as () => Promise<void>)();
      }
    } catch (error) {
      if (violations.length > before) continue;
      violations.push(
        ...refusals(error, path, isForm).map((message) => ({ operation: id, message })),
      );
    }
  }
  await inner.close();
  return { calls, skipped, violations };
}

interface Problem {
  readonly type?: unknown;
  readonly title?: string;
  readonly detail?: string;
  readonly validation?: readonly Found[];
}

interface Found {
  readonly location: readonly string[];
  readonly severity: string;
  readonly message: string;
}

/** Prism answers what a document forbids with a problem of its own; other errors are answers of the document. */
function refusals(error: unknown, path: string, isForm: boolean): string[] {
  const { body, code, message } = error as { body?: unknown; code?: string; message: string };
  const { type, title, detail = "", validation } = (body ?? {}) as Problem;
  if (typeof type !== "string" || !type.includes("prism/errors")) {
    return code?.startsWith("request.") === true ? [`${code}: ${message}`] : [];
  }
  if (validation !== undefined) return validation.flatMap((one) => forbidden(one, isForm));
  if (isForm && detail.startsWith("Cannot deserialize")) return [];
  // A document whose examples do not fit it is not a fault of the request, and what a redirect leads to is not in it.
  if (/NO_|NOT_ACCEPTABLE|INVALID_(?!CONTENT)|UNKNOWN/.test(type) && !detail.includes(path)) {
    return [];
  }
  return [`${title}: ${detail}`];
}

/**
 * Nothing for what is wrong with an answer: those are made by Prism. Of a part of a form it knows only the text, so that a list or
 * an object in one is always wrong to it.
 */
function forbidden({ location, severity, message }: Found, isForm: boolean): string[] {
  if (severity !== "Error" || location[0] === "response") return [];
  if (isForm && location.includes("body") && /must be (?:array|object)/.test(message)) return [];
  return [`${location.join(".")}: ${message}`];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Fetched by npx when it is not installed. */
function start(document: string, port: number): Promise<ChildProcess> {
  const args = [
    "--yes",
    PACKAGE,
    "mock",
    "--errors",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    document,
  ];
  const child = spawn("npx", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const prism = Object.assign(child, {
    kill: () => child.pid === undefined ? false : killGroup(child.pid),
  });
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => fail(`nothing after ${START_MS / 1000} s`), START_MS);
    const fail = (why: string): void => {
      clearTimeout(timer);
      prism.kill();
      reject(new Error(`Prism did not start: ${why}\n${said.slice(-2000)}`));
    };
    const hear = (chunk: Uint8Array): void => {
      said = (said + new TextDecoder().decode(chunk)).slice(-20_000);
      if (!said.includes("Prism is listening")) return;
      clearTimeout(timer);
      resolve(prism);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", (code) => fail(`it ended with ${code}`));
  });
}

/** npx starts Prism as a process of its own. */
function killGroup(pid: number): boolean {
  try {
    globalThis.process.kill(-pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}
