/**
 * A port that answers no SYN: its queue of connections is full and its owner never accepts one. Linux drops what comes
 * then, so connecting hangs as it does behind a firewall.
 */
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

export interface Deaf {
  readonly port: number;
  close(): Promise<void>;
}

const OWNER = `
  const { createServer } = require("node:net");
  const { parentPort } = require("node:worker_threads");
  const server = createServer((socket) => socket.on("error", () => {}));
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    // Asleep, the thread accepts nothing.
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000), 20);
  });
`;

export async function startDeaf(): Promise<Deaf> {
  const worker = new Worker(OWNER, { eval: true });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  await new Promise((resolve) => setTimeout(resolve, 60));
  // Bun keeps 512 in the queue whatever it is asked for; the others keep what they are asked for.
  let connected = 0;
  const sockets: Socket[] = Array.from({ length: 600 }, () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.once("connect", () => connected++);
    return socket;
  });
  for (let before = -1; before !== connected;) {
    before = connected;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (connected === sockets.length) throw new Error("the queue did not fill up");
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await worker.terminate();
    },
  };
}
