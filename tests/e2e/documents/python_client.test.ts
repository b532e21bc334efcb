/** examples/python/vastar.py, written from docs/protocol.md, against a daemon. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../tools/lib/run.ts";
import { OWN_RUNTIME, type Program, startProgram } from "../../support/process.ts";
import { titled } from "../../support/runtimes.ts";
import { startUpstream, until, type UpstreamServer } from "../../support/upstream.ts";
import { type ServedSimulator, serveSimulator } from "../worker/worker_support.ts";

const EXAMPLE = join(import.meta.dirname, "../../../examples/python");
const OLD = "import sys; sys.exit(sys.version_info < (3, 9))";
const found = spawnSync("python3", ["-c", OLD]);
const missing = found.status === 0
  ? undefined
  : `python3 ${found.error === undefined ? "is older than 3.9" : "is not on PATH"}`;

/** Does everything in one process, and prints what came of it as JSON. */
const CALLS = `
import json, sys, threading
from vastar import CallFailed, Runtime

address, api, upstream = sys.argv[1:]
seen = {}
chat = {"model": "gpt-4o-mini", "stream": True, "messages": [{"role": "user", "content": "capital of France"}]}
headers = {"content-type": "application/json"}

def failure(call):
    try:
        call()
    except CallFailed as error:
        return [error.code, error.error_class, error.sent]

with Runtime(address, tenant="python") as runtime:
    response = runtime.call("GET", upstream + "/json")
    seen["whole"] = [response.status, len(response.read()), response.header("content-type")]
    seen["status"] = runtime.call("GET", upstream + "/not-found").status

    text = ""
    pieces = 0
    for data in runtime.call("POST", api + "/chat/completions", headers, json.dumps(chat).encode()).events():
        if data == "[DONE]":
            break
        text += json.loads(data)["choices"][0]["delta"].get("content") or ""
        pieces += 1
    seen["stream"] = [text, pieces > 2]

    # More than all credit, in both directions.
    large = bytes(range(256)) * 12000
    seen["large"] = runtime.call("POST", upstream + "/echo", body=large).read() == large

    stalled = runtime.call(
        "POST", api + "/chat/completions", {**headers, "x-simulator-fault": "kind=stall;after=1"}, json.dumps(chat).encode()
    )
    next(iter(stalled))
    threading.Timer(0.05, stalled.cancel).start()
    seen["cancelled"] = failure(stalled.read)

    seen["refused"] = failure(lambda: runtime.call("GET", "http://169.254.169.254/"))
    seen["late"] = failure(lambda: runtime.call("GET", upstream + "/hang", timeout_ms=50))
    broken = runtime.call("GET", upstream + "/reset-mid")
    seen["broken"] = failure(broken.read)

    bodies = [None] * 20
    def one(n):
        bodies[n] = runtime.call("POST", upstream + "/echo", body=str(n).encode()).read().decode()
    threads = [threading.Thread(target=one, args=(n,)) for n in range(20)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    seen["together"] = bodies == [str(n) for n in range(20)]
seen["closed"] = failure(lambda: runtime.call("GET", upstream + "/json"))
print(json.dumps(seen))
`;

describe("the client in Python", () => {
  let folder: string;
  let api: ServedSimulator;
  let upstream: UpstreamServer;
  let daemon: Program;
  let address: string;
  beforeAll(async () => {
    if (missing !== undefined) return;
    folder = await mkdtemp(join(tmpdir(), "python-"));
    api = await serveSimulator({});
    upstream = await startUpstream();
    address = `unix:${join(folder, "d.sock")}`;
    daemon = startProgram(OWN_RUNTIME, "cli/main.ts", [
      "runtime",
      "--listen",
      address,
      "--allow",
      "loopback",
    ]);
    await daemon.waitFor(/ready/i);
  });
  afterAll(async () => {
    await daemon?.stop();
    await upstream?.close();
    await api?.server.stop(0);
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const python = (...args: string[]) =>
    run("python3", args, { cwd: EXAMPLE, env: { PYTHONDONTWRITEBYTECODE: "1" } });

  test.skipIf(missing !== undefined)(
    titled("speaks the session: bodies, streams, credit, cancellation, errors", missing),
    async () => {
      const base = `${api.server.url}/v1`;
      const { ok, output } = await python("-c", CALLS, address, base, upstream.url);
      expect([ok, output]).toEqual([true, output]);
      expect(JSON.parse(output)).toEqual({
        whole: [200, 74, "application/json"],
        status: 404,
        stream: ["The capital of France is Paris.", true],
        large: true,
        cancelled: ["call.cancelled", "Permanent", "maybe"],
        refused: ["egress.denied", "Permanent", "no"],
        late: ["deadline.exceeded", "Timeout", "maybe"],
        broken: [expect.any(String), expect.any(String), "committed"],
        together: true,
        closed: ["client.closed", "Permanent", "no"],
      });
      await until(() => api.simulator.stats().active === 0, "the cancelled call to end");
    },
  );

  test.skipIf(missing !== undefined)(titled("prints a streamed answer", missing), async () => {
    const base = `${api.server.url}/v1`;
    const { ok, output } = await python("vastar.py", address, "capital of France", base);
    expect([ok, output.trim()]).toEqual([true, "The capital of France is Paris."]);
  });
});
