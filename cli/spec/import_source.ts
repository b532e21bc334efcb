/** The text of a document: from a file, from standard input, or from a server. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { DEFAULT_LIMITS } from "../../codegen/load/limits.ts";
import { decode } from "../../codegen/load/read.ts";
import { joinBytes } from "../../src/core/bytes.ts";
import { type ConnectorError, invalidRequest } from "../../src/core/errors.ts";

const STDIN = 0;
const FETCH_MS = 60_000;
const { maxBytes: MAX_BYTES } = DEFAULT_LIMITS;

/** Undefined if `path` is not an address. */
export function addressOf(path: string): URL | undefined {
  return /^https?:\/\//i.test(path) ? URL.parse(path) ?? undefined : undefined;
}

/** A source as messages name it: an address without what may be secret in it. */
export function sourceName(path: string): string {
  const url = addressOf(path);
  if (url !== undefined) return url.origin + url.pathname;
  return path === "-" ? "stdin" : path;
}

/** @throws ConnectorError `import.not_readable`. */
export async function readSource(path: string, cwd: string): Promise<string> {
  const url = addressOf(path);
  return url === undefined ? readFile(path, cwd) : textOf(path, await fetched(path, url));
}

/** @throws ConnectorError `import.not_readable`. */
export function readFile(path: string, cwd: string): string {
  let bytes: Uint8Array | undefined;
  try {
    bytes = path === "-" ? readFileSync(STDIN) : readUpTo(resolve(cwd, path), MAX_BYTES);
  } catch (error) {
    throw refusal(path, error instanceof Error ? error.message : String(error), error);
  }
  return textOf(path, bytes);
}

function textOf(path: string, bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length > MAX_BYTES) {
    throw refusal(path, `it has more than ${MAX_BYTES} bytes`);
  }
  const { text, problem } = decode(bytes);
  if (problem !== undefined) throw refusal(path, problem.message);
  return text;
}

function refusal(path: string, reason: string, cause?: unknown): ConnectorError {
  return invalidRequest(
    "import.not_readable",
    `${sourceName(path)} cannot be read: ${reason}`,
    cause,
  );
}

/** The address itself was asked for, wherever it is; a redirect may only lead to the public internet. */
async function fetched(path: string, url: URL): Promise<Uint8Array> {
  const { RuntimeClient } = await import("../../src/client/mod.ts");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  await using client = new RuntimeClient({
    address: "embedded:",
    egress: { allow: [`${url.hostname}:${port}`] },
    maxResponseBytes: MAX_BYTES,
  });
  let status: number;
  let bytes: Uint8Array;
  try {
    const response = await client.executeHTTP({
      url: url.href,
      headers: { accept: "application/json, application/yaml, text/yaml, */*;q=0.5" },
      timeoutMs: FETCH_MS,
    });
    status = response.status;
    bytes = response.body;
  } catch (error) {
    throw refusal(path, error instanceof Error ? error.message : String(error), error);
  }
  if (status !== 200) throw refusal(path, `the server answered with ${status}`);
  return bytes;
}

/** Undefined if larger. Read in pieces, since a pipe or device has no size and may never end. */
function readUpTo(path: string, max: number): Uint8Array | undefined {
  const file = openSync(path, "r");
  try {
    const chunks: Uint8Array[] = [];
    for (let size = 0; size <= max;) {
      const chunk = new Uint8Array(1024 * 1024);
      const read = readSync(file, chunk);
      if (read === 0) return joinBytes(chunks, size);
      size += read;
      chunks.push(chunk.subarray(0, read));
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}
