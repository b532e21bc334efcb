/** Clients that disconnect during an upload do not leave anything in the worker's log. */
import { connect } from "node:net";
import { once } from "node:events";
import { expect, test } from "bun:test";
import { OWN_RUNTIME } from "../../support/process.ts";
import { runtime, type RuntimeName } from "../../support/runtimes.ts";
import { CHAT, hello, type RunningWorker, startWorker } from "./worker_support.ts";

// Each runtime tries itself; Node, which has no test run of its own, is tried by Bun's.
const names: RuntimeName[] = OWN_RUNTIME === "bun" ? ["bun", "node"] : ["deno"];
const CLIENTS = 50;

/** Sends half a request, with a length or in chunks, and disconnects once the worker has it. */
async function leaveMidway(worker: RunningWorker, index: number): Promise<void> {
  const socket = connect(Number(new URL(worker.url).port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  const framing = index % 3 === 0 ? "transfer-encoding: chunked" : "content-length: 100000";
  const body = index % 3 === 0 ? 'b\r\n{"model":"x\r\n' : '{"model":"x';
  socket.write(
    `POST ${CHAT} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${framing}\r\n\r\n${body}`,
  );
  await (await fetch(`${worker.url}/livez`)).text();
  const closed = once(socket, "close");
  if (index % 2 === 0) socket.resetAndDestroy();
  else socket.destroy();
  await closed;
}

for (const name of names.filter((one) => runtime(one).missing === undefined)) {
  test(`on ${name}`, async () => {
    const worker = await startWorker(name);
    try {
      const before = worker.program.output();
      await Promise.all(Array.from({ length: CLIENTS }, (_, index) => leaveMidway(worker, index)));
      // What is logged all the same is logged by the time that open requests have ended.
      expect((await worker.post(CHAT, hello())).status).toBe(200);
      worker.program.signal("SIGTERM");
      expect(await worker.program.exited).toBe(0);
      expect(worker.program.output().slice(before.length)).toBe("");
    } finally {
      await worker.program.stop();
    }
  });
}
