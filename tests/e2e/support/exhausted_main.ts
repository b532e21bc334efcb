/** Calls from a process without file descriptors, then with some again. Prints one JSON text per call. */
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { toConnectorError } from "../../../src/core/errors.ts";
import { platform } from "#platform";
import { createEngine } from "../../../src/engine/engine.ts";

/** The first call, while all is well, goes to another server: no connection of its is used again. */
const [, , url = "", warmUrl] = process.argv;
const engine = createEngine({}, { platform });

async function call(url: string): Promise<void> {
  const outcome = await engine.call({
    tenantId: "default",
    workspaceId: "",
    traceId: "",
    connector: "http",
    operation: "request",
    method: "GET",
    url,
    headers: [],
    body: null,
    timeoutMs: 10_000,
  }).then(
    ({ status }) => ({ status }),
    (error: unknown) => toConnectorError(error).toJSON(),
  );
  console.log(JSON.stringify(outcome));
}

if (warmUrl !== undefined) await call(warmUrl);
const taken: number[] = [];
try {
  for (;;) taken.push(openSync("/dev/null", "r"));
} catch {
  // None is left.
}
await call(url);
for (const descriptor of taken) closeSync(descriptor);
await call(url);
await engine.close();
process.exit(0);
